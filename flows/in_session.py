"""A batch in one session: one video after another, each with its own instructions and its own render."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from contextlib import AsyncExitStack
from functools import partial

from prefect_nemovideo.api import NemoVideo, OutputSpec, Session
from prefect_nemovideo.api.errors import NotAsRequested, SessionGone
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.flows.announcing import announcing
from prefect_nemovideo.flows.batch_work import Work
from prefect_nemovideo.flows.delivery import open_job_session
from prefect_nemovideo.flows.homes import home_of
from prefect_nemovideo.flows.making import Order, Prospect, look_at, make_of
from prefect_nemovideo.flows.shared import Shared, lease_of, let_go, turn_in
from prefect_nemovideo.problems import is_known
from prefect_nemovideo.progress import speaking_of, tell
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.tasks import Job, apply_edit, open_session
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import holding_client, job_key
from prefect_nemovideo.tasks.leases import alone_at

#: Rows looked at side by side, before the first is made.
LOOKS = 8


async def in_session(work: Work, numbers: list[int], credentials: str, profile: str) -> None:
    """Makes the videos of these rows; each begins by having the timeline to itself.

    A video that was edited and can still be had keeps the timeline: nothing more is edited until the same command has
    gone on with it. That one is the first then. A video that was edited in the session of an earlier batch goes on in
    that one.
    """
    account = (await load_credentials(credentials)).account()
    looked = await _looked_at(work)
    # Made of what each row is, wherever its file lies and whatever its place is.
    rows = sorted({job.key or "" if job else f"row {work.manifest.rows[n].digest}" for n, job in enumerate(looked)})
    key = job_key(
        sources=rows, instructions=[], profile=profile, output=OutputSpec(), account=account, salt="one session"
    )
    job = Job(credentials=credentials, profile=profile, key=key)
    async with alone_at(key), holding_client(job) as nemo:
        rows_in_turn = _Rows(work, job, nemo)
        await rows_in_turn.look_whose_turn([each for each in looked if each])
        for number in sorted(numbers, key=lambda number: _key(looked[number]) not in rows_in_turn.first):
            with speaking_of(work.orders[number].source_name):
                await work.carry_out(number, partial(rows_in_turn.make, number))


async def _looked_at(work: Work) -> list[Job | None]:
    """The job of each row; None where its footage can't be looked at, which its own turn tells."""
    gate = asyncio.Semaphore(LOOKS)

    async def look(order: Order) -> Job | None:
        async with gate:
            try:
                return (await look_at(order)).job
            except Exception as error:
                if not is_known(error):
                    raise
                return None

    return await asyncio.gather(*(look(order) for order in work.orders))


class _Rows:
    """The rows of a batch, made in its session.

    Args:
        job: That of the session.
    """

    def __init__(self, work: Work, job: Job, nemo: NemoVideo) -> None:
        self._work = work
        self._job = job
        self._nemo = nemo
        self._session: Session | None = None
        #: Keys of jobs that need a timeline still, with its session: nobody else edits before them.
        self.first: dict[str, str] = {}

    async def look_whose_turn(self, jobs: list[Job]) -> None:
        """Finds out which jobs go first."""
        gate = asyncio.Semaphore(LOOKS)

        async def look(job: Job) -> Session | None:
            async with gate:
                return await home_of(job)

        found = await asyncio.gather(self._opened_before(), *(look(job) for job in jobs))
        sessions = {session.session_id for session in found if session}
        for session_id in sessions:
            turn = await turn_in(session_id)
            if turn.needs and turn.last:
                self.first[turn.last] = session_id

    async def make(self, number: int) -> VideoResult:
        """Makes one row's video, unless the archive has it."""
        order = self._work.orders[number]
        order = dataclasses.replace(order, alone=True, use_only=_have_it_alone(order))
        shared: Shared | None = None
        with announcing(order.sources[0], order.batch) as announce:
            prospect = await look_at(order)
            # Left after the row's own lease: whoever has the session's waits for no other row.
            async with AsyncExitStack() as stack:

                async def start() -> Shared:
                    nonlocal shared
                    shared = await self._begun(number, prospect, stack)
                    return shared

                try:
                    video = await make_of(prospect, announce, before_start=start)
                    if shared is None:
                        await self._needs_no_more(prospect)
                    return video
                except Exception as error:
                    if shared is None:
                        if isinstance(error, NotAsRequested):
                            await self._needs_no_more(prospect)
                    else:
                        # Where that can't be kept, the timeline stays with this row.
                        with contextlib.suppress(StorageError):
                            await shared.failed(prospect.job, error)
                    raise

    async def _needs_no_more(self, prospect: Prospect) -> None:
        """The archive has the row's video: nobody waits for its timeline."""
        if session_id := self.first.get(prospect.key):
            await let_go(session_id, prospect.key)

    async def _begun(self, number: int, prospect: Prospect, stack: AsyncExitStack) -> Shared:
        """The session to make a row in, with nobody else at work in it."""
        home = await self._home(prospect)
        known = home or await self._opened_before()
        shared = await _entered(known, prospect, stack) if known else None
        await self._work.start(number)
        if home is None:
            session = await self._opened(prospect.order)
            if shared is None or known is None or known.session_id != session.session_id:
                shared = await _entered(session, prospect, stack)
            # The edits are kept under each row's own key: this tells the batch that there are some.
            await Intent(self._job, apply_edit.name, 0, session.session_id).declare({})
        assert shared is not None, "at home, or in the batch's session"
        return shared

    async def _home(self, prospect: Prospect) -> Session | None:
        """The session of another batch in which the row was edited; None for this batch's.

        Raises:
            SessionGone: It is gone, with what was paid in it.
        """
        home, opened = await home_of(prospect.job), await self._opened_before()
        if home is None or (opened is not None and opened.session_id == home.session_id):
            return None
        try:
            await self._nemo.sessions.state(home.session_id)
        except SessionGone as error:
            error.facts["edits_lost"] = 1
            if not prospect.order.restart:
                raise
            tell("The session of an earlier run is gone. Starting anew, as asked.")
            return None
        return home

    async def _opened_before(self) -> Session | None:
        """The batch's session, where this run or an earlier one has opened it."""
        opened = await Intent(self._job, open_session.name).result()
        return Session.model_validate(opened) if opened else None

    async def _opened(self, order: Order) -> Session:
        """The batch's session."""
        if self._session is None:
            self._session = await open_job_session(
                self._nemo, self._job, order.instructions, language=order.language, restart=order.restart
            )
        return self._session


async def _entered(session: Session, prospect: Prospect, stack: AsyncExitStack) -> Shared:
    await stack.enter_async_context(alone_at(lease_of(session.session_id)))
    return await Shared.entered(session, prospect)


def _key(job: Job | None) -> str:
    return (job.key or "") if job else ""


def _have_it_alone(order: Order) -> str:
    name = order.source_name
    return f"只用{name}。" if detect(order.instructions[0]) == "zh" else f"Use only {name}. "
