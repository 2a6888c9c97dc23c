"""A saved session while a run works on it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from prefect.runtime import flow_run

from prefect_nemovideo.api import EditResult, Session
from prefect_nemovideo.api.errors import AccessRefused, JobFailed
from prefect_nemovideo.blocks.lease import Note, PrefectBoard, only_run, refuse
from prefect_nemovideo.blocks.session import (
    NemoVideoSession,
    SavedEdit,
    SavedFile,
    SavedRender,
    SavedRequest,
    SavedWork,
)
from prefect_nemovideo.flows.once_more import salt_of_run, salt_once_more
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.sessions import TimelineRead
from prefect_nemovideo.tasks.sources import Source
from prefect_nemovideo.words import shown_address


class Saved:
    """A saved session while a run works on it; without a name, nothing is saved.

    Args:
        name: Its name, if it has one.
        block: What was saved under it before.
        salt: Of the job that the run carries out; see `salt_in`.
    """

    def __init__(
        self, name: str | None, block: NemoVideoSession | None, account: str, profile: str, *, salt: str = ""
    ) -> None:
        self.name = name
        self.block = block
        self._account = account
        self._profile = profile
        self._salt = salt
        #: The sentence of a conversation that the run carries out.
        self.said: SavedRequest | None = None

    @property
    def session(self) -> Session | None:
        return self.block.get_client() if self.block else None

    def has(self, source: Source) -> bool:
        """Whether this footage is in the session already."""
        return self.block is not None and any(
            (file.name, file.identity) == (source.name, source.identity) for file in self.block.files
        )

    async def opened(self, session: Session) -> None:
        if self.block is None:
            self.block = NemoVideoSession(
                session_id=session.session_id,
                task_id=session.task_id,
                user_id=session.user_id,
                account=self._account,
                profile=self._profile,
                salt=self._salt,
            )
            await self._keep()

    async def uploaded(self, source: Source) -> None:
        if self.block and not self.has(source):
            file = SavedFile(name=source.name, where=shown_address(source.where), identity=source.identity)
            self.block = self.block.model_copy(update={"files": [*self.block.files, file]})
            await self._keep()

    async def sends(self, job: Job) -> None:
        """Keeps that the job will send: until it is settled, the same command is that job, whatever comes between."""
        if self.block and self._work_of(job) is None:
            work = self._as_work(job)
            self.block = self.block.model_copy(update={"at_work": [*self.block.at_work, work]})
            await self._keep()

    async def spoken(self, job: Job, number: int, text: str, *, resend: bool, is_first: bool) -> str:
        """An instruction as it is sent; where others use the timeline too, kept before as the last that was sent.

        Args:
            number: Which of the job's instructions this is, from 0.
            resend: It is sent although an earlier run has sent it.
            is_first: Nothing of the job was made so far.
        """
        del job, number, resend, is_first
        return text

    async def check_whose(self, job: Job, *, unpaid: int, resend: bool) -> None:
        """Looks whether a job that an earlier run has begun can go on: not where others have the timeline by now.

        Args:
            unpaid: How many instructions are still to be sent.

        Raises:
            JobFailed: Others have it, and what was made of the job is not on it any more.
            EditUnknown: … and it is not known what became of one of its edits.
        """

    def taken(self, job: Job) -> JobFailed | None:
        """What to say where others have had the timeline since the job sent its last edit."""
        return None

    def is_alone(self, job: Job) -> bool:
        """Whether nobody else has sent anything into the session that the timeline may show."""
        work = self.block.at_work if self.block else []
        is_known = all(other.key == job.key for other in work)
        is_settled = self.block is None or self.block.unsettled in (None, self.said)
        return is_known and is_settled and self.taken(job) is None and not self.others_came_between(job)

    async def needs_timeline(self, job: Job) -> None:
        """Keeps that the timeline may hold more of the job than what was rendered."""

    async def shows(self, job: Job, timeline: TimelineRead) -> None:
        """Keeps what is on the timeline before the job has it rendered."""

    def shown(self, job: Job) -> TimelineRead | None:
        """What was on the job's timeline when it was rendered, where others have had it since."""
        return None

    async def settled(self, job: Job) -> None:
        """The job has left nothing to go on with: it is delivered, or has changed nothing."""
        if self.block and (work := self._work_of(job)) is not None:
            left = [other for other in self.block.at_work if other != work]
            self.block = self.block.model_copy(update={"at_work": left})
            await self._keep()

    def others_came_between(self, job: Job) -> bool:
        """Whether others have edited since it began to send: the timeline does not tell whose edit it shows then."""
        work = self._work_of(job)
        if self.block is None or work is None:
            return False
        return _others(self.block, work.key) > work.others

    def _as_work(self, job: Job) -> SavedWork:
        assert self.block is not None, "opened first"
        key = job.key or ""
        return SavedWork(key=key, salt=self._salt, others=_others(self.block, key), said=self.said)

    def _work_of(self, job: Job) -> SavedWork | None:
        return next((work for work in self.block.at_work if work.key == job.key), None) if self.block else None

    async def edited(self, job: Job, number: int, edit: EditResult) -> None:
        if self.block:
            known = SavedEdit(
                instruction=edit.instruction,
                outcome=edit.outcome,
                changes=edit.changes,
                job_key=job.key or "",
                salt=self._salt,
                number=number,
            )
            self.block = self.block.with_edit(known)
            await self._keep()

    def unsettled_run(self, text: str) -> str | None:
        """The run that said the same and did not learn what became of it, if there is one: the last such run."""
        if self.block is None:
            return None
        left = [*(work.said for work in self.block.at_work), self.block.unsettled]
        return next((said.run for said in reversed(left) if said and said.text == text), None)

    async def unsettled(self, request: SavedRequest | None) -> None:
        """Keeps what is about to be sent, before it is; None once it is known what became of it."""
        if self.block and self.block.unsettled != request:
            self.block = self.block.model_copy(update={"unsettled": request})
            await self._keep()

    async def delivered(self, job: Job, result: VideoResult) -> None:
        if self.block:
            render = SavedRender(render_id=result.render_id, uri=result.uri, sha256=result.sha256)
            left = [work for work in self.block.at_work if work.key != job.key]
            deliveries = self.block.deliveries + 1
            update = {"last_render": render, "deliveries": deliveries, "delivered": self._as_work(job), "at_work": left}
            self.block = self.block.model_copy(update=update)
            await self._keep()

    async def _keep(self) -> None:
        if self.name and self.block:
            self.block = await self.block.keep(self.name)


def check_owner(name: str, block: NemoVideoSession, account: str) -> None:
    """Looks whether the saved session belongs to the account in use.

    Raises:
        AccessRefused: It belongs to another.
    """
    if account != block.account:
        raise AccessRefused(
            f"The session “{name}” was made by another account than the one in use.",
            next_step="Use the credentials that it was made with: --credentials, or NEMO_TOKEN.",
        )


async def salt_in(
    name: str, block: NemoVideoSession | None, key_with: Callable[[str], str], *, anew: bool = False
) -> str:
    """What tells a command in a saved session from the same command before: only edits of others in between do.

    If the very same command has edited and was not delivered, it is gone on with, whatever was edited since. If it was
    delivered and nothing was edited since, it is found done. Otherwise it is another job, because it begins with
    another timeline. A retry of a run is the job of that run.

    Args:
        block: What is saved under the name, if anything is.
        key_with: The command's job key under a salt.
        anew: It is meant once more.

    Raises:
        StorageError: Prefect's result storage can't tell which job this run has begun, or can't keep it.
    """
    if anew:
        return await salt_once_more(key_with(f"session {name}"))

    async def found() -> str:
        return _salt(name, block, key_with)

    return await salt_of_run(found)


def _salt(name: str, block: NemoVideoSession | None, key_with: Callable[[str], str]) -> str:
    if block is None:
        return f"session {name}"
    for work in block.at_work:
        if key_with(work.salt) == work.key:
            return work.salt
    done = block.delivered
    if done is not None and key_with(done.salt) == done.key and _others(block, done.key) == done.others:
        return done.salt
    if not block.edits:
        return block.salt or f"session {name}"
    last = block.edits[-1]
    return last.salt if key_with(last.salt) == last.job_key else f"session {block.session_id} {len(block.edits)}"


def _others(block: NemoVideoSession, key: str) -> int:
    """How many edits there are of other jobs."""
    return sum(edit.job_key != key for edit in block.edits)


@contextlib.asynccontextmanager
async def alone_in(session: str | None) -> AsyncIterator[None]:
    """Nobody else works on the saved session while the context is open.

    Raises:
        BadInput: Another run, which lives, works on it now.
    """
    if session is None:
        yield
        return
    board = PrefectBoard(f"session-{session}")
    async with only_run(board, flow_run.get_name() or "a run", tell=_tell, meanwhile=refuse):
        yield


def _tell(note: Note) -> None:
    tell(f"The session is held by {note}: waiting to see whether that run still lives.")
