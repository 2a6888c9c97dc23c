"""Footage into a session."""

from __future__ import annotations

from pathlib import Path

from prefect_nemovideo.api import NemoVideo, UploadedFile
from prefect_nemovideo.api.draft import unsigned
from prefect_nemovideo.api.errors import FileRefused, RequestRefused
from prefect_nemovideo.api.passing import NotPassed
from prefect_nemovideo.api.uploads import Had
from prefect_nemovideo.progress import Meter, tell
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.retrying import kept_step
from prefect_nemovideo.tasks.sources import Source, fetch_source, link_to
from prefect_nemovideo.words import a_size


@kept_step("upload {source}")
async def upload_video(job: Job, session_id: str, source: Source, scratch: str, number: int = 0) -> UploadedFile:
    """Uploads one source into a session, once.

    What the service can fetch by itself (a public address, an object in S3 by a signed link) does not pass through
    here; where it refuses the link, the bytes go through this machine's memory, and by its disk only where their
    number is not known before.

    Args:
        source: What `inspect_source` found.
        scratch: A folder for a file that must be fetched first.
        number: Which of the job's sources this is, from 0.
    """
    intent = Intent(job, upload_video.name, number, session_id)
    left_behind = await intent.left_behind()
    if left_behind is not None and left_behind.result is not None:
        return UploadedFile.model_validate(left_behind.result)
    async with client_of(job) as nemo:
        had, file = Had(), None
        if left_behind is None:
            had = await nemo.uploads.had(session_id, source.name, source.bytes)
            left_behind = await intent.declare({"name": source.name, "had": had})
        if left_behind is not None:
            # Its run may have sent it and not lived to see the reply.
            had = Had(*left_behind.facts["had"])
            digests = frozenset({source.sha256} if source.sha256 else ())
            file = await nemo.uploads.find(session_id, source.name, source.bytes, had=had, digests=digests)
        again = file is None and left_behind is not None
        if file is None:
            file = await _sent(nemo, session_id, source, scratch, had)
        else:
            tell(f"{source.name} is in the session already.")
        await nemo.uploads.arrived(session_id, file, source.name, source.bytes, had=had, again=again)
    # It is kept, and what signs a link lets anybody in.
    file = file.model_copy(update={"cdn_url": unsigned(file.cdn_url)})
    await intent.end(file)
    return file


async def _sent(nemo: NemoVideo, session_id: str, source: Source, scratch: str, had: Had) -> UploadedFile:
    if (link := await link_to(source)) is not None:
        try:
            file = await nemo.uploads.send_url(session_id, link, had=had)
            tell(f"The service fetched {source.name} itself.")
            return file
        except (RequestRefused, FileRefused) as error:
            tell(f"The service does not fetch {source.name} itself ({error.message.rstrip('.')}): sending it.")
        if source.bytes is not None:
            try:
                return await nemo.uploads.pass_on(
                    session_id,
                    link,
                    source.name,
                    source.bytes,
                    sha256=source.sha256,
                    progress=Meter("Uploading"),
                    had=had,
                )
            except NotPassed as error:
                # A library that knows the storage may know how to read it: by its own certificates, for one.
                tell(f"{error.message} Trying by the disk.")
    path = await fetch_source(source, Path(scratch))
    tell(f"Uploading {source.name} ({a_size(path.stat().st_size)}).")
    return await nemo.uploads.send(session_id, path, progress=Meter("Uploading"), had=had)
