"""A session that the rows of a batch use one after another, as it is kept from run to run: whose the timeline is."""

from __future__ import annotations

import hashlib
from typing import Literal, Self

from pydantic import BaseModel, Field

from prefect_nemovideo.api import Session
from prefect_nemovideo.api.errors import DeadlinePassed, EditNotApplied, EditUnknown, JobFailed, NotAsRequested
from prefect_nemovideo.blocks.session import NemoVideoSession, SavedEdit, SavedFile, SavedWork
from prefect_nemovideo.flows.delivery import stem
from prefect_nemovideo.flows.homes import keep_home, sent_before
from prefect_nemovideo.flows.making import Prospect
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.tasks import Job, apply_edit, kept
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import KEY_CHARACTERS
from prefect_nemovideo.tasks.sessions import TimelineRead

#: After one of these the row has been rendered, or nobody waits for it: a person has to say something first.
LETS_OTHERS_GO_ON = (EditNotApplied, NotAsRequested)


class Turn(BaseModel):
    """What is kept of a session that several jobs use.

    Args:
        entered: Keys of all jobs that have begun to work in it.
        last: Key of the job that was the last to send an edit, kept before it is sent.
        name: What that job's video is called.
        needs: Why that job needs the timeline still; "" when it doesn't.
        shown: What was on the timeline when a job had its render begun, by the job's key.
    """

    entered: list[str] = []
    last: str | None = None
    name: str = ""
    needs: Literal["", "edited", "unknown"] = ""
    shown: dict[str, TimelineRead] = {}
    files: list[SavedFile] = Field(default_factory=list)
    edits: list[SavedEdit] = Field(default_factory=list)
    at_work: list[SavedWork] = Field(default_factory=list)


class Shared(Saved):
    """The session while a run works on one of its jobs.

    Args:
        prospect: The job.
        turn: What was kept of it.
    """

    def __init__(self, session: Session, prospect: Prospect, turn: Turn) -> None:
        account, profile = prospect.account, prospect.order.profile
        lists = {"files": turn.files, "edits": turn.edits, "at_work": turn.at_work}
        block = NemoVideoSession(**session.model_dump(), account=account, profile=profile, **lists)
        super().__init__(None, block, account, profile)
        self._session_id = session.session_id
        self._sources = prospect.sources
        self._use_only = prospect.order.use_only
        self._leaves_renders = prospect.order.on_failure == "leave"
        self._turn = turn

    @classmethod
    async def entered(cls, session: Session, prospect: Prospect) -> Self:
        """The session as a job begins to work in it.

        Raises:
            JobFailed: Another job needs the timeline still; `facts["deferred"]` is set.
            StorageError: It can't be told whose the timeline is.
        """
        shared = cls(session, prospect, await turn_in(session.session_id))
        turn = shared._turn
        if turn.needs and turn.last != prospect.key:
            raise _not_yet(turn)
        if prospect.key not in turn.entered:
            turn.entered.append(prospect.key)
            await shared._keep()
        return shared

    def taken(self, job: Job) -> JobFailed | None:
        if self._turn.last in (None, job.key):
            return None
        own = self._sources[0].name
        return JobFailed(
            f"{own} was edited in this session and is not delivered, and {self._turn.name} has had the timeline since: "
            f"what is there now is not {own}. Its edits that were made were charged. Nothing more was sent or rendered "
            "for it.",
            next_step=f"Run a batch of {own} alone, with --force: that makes it anew, which is charged again.",
            session_id=self._session_id,
        )

    async def check_whose(self, job: Job, *, unpaid: int, resend: bool) -> None:
        taken = self.taken(job)
        if taken is None:
            return
        applied, is_open = await sent_before(job, self._session_id)
        if is_open and not resend:
            raise EditUnknown(
                f"It is not known whether the last instruction for {self._sources[0].name} was carried out: it was "
                f"sent before, and {self._turn.name} has had the timeline since. It may have been charged. It was not "
                "sent again.",
                next_step="To send it once more add --resend, which may cost twice.",
                outcome="unknown",
            )
        # Where nothing is left to send, a render may have been begun in time: that one is still its own.
        if (applied and unpaid) or (applied and is_open) or not (unpaid or is_open or job.key in self._turn.shown):
            raise taken

    async def spoken(self, job: Job, number: int, text: str, *, resend: bool, is_first: bool) -> str:
        left = await Intent(job, apply_edit.name, number, self._session_id).left_behind()
        if left is not None and (left.result is not None or not resend):
            return text
        said = self._words_first() + text if is_first and set(self._turn.entered) - {job.key} else text
        await keep_home(job, self._as_home())
        self._turn.last, self._turn.name, self._turn.needs = job.key, self._sources[0].name, "edited"
        await self._keep()
        return said

    def _words_first(self) -> str:
        """The sentence by which the row's own video is alone on the timeline.

        Raises:
            JobFailed: The editor may take another file for it.
        """
        own = self._sources[0]
        files = self.block.files if self.block else []
        alike = [file.identity for file in files if stem(file.name) == stem(own.name)]
        if alike and alike[-1] != own.identity:
            raise JobFailed(
                f"There are several files called {own.name} in the session, and the editor may take the wrong one. "
                "Nothing was sent.",
                next_step=f"Give {own.name} another name, or put it in a batch of its own.",
                session_id=self._session_id,
            )
        return self._use_only

    def _as_home(self) -> Session:
        assert self.session is not None, "it has a block"
        return self.session

    async def needs_timeline(self, job: Job) -> None:
        if not self._turn.needs:
            self._turn.needs = "edited"
            await self._keep()

    async def shows(self, job: Job, timeline: TimelineRead) -> None:
        # The files are kept once, for all.
        self._turn.shown[job.key or ""] = timeline.model_copy(update={"files": []})
        await self._keep()

    def shown(self, job: Job) -> TimelineRead | None:
        return self._turn.shown.get(job.key or "") if self.taken(job) else None

    async def delivered(self, job: Job, result: VideoResult) -> None:
        if self._turn.last == job.key:
            self._turn.needs = ""
        await super().delivered(job, result)

    async def failed(self, job: Job, error: Exception) -> None:
        """Keeps whether the job needs the timeline still: then nobody else edits before the same command went on."""
        if self._turn.last != job.key:
            return
        applied, is_open = await sent_before(job, self._session_id)
        is_rendering = isinstance(error, DeadlinePassed) and "render_id" in error.facts and self._leaves_renders
        lets_go = is_rendering or isinstance(error, LETS_OTHERS_GO_ON)
        if isinstance(error, EditUnknown) or is_open:
            self._turn.needs = "unknown"
        else:
            self._turn.needs = "edited" if applied and not lets_go else ""
        await self._keep()

    async def _keep(self) -> None:
        if self.block is not None:
            lists = {"files": self.block.files, "edits": self.block.edits, "at_work": self.block.at_work}
            self._turn = self._turn.model_copy(update=lists)
            await kept.write(_turn_name(self._session_id), self._turn.model_dump(mode="json"))


def _not_yet(turn: Turn) -> JobFailed:
    if turn.needs == "unknown":
        return JobFailed(
            f"Not started: it is not known what became of the edit of {turn.name}, and this video would change the "
            "same timeline.",
            next_step="Run the same command again to look once more; --resend sends that edit again, which may cost "
            "twice.",
            deferred=True,
            credits_spent=0.0,
        )
    return JobFailed(
        f"Not started: {turn.name} was edited and is not delivered, and this video would change the same timeline.",
        next_step="Run the same command again: it goes on with that one first, without a charge for what was edited. "
        "Or leave that one out of the batch.",
        deferred=True,
        credits_spent=0.0,
    )


async def turn_in(session_id: str) -> Turn:
    """What is kept of a session that several jobs use.

    Raises:
        StorageError: That can't be read.
    """
    found = await kept.read(_turn_name(session_id))
    return Turn() if found is None else Turn.model_validate(found)


async def let_go(session_id: str, key: str) -> None:
    """Keeps that a job needs the timeline no more: the archive has its video, from elsewhere.

    Raises:
        StorageError: That can't be kept.
    """
    turn = await turn_in(session_id)
    if turn.last == key and turn.needs:
        await kept.write(_turn_name(session_id), turn.model_copy(update={"needs": ""}).model_dump(mode="json"))


def lease_of(session_id: str) -> str:
    """The name of the lease of the session: one job at a time uses its timeline."""
    return f"session-{hashlib.sha256(session_id.encode()).hexdigest()[:KEY_CHARACTERS]}"


def _turn_name(session_id: str) -> str:
    return f"nemovideo-{lease_of(session_id)}-turn"
