"""From an edited timeline to its file: rendered, fetched, and decoded to its end."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from prefect_nemovideo.api import NemoVideoError, RenderState
from prefect_nemovideo.api.errors import DownloadFailed, JobFailed, NotFound, RenderFailed, RequestRefused
from prefect_nemovideo.flows.stopping import Rendering, ended_with_the_run
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.media import MediaError
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks import Job, download_video, submit_render, verify_video, wait_for_render
from prefect_nemovideo.tasks.archive import take_back
from prefect_nemovideo.tasks.downloads import Checked, LocalFile
from prefect_nemovideo.tasks.intents import Declared, Intent
from prefect_nemovideo.tasks.renders import render_id

#: A failed render is tried once more, under a new id, as documented.
RENDER_TRIES = 2


@contextlib.asynccontextmanager
async def rendered(
    job: Job, session_id: str, wishes: Wishes, seconds: float | None, *, taken: JobFailed | None = None
) -> AsyncIterator[tuple[RenderState, LocalFile, Checked]]:
    """The finished render and its sound file, on this machine or in the archive's staging, until it is archived.

    Args:
        taken: The timeline is another job's by now: only what was begun before is waited for. This is raised where
            that comes to nothing.
    """
    with tempfile.TemporaryDirectory(prefix="nemovideo-") as scratch:
        target = str(Path(scratch) / wishes.name)
        render, file, checked = await _render(job, session_id, wishes, target, seconds, taken)
        try:
            yield render, file, checked
        finally:
            if file.staged_in:
                await take_back(file.staged_in, file.path)


async def _render(
    job: Job, session_id: str, wishes: Wishes, target: str, seconds: float | None, taken: JobFailed | None
) -> tuple[RenderState, LocalFile, Checked]:
    """The finished render and its file: what an earlier run rendered, if it can still be had, else a new one.

    A render that fails, or whose file is damaged, is tried once more, under a new id. Only this run's own renders
    count: those that failed before don't stand in its way, because rendering is free and the edits are not.
    """
    tries, number, reason = 0, -1, ""
    while tries < RENDER_TRIES:
        number += 1
        left = await Intent(job, submit_render.name, number, session_id).left_behind()
        is_earlier = left is not None
        if left is not None and left.facts.get("outdated"):
            continue
        if taken and left is None:
            raise taken
        begun = _id_of(job, session_id, number, left) if taken and left else None
        try:
            render = await _ended(job, session_id, wishes, number, None if is_earlier else seconds, begun)
            if render.is_completed:
                return render, *await _fetched(job, render, wishes, target, seconds)
            reason = render.error or f"it ended as “{render.status}”"
        except (NotFound, DownloadFailed, RequestRefused) as error:
            # An earlier run's render may be gone by now, or be there under an id that was never learnt, while ours is
            # refused as taken. A disk that is full takes no other one either.
            if not is_earlier or "path" in error.facts:
                raise
            reason = error.message
        except MediaError as error:
            reason = error.reason
        tries += not is_earlier
        tell(f"The render failed: {reason}", level=logging.WARNING)
    raise RenderFailed(
        f"The video could not be rendered, twice: {reason}",
        next_step="Run the same command again to render once more, free of credits.",
        session_id=session_id,
    )


async def _fetched(
    job: Job, render: RenderState, wishes: Wishes, target: str, seconds: float | None
) -> tuple[LocalFile, Checked]:
    """A render's file, decoded to its end: by its link, or by the API's own route where what the link gives is damaged.

    Raises:
        MediaError: It is damaged by both.
    """
    try:
        return await _fetched_once(job, render, wishes, target, seconds)
    except MediaError as damage:
        tell(f"What was downloaded won't do: {damage.reason} Fetching it by the API's own route.")
        try:
            unlinked = render.model_copy(update={"url": None})
            return await _fetched_once(job, unlinked, wishes, target, seconds)
        except NemoVideoError as error:
            if "path" in error.facts:
                raise
            raise damage from error


async def _fetched_once(
    job: Job, render: RenderState, wishes: Wishes, target: str, seconds: float | None
) -> tuple[LocalFile, Checked]:
    file = await download_video(job, render, target, wishes.archive)
    try:
        staged_in = file.staged_in
        return file, await verify_video(file.path, wishes.output, duration_seconds=seconds, staged_in=staged_in)
    except BaseException:
        # Whatever ends the check, a cancellation too: nobody else knows of the copy.
        if file.staged_in:
            await take_back(file.staged_in, file.path)
        raise


def _id_of(job: Job, session_id: str, number: int, left: Declared) -> str:
    """The id of a render that an earlier run has begun, or was about to."""
    known = RenderState.model_validate(left.result) if left.result else None
    return known.render_id if known else render_id(job, session_id, number)


async def _ended(
    job: Job, session_id: str, wishes: Wishes, number: int, seconds: float | None, begun: str | None = None
) -> RenderState:
    """A render that has ended, well or not; when the run is cancelled before, it is cancelled at the service too.

    Args:
        begun: The id of the only one that will do.
    """
    rendering = Rendering(begun or render_id(job, session_id, number))
    async with ended_with_the_run(job, rendering, wishes.on_failure):
        if begun:
            rendering.is_submitted = True
            return await wait_for_render(job, begun, seconds)
        submitted = await submit_render(job, session_id, wishes.output, number=number)
        rendering.render_id, rendering.is_submitted = submitted.render_id, True
        return await wait_for_render(job, submitted.render_id, seconds)
