"""The rendered file: fetched whole, decoded from beginning to end, compared with what was asked for."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import BaseModel

from prefect_nemovideo.api import OutputSpec, RenderState
from prefect_nemovideo.blocking import in_thread, taken_back
from prefect_nemovideo.media import Source, Wanted, compare, verify
from prefect_nemovideo.progress import Meter, tell
from prefect_nemovideo.tasks.archive import open_archive, take_back
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.retrying import repeatable_step
from prefect_nemovideo.words import a_size


class LocalFile(BaseModel):
    """A downloaded file: where it is for now, its length in bytes, its SHA-256.

    Args:
        path: On this machine; or its name in the staging of `staged_in`.
        staged_in: The archive that it went straight into, if it did; see `open_archive`.
    """

    path: str
    bytes: int
    sha256: str
    staged_in: str | None = None


async def opened(path: str, staged_in: str | None) -> Source:
    """A downloaded file, wherever it is for now, to be read."""
    staging = (await open_archive(staged_in)).staging if staged_in else None
    return Path(path) if staging is None else await in_thread(staging.open, path)


class Checked(BaseModel):
    """What a file turned out to be, and each way in which it is not what was asked for."""

    width: int
    height: int
    fps: float
    duration_seconds: float
    video_codec: str | None
    has_audio: bool
    frames: int
    differences: list[str]


@repeatable_step("download {render.render_id}")
async def download_video(job: Job, render: RenderState, target: str, archive: str | None = None) -> LocalFile:
    """Downloads a finished render.

    Args:
        render: Its terminal state, as `wait_for_render` gave it.
        target: Where the file is to be.
        archive: Where this archive takes videos straight in, the file goes there instead, under the target's name.

    Raises:
        DownloadFailed: It did not arrive whole, neither by its link nor by the API's own route.
        StorageError: The archive can't take it.
    """
    meter = Meter("Downloading")
    facts: Any = {"render_id": render.render_id, "expected_bytes": render.size, "progress": meter}
    staging = (await open_archive(archive)).staging
    async with client_of(job) as nemo:
        if staging is None:
            file = await nemo.downloads.fetch(render.url, Path(target), **facts)
            tell(f"Downloaded {a_size(file.bytes)}.")
            return LocalFile(path=str(file.path), bytes=file.bytes, sha256=file.sha256)
        name = Path(target).name
        arriving = staging.receive(name)
        try:
            came = await nemo.downloads.stream(render.url, arriving, **facts)
            try:
                await in_thread(arriving.finish, meter)
            except BaseException:
                # It may be there all the same.
                await take_back(archive, name)
                raise
        finally:
            with contextlib.suppress(TimeoutError):
                await taken_back(arriving.close)
    tell(f"Brought {a_size(came.bytes)} straight into the bucket.")
    return LocalFile(path=name, bytes=came.bytes, sha256=came.sha256, staged_in=archive)


@task(cache_policy=NO_CACHE)
async def verify_video(
    path: str,
    output: OutputSpec,
    duration_seconds: float | None = None,
    audio: bool | None = None,
    staged_in: str | None = None,
) -> Checked:
    """Decodes a file from beginning to end and compares it with what was asked for.

    Args:
        output: What was asked for; its `resolution` is the size expected, None for any.
        duration_seconds: The length of the timeline, None where it is not known.
        audio: Whether there should be sound, None where that is not known.
        staged_in: As `download_video` said; the file is then read where it lies, in the bucket.

    Raises:
        Corrupt: It is incomplete or damaged.
        NotMedia: It is no video at all.
    """
    meter = Meter("Checking")
    checked = await in_thread(verify, await opened(path, staged_in), progress=meter)
    info = checked.info
    wanted = Wanted(
        resolution=output.resolution,
        fps=output.fps,
        duration_seconds=duration_seconds,
        format=output.format,
        audio=audio,
    )
    differences = compare(info, wanted)
    tell(
        f"Checked: {checked.frames_decoded} frames decoded, {info.width}×{info.height}, {info.duration_seconds:.2f} s."
    )
    for difference in differences:
        tell(f"Not as requested: {difference}")
    return Checked(
        width=info.width,
        height=info.height,
        fps=info.fps,
        duration_seconds=round(info.duration_seconds, 3),
        video_codec=info.video_codec,
        has_audio=info.has_audio,
        frames=checked.frames_decoded,
        differences=differences,
    )
