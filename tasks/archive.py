"""The result into the archive: the video, and the record of how it was made beside it."""

from __future__ import annotations

import logging
import mimetypes
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from prefect_nemovideo.blocking import in_thread, taken_back
from prefect_nemovideo.blocks.archive import S3Archive
from prefect_nemovideo.progress import Meter, tell
from prefect_nemovideo.results import BatchReport, VideoResult
from prefect_nemovideo.storage import Conflict, Place, StorageError, open_place
from prefect_nemovideo.tasks.retrying import repeatable_step

DEFAULT_ARCHIVE = "./nemovideo-archive"
#: Enough of the job's key to keep two jobs of one source apart.
KEY_CHARACTERS_IN_NAMES = 8
LONGEST_STEM = 80


async def open_archive(archive: str | None) -> Place:
    """The place that `archive` names: `s3://bucket/prefix`, a directory, or a saved S3Archive block.

    A name without a slash is first looked for among the saved blocks.
    """
    name = archive or DEFAULT_ARCHIVE
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _-]*", name):
        try:
            block: Any = await S3Archive.aload(name)
        except ValueError:
            block = None
        if isinstance(block, S3Archive):
            return await in_thread(block.get_client)
    return await in_thread(open_place, name)


def video_name(source_name: str, job_key: str, extension: str) -> str:
    """The name of a result: the source's, and enough of the job's key that no two jobs meet."""
    stem = re.sub(r"[^\w.() -]+", "_", Path(source_name).stem).strip(". ")[:LONGEST_STEM] or "video"
    return f"{stem}-{job_key[:KEY_CHARACTERS_IN_NAMES]}.{extension}"


def manifest_name(name: str) -> str:
    """The name of the record beside a video."""
    return f"{name.rpartition('.')[0]}.manifest.json"


async def find_delivered(place: Place, name: str, job_key: str) -> VideoResult | None:
    """The result of this job, if it was delivered here before: decided from the object and its record, no log."""
    document = await in_thread(place.read_json, manifest_name(name))
    try:
        result = VideoResult.model_validate(document)
    except ValidationError:
        return None
    held = await in_thread(place.head, name)
    if held is None or result.job_key != job_key or held.bytes != result.bytes:
        return None
    return result if held.sha256 in (None, result.sha256) else None


async def take_back(archive: str | None, name: str) -> None:
    """Deletes what is left in the archive's staging; no trouble with it fails a job that is paid for."""
    try:
        staging = (await open_archive(archive)).staging
        if staging is not None:
            await taken_back(staging.remove, name)
    except (StorageError, TimeoutError) as error:
        tell(f"A copy is left in the bucket: {error}", level=logging.WARNING)


def report_name(batch: str) -> str:
    """The name of a batch's report."""
    return f"{batch}.batch.json"


async def read_report(archive: str | None, batch: str) -> BatchReport | None:
    """What earlier runs of a batch came to, if there is a report of them that can be read.

    Raises:
        Conflict: What has the report's name is none.
    """
    place, name = await open_archive(archive), report_name(batch)
    document = await in_thread(place.read_json, name)
    if document is not None and not (isinstance(document, dict) and document.keys() >= {"rows", "items"}):
        raise not_ours(place, name)
    try:
        return BatchReport.model_validate(document)
    except ValidationError:
        # Of another version.
        return None


async def keep_report(archive: str | None, report: BatchReport) -> None:
    """Writes a batch's report into the archive, in place of the last one."""
    place = await open_archive(archive)
    document = report.model_dump(mode="json")
    await in_thread(place.put_json, report_name(report.name), document, overwrite=True)


def not_ours(place: Place, name: str) -> Conflict:
    """Says that something else has the name of what is written anew by each run of a batch."""
    uri = place.uri_of(name)
    return Conflict(
        f"{uri} was not made by a batch, and would be replaced. Move it away, or give the manifest another name.",
        uri=uri,
    )


@repeatable_step("archive {name}")
async def archive_video(
    path: str, archive: str | None, name: str, result: VideoResult, staged: bool = False
) -> VideoResult:
    """Puts a checked file and its record into the archive, checked there against its SHA-256.

    Done again it finds what is there; a different object of the same name is never overwritten.

    Args:
        path: The file.
        archive: See `open_archive`.
        name: The object's name within the archive.
        result: The record; its `uri` is set here.
        staged: Whether the file is in the archive already, under the same name in its staging.

    Raises:
        StorageError: The place can't take it; the message says why and what to do.
    """
    place = await open_archive(archive)
    facts: Any = {
        "sha256_hex": result.sha256,
        "content_type": mimetypes.guess_type(name)[0] or "video/mp4",
        "metadata": {"job-key": result.job_key, "render-id": result.render_id},
    }
    if staged and place.staging is not None:
        stored = await in_thread(place.staging.adopt, name, size=result.bytes, **facts)
    else:
        stored = await in_thread(place.put_file, Path(path), name, progress=Meter("Archiving"), **facts)
    result = result.model_copy(update={"uri": stored.uri})
    await in_thread(place.put_json, manifest_name(name), result.model_dump(mode="json"), overwrite=True)
    tell(f"Archived: {stored.uri}")
    return result
