"""Footage into a session."""

from __future__ import annotations

from pathlib import Path

from prefect_nemovideo.api import UploadedFile
from prefect_nemovideo.api.errors import FileRefused, RequestRefused
from prefect_nemovideo.progress import Meter, tell
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.retrying import kept_step
from prefect_nemovideo.tasks.sources import Source, fetch_source, link_to


@kept_step("upload {source}")
async def upload_video(job: Job, session_id: str, source: Source, scratch: str, number: int = 0) -> UploadedFile:
    """Uploads one source into a session, once.

    What the service can fetch by itself (a public address, an object in S3 by a signed link) does not pass through
    here; where it refuses the link, the file is fetched and sent.

    Args:
        source: What `inspect_source` found.
        scratch: A folder for a file that must be fetched first.
        number: Which of the job's sources this is, from 0.
    """
    async with client_of(job) as nemo:
        left_behind = await Intent(job, upload_video.name, number, session_id).declare({"name": source.name})
        # An earlier run may have sent it and not lived to see the reply.
        if left_behind is not None and (found := await nemo.uploads.find(session_id, source.name, source.bytes)):
            tell(f"{source.name} is in the session already.")
            return found
        if (link := await link_to(source)) is not None:
            try:
                file = await nemo.uploads.send_url(session_id, link)
                tell(f"The service fetched {source.name} itself.")
                return file
            except (RequestRefused, FileRefused) as error:
                tell(f"The service does not fetch {source.name} itself ({error.message.rstrip('.')}): sending it.")
        path = await fetch_source(source, Path(scratch))
        tell(f"Uploading {source.name} ({path.stat().st_size / 1e6:.1f} MB).")
        return await nemo.uploads.send(session_id, path, progress=Meter("Uploading"))
