"""One sentence from a person → the action it asks for."""

from __future__ import annotations

import tempfile
from typing import Literal

from prefect import flow
from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideo, OutputSpec
from prefect_nemovideo.api.errors import BadInput, EditNotApplied, EditUnknown, JobFailed, SessionGone
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.api.requests import Kind, Request, route
from prefect_nemovideo.api.sizes import named_size
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.blocks.session import SavedRequest, checked_name, find_session
from prefect_nemovideo.flows.cancelling import heeding_cancellation
from prefect_nemovideo.flows.costs import telling_costs
from prefect_nemovideo.flows.delivery import export
from prefect_nemovideo.flows.editing import Story, edit
from prefect_nemovideo.flows.making import check_archive, output_for
from prefect_nemovideo.flows.saved import Saved, alone_in, check_owner
from prefect_nemovideo.flows.stopping import hearing_the_end
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import Answer, EditRecord, VideoResult
from prefect_nemovideo.tasks import Job, check_credits, open_session, read_timeline, upload_video
from prefect_nemovideo.tasks.archive import video_name
from prefect_nemovideo.tasks.jobs import holding_client, job_key
from prefect_nemovideo.tasks.sources import Source, inspect_source
from prefect_nemovideo.words import shortened

#: A run's name is read in lists.
NAME_CHARACTERS = 100
#: Said to who puts something off; nothing is sent, and nothing is paid.
NOTHING_YET = "Nothing was done: nothing is uploaded or exported until you ask for it."
UNCHANGED = "That changed nothing on the timeline."


def _name_of_run() -> str:
    """As people look for it in the UI: by the conversation and what was said in it."""
    given = flow_run.parameters
    return shortened(f"{given['session']}: {given['request']}", NAME_CHARACTERS)


@flow(name="answer-request", flow_run_name=_name_of_run, persist_result=True, result_serializer="json")
async def answer_request(
    session: str,
    request: str,
    archive: str | None = None,
    *,
    credentials: str = "default",
    profile: str = "video-4k",
    max_credits: float | None = None,
    resend: bool = False,
) -> Answer:
    """Does what one sentence asks for, in a saved session that is made when there is none of that name.

    The sentence is routed before anything is sent: export, credits, status and upload are done by the API; everything
    else is an instruction for the editor. A sentence may ask for more than one: an upload, an edit, an export, and
    looks at the timeline or the credits, in this order. What the editor's reply asks for is carried out too, once. A
    question of the editor is the answer (`edits[-1].outcome` is `question`): nothing was changed, and nothing follows
    it. Who only puts something off ("don't export yet") is told that nothing was done, and nothing is sent.

    Args:
        session: The saved session's name.
        request: The sentence, English or Chinese; paths and links in it are uploaded.
        archive: Where an export goes; see `edit_video`.
        credentials: See `edit_video`.
        profile: See `edit_video`.
        max_credits: Nothing is started that would cost more.
        resend: Send the sentence again, where it was said before and it is not known what became of it. Without it,
            such a sentence is looked for on the timeline, not sent.

    Example:
        ```python
        answer = await answer_request("holiday", "credits")
        print(answer.text)
        ```
    """
    asked = route(request)
    name = checked_name(session)
    sources = [await inspect_source(where) for where in asked.files]
    account = (await load_credentials(credentials)).account()
    async with heeding_cancellation(), alone_in(name):
        if (known := await find_session(name)) is not None:
            check_owner(name, known, account)
        saved = Saved(name, known, account, profile)
        # Each sentence is a job of its own, said twice it is done twice; a retry of this run goes on in it, and so does
        # the same sentence after a run that could not find out what became of it.
        run = saved.unsettled_run(request) or flow_run.get_id() or ""
        key = job_key(
            sources=[source.identity for source in sources],
            instructions=[request],
            profile=profile,
            output=OutputSpec(),
            account=account,
            salt=run,
        )
        job = Job(credentials=credentials, profile=profile, key=key)
        said = SavedRequest(text=request, run=run)
        saved.said = said
        async with holding_client(job) as nemo:
            return await _Conversation(nemo, job, saved, archive, max_credits, said, resend).answer(asked, sources)


def _container(asked: str | None) -> Literal["mp4", "mov", "webm"]:
    """The container that was asked for; MP4 where the service has no such output."""
    if asked == "mov":
        return "mov"
    return "webm" if asked == "webm" else "mp4"


class _Conversation:
    """One sentence and what follows from it."""

    def __init__(
        self,
        nemo: NemoVideo,
        job: Job,
        saved: Saved,
        archive: str | None,
        max_credits: float | None,
        said: SavedRequest,
        resend: bool,
    ) -> None:
        self._nemo = nemo
        self._job = job
        self._saved = saved
        self._archive = archive
        self._max_credits = max_credits
        self._said = said
        self._resend = resend
        self._story = Story()
        self._lines: list[str] = []
        self._done: set[str] = set()

    async def answer(self, asked: Request, sources: list[Source]) -> Answer:
        self._story.resumed = flow_run.run_count > 1 or self._saved.unsettled_run(self._said.text) is not None
        with telling_costs(self._story), hearing_the_end():
            try:
                return await self._answer(asked, sources)
            except SessionGone as error:
                error.next_step = (
                    "Begin a new conversation with: prefect-nemovideo chat. There the footage is uploaded and edited "
                    "again, and charged again."
                )
                raise

    async def _answer(self, asked: Request, sources: list[Source]) -> Answer:
        if asked.asks_nothing:
            return Answer(kind=asked.kind, text=NOTHING_YET)
        await self._open(asked.text)
        answer = Answer(kind=asked.kind, text="")
        if asked.kind is Kind.UPLOAD:
            await self._upload(sources)
        await self._look(asked.kind)
        goes_on = await self._edit(asked.edit) if asked.edit else True
        # Backends tell people to click Export after most edits: not who has just said that it is too early.
        told = "export" in self._wanted() and not asked.no_export
        if goes_on and (asked.kind is Kind.EXPORT or asked.then_export or told):
            answer = answer.model_copy(update={"video": await self._export(asked)})
        for look in asked.looks:
            if goes_on and look not in self._done:
                await self._look(look)
        records = [EditRecord.of(done) for done in self._story.edits]
        return answer.model_copy(update={"text": "\n".join(self._lines), "edits": records})

    @property
    def _session_id(self) -> str:
        session = self._saved.session
        assert session is not None, "opened first"
        return session.session_id

    def _wanted(self) -> set[str]:
        """What the editor's replies asked for and was not done yet."""
        return {action.kind for done in self._story.edits for action in done.actions} - self._done

    async def _open(self, text: str) -> None:
        if self._saved.session is None:
            tell("Setting up…")
            await self._saved.opened(await open_session(self._job, language=detect(text)))

    async def _upload(self, sources: list[Source]) -> None:
        if not sources:
            raise BadInput("Which file is to be uploaded?", next_step="Say its path, as in: upload clip.mp4")
        with tempfile.TemporaryDirectory(prefix="nemovideo-") as scratch:
            for number, source in enumerate(sources):
                if self._saved.has(source):
                    self._lines.append(f"{source.name} is in the session already.")
                    continue
                await upload_video(self._job, self._session_id, source, scratch, number=number)
                await self._saved.uploaded(source)
                self._lines.append(f"Uploaded {source.name}.")

    async def _edit(self, instruction: str) -> bool:
        """Edits; False when the editor asks something instead: the person's next sentence is the reply to it."""
        await check_credits(self._job, edits=1, max_credits=self._max_credits)
        await self._saved.unsettled(self._said)
        try:
            await edit(self._job, self._session_id, [instruction], [], self._saved, self._story, resend=self._resend)
        except EditUnknown as error:
            again = f"prefect-nemovideo chat {self._saved.name}"
            error.next_step = (
                f"Look once more by saying it again in this session: {again}. "
                f"To send it again, which may cost twice: {again} --resend."
            )
            raise
        except EditNotApplied as error:
            await self._settled()
            if error.facts.get("outcome") != "question":
                raise
            self._lines.append(self._story.edits[-1].reply)
            return False
        await self._settled()
        last = self._story.edits[-1]
        self._lines += [*([last.reply] if last.reply else []), *last.changes]
        self._lines += last.warnings
        if last.outcome == "unchanged":
            self._lines.append(UNCHANGED)
        wanted = self._wanted()
        if wanted & {"state", "summary"}:
            await self._state()
        if "credits" in wanted:
            await self._credits()
        return True

    async def _settled(self) -> None:
        """It is known what became of the sentence: said again, it is meant once more."""
        await self._saved.unsettled(None)
        await self._saved.settled(self._job)

    async def _look(self, kind: Kind) -> None:
        if kind is Kind.CREDITS:
            await self._credits()
        if kind is Kind.STATE:
            await self._state()

    async def _credits(self) -> None:
        self._done.add("credits")
        self._lines.append(f"{await check_credits(self._job, needed=True)}.")

    async def _state(self) -> None:
        self._done |= {"state", "summary"}
        self._lines.append((await read_timeline(self._job, self._session_id)).summary)

    async def _export(self, asked: Request) -> VideoResult:
        self._done.add("export")
        block = self._saved.block
        assert block is not None, "opened first"
        if not (await read_timeline(self._job, self._session_id)).is_exportable:
            raise JobFailed("There is nothing on the timeline to export yet.", next_step="Upload a video first.")
        await check_archive(self._archive)
        # Said again before it is delivered, it is the same export, and the edit before it the same edit.
        await self._saved.unsettled(self._said)
        said = [done.instruction for done in block.edits]
        output = OutputSpec(resolution=asked.resolution or named_size(said), format=_container(asked.format))
        output = output_for(output, said, self._job.profile)
        source = block.files[0].name if block.files else "video"
        wishes = Wishes(
            sources=[],
            instructions=[],
            output=output,
            archive=self._archive,
            name=video_name(source, self._job.key or "", output.format),
        )
        result = await export(self._nemo, self._job, block.get_client(), wishes, self._saved, self._story)
        await self._saved.unsettled(None)
        if self._story.was_late:
            last = self._story.edits[-1]
            if last.outcome == "applied":
                self._lines.remove(UNCHANGED)
            self._lines += [*last.changes, *last.warnings]
        self._lines.append(f"{result.uri} ({result.width}×{result.height}, {result.duration_seconds:g} s)")
        self._lines += result.differences
        return result
