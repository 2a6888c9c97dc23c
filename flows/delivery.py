"""From a job's wishes to a delivered video: what all flows share."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideo, NemoVideoError, Session
from prefect_nemovideo.api.errors import NotAsRequested, SessionGone, UploadedTwice
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.flows.costs import look_again, telling_costs
from prefect_nemovideo.flows.editing import Story, count_sent, count_unpaid, edit, was_begun
from prefect_nemovideo.flows.late import look_for_late_edits
from prefect_nemovideo.flows.losing import lost_with, say_what_is_lost
from prefect_nemovideo.flows.rendering import rendered
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.stopping import hearing_the_end
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import EditRecord, VideoResult
from prefect_nemovideo.tasks import Job, archive_video, check_credits, open_session, read_timeline, upload_video
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.pictures import archive_pictures


async def deliver(nemo: NemoVideo, job: Job, wishes: Wishes, saved: Saved) -> VideoResult:
    """Makes the video and archives it.

    Raises:
        NemoVideoError: With what was spent so far in its words and in its facts.
    """
    story = Story()
    with telling_costs(story), hearing_the_end():
        # Until its session is known: an earlier run may have done more than open it.
        story.resumed = flow_run.run_count > 1 or await Intent(job, open_session.name).left_behind() is not None
        # A session that others opened, for a whole batch, is theirs to open anew.
        is_ours = saved.block is None or saved.name is not None
        for is_last in (False, True):
            try:
                return await _delivered(nemo, job, wishes, saved, story)
            except UploadedTwice as error:
                lost = await lost_with(job, wishes, saved, error)
                if is_last or not (is_ours and lost.can_be_brought_back):
                    raise
                tell(f"{error.message} Opening a new session.")
                await _open_anew(job, wishes.language or detect(wishes.instructions[0]))
            except SessionGone as error:
                lost = await lost_with(job, wishes, saved, error)
                if is_last or not (is_ours and lost.can_be_brought_back):
                    say_what_is_lost(error, lost, wishes, saved)
                    raise
                tell(f"The session is gone{lost.uploads_too}. Nothing had been edited in it: opening a new one.")
            saved.block = None
    raise AssertionError("delivered, or raised")


async def _delivered(nemo: NemoVideo, job: Job, wishes: Wishes, saved: Saved, story: Story) -> VideoResult:
    session = saved.session or await open_job_session(
        nemo, job, wishes.instructions, language=wishes.language, restart=wishes.restart
    )
    unpaid = await count_unpaid(job, session.session_id, wishes.instructions)
    await saved.check_whose(job, unpaid=unpaid, resend=wishes.resend)
    story.resumed = flow_run.run_count > 1 or await was_begun(job, session.session_id)
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
    return await export(nemo, job, session, wishes, saved, story)


async def export(
    nemo: NemoVideo,
    job: Job,
    session: Session,
    wishes: Wishes,
    saved: Saved,
    story: Story,
) -> VideoResult:
    """Renders the session's timeline, fetches the file, checks it and archives it.

    Raises:
        JobFailed: The timeline is another job's by now, and there is no render that was begun before.
    """
    await look_for_late_edits(job, session.session_id, wishes, saved, story)
    while (result := await _exported(nemo, job, session, wishes, saved, story)) is None:
        tell("What was rendered lacks it: rendering anew, free of credits.")
    await saved.delivered(job, result)
    return result


async def _exported(
    nemo: NemoVideo, job: Job, session: Session, wishes: Wishes, saved: Saved, story: Story
) -> VideoResult | None:
    """What was rendered and archived; None where the service has shown an edit only meanwhile."""
    timeline = saved.shown(job)
    if timeline is None:
        timeline = await read_timeline(job, session.session_id)
        await saved.shows(job, timeline)
    seconds = timeline.duration_seconds
    async with rendered(job, session.session_id, wishes, seconds, taken=saved.taken(job)) as (render, file, checked):
        if await look_for_late_edits(job, session.session_id, wishes, saved, story):
            return None
        strange = of_other_videos(timeline.clips, wishes, saved, timeline.files)
        differences = [*story.unmet.values(), *checked.differences, *strange]
        if wishes.strict and differences:
            raise NotAsRequested(
                f"The video is not as requested: {' '.join(differences)}",
                next_step="Run it again without --strict to take it as it is: nothing is edited or charged again.",
                session_id=session.session_id,
            )
        await look_again(nemo, story)
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
            resumed=story.resumed,
            warnings=story.warnings,
        )
        if wishes.pictured:
            footage = wishes.sources[0] if wishes.sources else None
            result.pictures = await archive_pictures(wishes.archive, wishes.name, footage, file)
        staged = file.staged_in is not None
        return await archive_video(file.path, wishes.archive, wishes.name, result, staged=staged)


def of_other_videos(clips: list[str], wishes: Wishes, saved: Saved, files: Sequence[str] = ()) -> list[str]:
    """What a video that is to be alone on its timeline holds of the other videos of its session, as a difference.

    A name that no file of the session has may be the service's own for what it made: it says nothing.

    Args:
        clips: The names of the videos on the timeline.
        files: The names of all files that the session shows.
    """
    if not (wishes.alone and saved.block):
        return []
    own = {stem(source.name) for source in wishes.sources}
    others = {stem(name) for name in [*(file.name for file in saved.block.files), *files]} - own
    strange = list(dict.fromkeys(clip for clip in clips if stem(clip) in others))
    if not strange:
        return []
    beside = "too" if any(stem(clip) in own for clip in clips) else "instead"
    return [f"It is to hold {wishes.sources[0].name} alone, and holds {', '.join(strange)} {beside}."]


def stem(name: str) -> str:
    """A file's name as editors call it: without its ending, in any case."""
    return PurePosixPath(name).stem.casefold()


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
        except SessionGone as error:
            begun = await count_sent(job, session.session_id, instructions)
            error.facts["edits_lost"] = begun
            if begun and not restart:
                raise
            lost = "Starting anew, as asked" if begun else "Nothing had been edited in it: opening a new one"
            tell(f"The session of an earlier run is gone. {lost}.")
            return await _open_anew(job, language)
    return session


async def _open_anew(job: Job, language: str) -> Session:
    """Another session, in place of the one that the job has opened."""
    await Intent(job, open_session.name).withdraw()
    return await open_session.with_options(refresh_cache=True)(job, language=language)


async def _link(nemo: NemoVideo, session: Session) -> str | None:
    """The link into the browser: nice to have, so no trouble with it fails a job that is paid for."""
    try:
        return await nemo.sessions.claim(session)
    except NemoVideoError as error:
        tell(f"There is no link to the project: {error}", level=logging.WARNING)
        return None
