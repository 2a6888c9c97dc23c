"""From a job's wishes to a delivered video: what all flows share."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideo, NemoVideoError, OutputSpec, RenderState, Session
from prefect_nemovideo.api.errors import (
    DownloadFailed,
    NotAsRequested,
    NotFound,
    RenderFailed,
    RequestRefused,
    SessionGone,
)
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.flows.costs import telling_costs
from prefect_nemovideo.flows.editing import Story, count_unpaid, edit, was_begun
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.stopping import OnFailure, Rendering, ended_with_the_run
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import EditRecord, VideoResult
from prefect_nemovideo.tasks import (
    Job,
    archive_video,
    check_credits,
    download_video,
    open_session,
    read_timeline,
    submit_render,
    upload_video,
    verify_video,
    wait_for_render,
)
from prefect_nemovideo.tasks.archive import take_back
from prefect_nemovideo.tasks.downloads import LocalFile
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.pictures import archive_pictures
from prefect_nemovideo.tasks.renders import render_id
from prefect_nemovideo.tasks.sources import Source

#: A failed render is tried once more, under a new id, as documented.
RENDER_TRIES = 2


@dataclass(frozen=True)
class Wishes:
    """What is to be made, and where it is to be.

    Args:
        sources: Footage to upload, in order.
        instructions: What to do, one after another.
        answers: What to say when the editor asks something, one after another.
        output: What the file is to be.
        archive: Where it is to be, as `open_archive` takes it.
        name: The object's name there.
        max_credits: The most that the edits may cost.
        strict: A file that is not as requested is a failure.
        resend: Sends an instruction again whose outcome an earlier run could not find out.
        restart: Starts anew where the session is gone, with what an earlier run had edited in it.
        on_failure: What to do with a render at work when the job fails for good: `leave` it to the next run, or
            `cancel` it.
        measured: Whether the balance tells the price of each edit: not while others spend from the same account.
        pictured: Whether pictures for a gallery are put beside the video.
        language: ISO code of the language in which the editor answers; told from the instructions by default.
    """

    sources: list[Source]
    instructions: list[str]
    output: OutputSpec
    archive: str | None
    name: str
    answers: list[str] = field(default_factory=list)
    max_credits: float | None = None
    strict: bool = False
    resend: bool = False
    restart: bool = False
    on_failure: OnFailure = "leave"
    measured: bool = True
    pictured: bool = False
    language: str | None = None


async def deliver(nemo: NemoVideo, job: Job, wishes: Wishes, saved: Saved) -> VideoResult:
    """Makes the video and archives it.

    Raises:
        NemoVideoError: With what was spent so far in its words and in its facts.
    """
    story = Story()
    with telling_costs(story):
        try:
            return await _delivered(nemo, job, wishes, saved, story)
        except SessionGone as error:
            _say_what_is_lost(error, wishes, saved, story)
            raise


async def _delivered(nemo: NemoVideo, job: Job, wishes: Wishes, saved: Saved, story: Story) -> VideoResult:
    session = saved.session or await open_job_session(
        nemo, job, wishes.instructions, language=wishes.language, restart=wishes.restart
    )
    unpaid = await count_unpaid(job, session.session_id, wishes.instructions)
    resumed = flow_run.run_count > 1 or await was_begun(job, session.session_id)
    await check_credits(job, edits=unpaid, max_credits=wishes.max_credits)
    await saved.opened(session)
    with tempfile.TemporaryDirectory(prefix="nemovideo-") as scratch:
        for number, source in enumerate(wishes.sources):
            if not saved.has(source):
                await upload_video(job, session.session_id, source, scratch, number=number)
                await saved.uploaded(source)
        await edit(
            job,
            session.session_id,
            wishes.instructions,
            wishes.answers,
            saved,
            story,
            resend=wishes.resend,
            measured=wishes.measured,
        )
    return await export(nemo, job, session, wishes, saved, story, resumed=resumed)


async def export(
    nemo: NemoVideo,
    job: Job,
    session: Session,
    wishes: Wishes,
    saved: Saved,
    story: Story,
    *,
    resumed: bool = False,
) -> VideoResult:
    """Renders the session's timeline, fetches the file, checks it and archives it."""
    timeline = await read_timeline(job, session.session_id)
    seconds = timeline.duration_seconds
    async with _rendered(job, session.session_id, wishes, seconds) as (render, file):
        checked = await verify_video(file.path, wishes.output, duration_seconds=seconds, staged_in=file.staged_in)
        differences = [*story.unmet, *checked.differences]
        if wishes.strict and differences:
            raise NotAsRequested(
                f"The video is not as requested: {' '.join(differences)}",
                next_step="Run it again without --strict to take it as it is: nothing is edited or charged again.",
                session_id=session.session_id,
            )
        result = VideoResult(
            job_key=job.key or "",
            uri="",
            sha256=file.sha256,
            bytes=file.bytes,
            width=checked.width,
            height=checked.height,
            fps=checked.fps,
            duration_seconds=checked.duration_seconds,
            video_codec=checked.video_codec,
            has_audio=checked.has_audio,
            as_requested=not differences,
            differences=differences,
            session_id=session.session_id,
            task_id=session.task_id,
            render_id=render.render_id,
            workspace_url=await _link(nemo, session),
            edits=[EditRecord.of(done) for done in story.edits],
            timeline=timeline.summary,
            credits_spent=story.spent,
            resumed=resumed,
            warnings=story.warnings,
        )
        if wishes.pictured:
            footage = wishes.sources[0] if wishes.sources else None
            result.pictures = await archive_pictures(wishes.archive, wishes.name, footage, file)
        staged = file.staged_in is not None
        result = await archive_video(file.path, wishes.archive, wishes.name, result, staged=staged)
    await saved.delivered(result)
    return result


async def open_job_session(
    nemo: NemoVideo, job: Job, instructions: list[str], *, language: str | None = None, restart: bool = False
) -> Session:
    """A session for the job: a new one, or the one that an earlier run of it opened, if it still exists.

    Args:
        language: See `Wishes`.
        restart: Opens a new one as well where the old one is gone with edits in it.

    Raises:
        SessionGone: An earlier run had edited in it; done again, that is charged again.
    """
    language = language or detect(instructions[0])
    opening = Intent(job, open_session.name)
    resumed = await opening.result() is not None
    session = await open_session(job, language=language)
    if resumed:
        try:
            await nemo.sessions.state(session.session_id)
        except SessionGone:
            begun = await was_begun(job, session.session_id)
            if begun and not restart:
                raise
            lost = "Starting anew, as asked" if begun else "Nothing had been edited in it: opening a new one"
            tell(f"The session of an earlier run is gone. {lost}.")
            await opening.withdraw()
            return await open_session.with_options(refresh_cache=True)(job, language=language)
    return session


@contextlib.asynccontextmanager
async def _rendered(
    job: Job, session_id: str, wishes: Wishes, seconds: float | None
) -> AsyncIterator[tuple[RenderState, LocalFile]]:
    """The finished render and its file, on this machine or in the archive's staging, until it is archived."""
    with tempfile.TemporaryDirectory(prefix="nemovideo-") as scratch:
        target = str(Path(scratch) / wishes.name)
        render, file = await _render(job, session_id, wishes, target, seconds)
        try:
            yield render, file
        finally:
            if file.staged_in:
                await take_back(file.staged_in, file.path)


async def _render(
    job: Job, session_id: str, wishes: Wishes, target: str, seconds: float | None
) -> tuple[RenderState, LocalFile]:
    """The finished render and its file: what an earlier run rendered, if it can still be had, else a new one.

    A render that fails is tried once more, under a new id. Only this run's own renders count: those that failed
    before don't stand in its way, because rendering is free and the edits are not.
    """
    tries, number, reason = 0, -1, ""
    while tries < RENDER_TRIES:
        number += 1
        is_earlier = await Intent(job, submit_render.name, number, session_id).left_behind() is not None
        try:
            render = await _ended(job, session_id, wishes, number, None if is_earlier else seconds)
            if render.is_completed:
                return render, await download_video(job, render, target, wishes.archive)
            reason = render.error or f"it ended as “{render.status}”"
        except (NotFound, DownloadFailed, RequestRefused) as error:
            # An earlier run's render may be gone by now, or be there under an id that was never learnt, while ours is
            # refused as taken. A disk that is full takes no other one either.
            if not is_earlier or "path" in error.facts:
                raise
            reason = error.message
        tries += not is_earlier
        tell(f"The render failed: {reason}", level=logging.WARNING)
    raise RenderFailed(
        f"The video could not be rendered, twice: {reason}",
        next_step="The edits are kept: run the same command again to render once more, free of credits.",
        session_id=session_id,
    )


async def _ended(job: Job, session_id: str, wishes: Wishes, number: int, seconds: float | None) -> RenderState:
    """A render that has ended, well or not; when the run is cancelled before, it is cancelled at the service too."""
    rendering = Rendering(render_id(job, session_id, number))
    async with ended_with_the_run(job, rendering, wishes.on_failure):
        submitted = await submit_render(job, session_id, wishes.output, number=number)
        rendering.render_id, rendering.is_submitted = submitted.render_id, True
        return await wait_for_render(job, submitted.render_id, seconds)


async def _link(nemo: NemoVideo, session: Session) -> str | None:
    """The link into the browser: nice to have, so no trouble with it fails a job that is paid for."""
    try:
        return await nemo.sessions.claim(session)
    except NemoVideoError as error:
        tell(f"There is no link to the project: {error}", level=logging.WARNING)
        return None


def _say_what_is_lost(error: SessionGone, wishes: Wishes, saved: Saved, story: Story) -> None:
    names = [file.name for file in saved.block.files] if saved.block else [source.name for source in wishes.sources]
    edits = len(saved.block.edits) if saved.block else len(story.edits)
    lost = [f"the upload of {', '.join(names)}"] if names else []
    lost += [f"{edits} edit{'s' if edits > 1 else ''}"] if edits else []
    error.message = (
        f"The session does not exist any more. Lost with it: {' and '.join(lost) or 'nothing'}. "
        "What was delivered before is still in the archive."
    )
    error.args = (error.message,)
    error.next_step = (
        "Start anew with --restart: the footage is uploaded and edited again, and charged again."
        if wishes.sources
        else "Start anew with: prefect-nemovideo edit SOURCE --session NAME --restart -i … (charged again)."
    )
