"""One source → one verified, archived video."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideo, NemoVideoError, OutputSpec, RenderState, Session
from prefect_nemovideo.api.errors import BadInput, RenderFailed
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.api.profiles import PROFILES
from prefect_nemovideo.api.sizes import named_size
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.tasks import (
    Job,
    apply_edit,
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
from prefect_nemovideo.tasks.archive import find_delivered, open_archive, video_name
from prefect_nemovideo.tasks.jobs import holding_client, job_key
from prefect_nemovideo.tasks.sources import Source, inspect_source

#: A failed render is tried once more, under a new id, as documented.
RENDER_TRIES = 2


@flow(name="edit-video", persist_result=True, result_serializer="json")
async def edit_video(
    source: str | list[str],
    instructions: str | list[str],
    archive: str | None = None,
    *,
    credentials: str = "default",
    profile: str = "video-4k",
    output: OutputSpec = OutputSpec(),  # noqa: B008 - frozen
    max_credits: float | None = None,
    force: bool = False,
) -> VideoResult:
    """Edits a video by plain-language instructions and archives the result, checked.

    Args:
        source: A path, `http(s)://…` or `s3://bucket/key`; several are uploaded into one project, the first of them
            is what is edited, the others are there for instructions to name (clips to join, music).
        instructions: What to do, one after another.
        archive: `s3://bucket/prefix`, a directory, or a saved S3Archive block's name; `./nemovideo-archive` by default.
        credentials: A saved NemoVideoCredentials block's name; `default` is that block if it is saved, else
            `NEMO_TOKEN`, else an anonymous account.
        profile: `video-4k` or `4k-with-session`.
        output: Container, quality, size and frame rate.
        max_credits: Nothing is started that would cost more.
        force: Start anew, even if the same job was done before.

    Returns:
        What was delivered, and how it was made.

    Raises:
        NemoVideoError: See `prefect_nemovideo.api.errors`; the message says what happened and what to do.

    Example:
        ```python
        result = await edit_video("clip.mp4", "upscale this video to 4K and sharpen the details")
        print(result.uri, result.as_requested)
        ```
    """
    words = _instructions(instructions)
    if profile not in PROFILES:
        raise BadInput(f"There is no profile “{profile}”.", next_step=f"Use one of: {', '.join(PROFILES)}.")
    wanted = (
        output
        if output.resolution
        else output.model_copy(update={"resolution": named_size(words) or PROFILES[profile].resolution})
    )
    place = await open_archive(archive)
    await asyncio.to_thread(place.check)
    sources = [await inspect_source(where) for where in ([source] if isinstance(source, str) else source)]
    if not sources:
        raise BadInput("There is no source to edit.", next_step="Name a video file.")
    block = await load_credentials(credentials)
    job = Job(
        credentials=credentials,
        profile=profile,
        key=job_key(
            sources=[found.identity for found in sources],
            instructions=words,
            profile=profile,
            output=wanted,
            account=block.account(),
            salt=flow_run.get_id() or "" if force else "",
        ),
    )
    assert job.key is not None
    name = video_name(sources[0].name, job.key, wanted.format)
    if (delivered := await find_delivered(place, name, job.key)) is not None:
        tell(f"Already done: {delivered.uri}. Use --force to make it anew.")
        return delivered.model_copy(update={"resumed": True})
    tell("Setting up…")
    async with holding_client(job) as nemo:
        return await _made(nemo, job, sources, words, wanted, archive, name, max_credits)


async def _made(
    nemo: NemoVideo,
    job: Job,
    sources: list[Source],
    words: list[str],
    wanted: OutputSpec,
    archive: str | None,
    name: str,
    max_credits: float | None,
) -> VideoResult:
    spent: float | None = 0.0
    warnings: list[str] = []
    try:
        await check_credits(job, edits=len(words), max_credits=max_credits)
        session = await open_session(job, language=detect(words[0]))
        with tempfile.TemporaryDirectory(prefix="nemovideo-") as scratch:
            for number, source in enumerate(sources):
                await upload_video(job, session.session_id, source, scratch, number=number)
            edits = []
            for number, instruction in enumerate(words):
                done = await apply_edit(job, session.session_id, instruction, number=number)
                edits.append(done.edit)
                spent = None if spent is None or done.credits_spent is None else spent + done.credits_spent
                if done.edit.outcome == "unchanged":
                    warnings.append(f"“{instruction}” changed nothing on the timeline.")
            timeline = await read_timeline(job, session.session_id)
            render = await _rendered(job, session.session_id, wanted)
            file = await download_video(job, render, str(Path(scratch) / name))
            checked = await verify_video(file.path, wanted, duration_seconds=timeline.duration_seconds)
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
                as_requested=not checked.differences,
                differences=checked.differences,
                session_id=session.session_id,
                task_id=session.task_id,
                render_id=render.render_id,
                workspace_url=await _link(nemo, session),
                edits=edits,
                timeline=timeline.summary,
                credits_spent=spent,
                resumed=flow_run.run_count > 1,
                warnings=warnings,
            )
            return await archive_video(file.path, archive, name, result)
    except NemoVideoError as error:
        error.facts.setdefault("credits_spent", spent)
        raise


async def _rendered(job: Job, session_id: str, wanted: OutputSpec) -> RenderState:
    """The finished render: submitted, waited for, and tried once more under a new id when it fails."""
    reason = ""
    for attempt in range(RENDER_TRIES):
        submitted = await submit_render(job, session_id, wanted, number=attempt)
        render = await wait_for_render(job, submitted.render_id)
        if render.is_completed:
            return render
        reason = render.error or f"it ended as “{render.status}”"
        tell(f"The render failed: {reason}", level=logging.WARNING)
    raise RenderFailed(
        f"The video could not be rendered, twice: {reason}",
        next_step="The edits are kept. Change the instructions, or run it again with --force.",
        session_id=session_id,
    )


async def _link(nemo: NemoVideo, session: Session) -> str | None:
    """The link into the browser: nice to have, so no trouble with it fails a job that is paid for."""
    try:
        return await nemo.sessions.claim(session)
    except NemoVideoError as error:
        tell(f"There is no link to the project: {error}", level=logging.WARNING)
        return None


def _instructions(given: str | list[str]) -> list[str]:
    words = [text.strip() for text in ([given] if isinstance(given, str) else given) if text.strip()]
    if not words:
        raise BadInput(
            "There is no instruction.", next_step='Say what to do, as in: -i "upscale this video to 4K and sharpen".'
        )
    return words
