"""Footage into a session: checked before a byte is sent, streamed, and never sent twice after a lost reply."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import parse
from prefect_nemovideo.api.errors import BadInput, ServiceTrouble, UnexpectedReply, Unreachable
from prefect_nemovideo.api.models import UploadedFile
from prefect_nemovideo.api.multipart import MultipartFile, Progress
from prefect_nemovideo.api.profiles import EXTENSIONS

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Sessions
    from prefect_nemovideo.api.transport import Transport

ENDPOINT = "the upload"


def check_file(path: Path) -> int:
    """The file's size in bytes, once everything that can be known without sending it is right.

    Raises:
        BadInput: It isn't there, is no file, is empty, is of an unsupported kind, or is too large.
    """
    if path.is_dir():
        raise BadInput(
            f"{path} is a folder, not a video.",
            next_step="Name one file; for all files of a folder use: prefect-nemovideo batch.",
        )
    if not path.exists():
        raise BadInput(f"There is no file {path}.", next_step="Check the path.")
    if not path.is_file():
        raise BadInput(f"{path} is not a regular file.", next_step="Name a video file.")
    check_extension(path.name)
    size = path.stat().st_size
    if size == 0:
        raise BadInput(f"{path} is empty (0 bytes).", next_step="Name a file with footage in it.")
    check_size(size, path.name)
    try:
        path.open("rb").close()
    except OSError as error:
        raise BadInput(
            f"{path} can't be read: {error.strerror}.", next_step="Check the permissions of the file."
        ) from error
    return size


def check_extension(name: str) -> None:
    """Refuses what the service does not take (4001), judged by the name."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS and extension != "jpeg":
        kind = f"“.{extension}” files" if extension else "files without an extension"
        raise BadInput(
            f"{name}: NemoVideo does not take {kind}.",
            next_step=f"Convert it to one of: {', '.join(EXTENSIONS)}.",
        )


def check_size(size: int, name: str) -> None:
    """Refuses what is too large for the service (4002)."""
    if size > numbers.MAX_UPLOAD_BYTES:
        raise BadInput(
            f"{name} has {size / 1e6:.0f} MB; NemoVideo takes at most 500 MB.",
            next_step="Compress it, trim it, or split it into parts.",
        )


class Uploads:
    """Uploads into sessions.

    Example:
        ```python
        file = await nemo.uploads.send(session.session_id, Path("clip.mp4"))
        ```
    """

    def __init__(self, transport: Transport, sessions: Sessions) -> None:
        self._transport = transport
        self._sessions = sessions

    async def send(self, session_id: str, path: Path, *, progress: Progress | None = None) -> UploadedFile:
        """Uploads a file from disk.

        Args:
            session_id: The session it belongs to.
            path: The file, at most 500 MB, of a kind that the service takes.
            progress: Told bytes sent and bytes in all after each MiB.

        Raises:
            BadInput: The file won't do; nothing was sent.
            Unreachable: The reply was lost, and the state does not show the file.
        """
        size = await asyncio.to_thread(check_file, path)
        body = MultipartFile(path, path.name, mimetypes.guess_type(path.name)[0] or "video/mp4", progress)
        timing = httpx.Timeout(
            numbers.UPLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS, write=numbers.WRITE_SECONDS
        )
        try:
            data = await self._transport.call(
                ENDPOINT,
                "POST",
                f"/api/upload-video/nemo_agent/me/{session_id}",
                content=body,
                headers=body.headers,
                timing=timing,
                safe=False,
            )
        except (Unreachable, ServiceTrouble) as error:
            if found := await self.find(session_id, path.name, size, error):
                return found
            raise
        return _first_file(data)

    async def send_url(self, session_id: str, url: str) -> UploadedFile:
        """Has the service fetch a file itself, so that no byte passes through here.

        Args:
            session_id: The session it belongs to.
            url: An `http(s)` address that the service can reach.

        Raises:
            RequestRefused: The service does not fetch from there.
        """
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        try:
            data = await self._transport.call(
                ENDPOINT,
                "POST",
                f"/api/upload-video/nemo_agent/me/{session_id}",
                json={"urls": [url], "source_type": "url"},
                timing=httpx.Timeout(numbers.UPLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS),
                safe=False,
            )
        except (Unreachable, ServiceTrouble) as error:
            if found := await self.find(session_id, name, None, error):
                return found
            raise
        return _first_file(data)

    async def find(
        self, session_id: str, name: str, size: int | None, error: Unreachable | ServiceTrouble | None = None
    ) -> UploadedFile | None:
        """The file of this name (and size, where the state tells it) among those the session already has.

        Args:
            error: Why one looks; where it says that nothing was sent, nothing is looked for.
        """
        if isinstance(error, Unreachable) and not error.sent:
            return None
        try:
            state = await self._sessions.state(session_id)
        except (Unreachable, ServiceTrouble):
            return None
        for file in state.files:
            if file.filename == name and (file.size is None or size is None or file.size == size):
                return file
        return None


def _first_file(data: dict[str, object]) -> UploadedFile:
    files = data.get("files")
    if not isinstance(files, list) or not files or not isinstance(files[0], dict):
        raise UnexpectedReply(
            f"{ENDPOINT} answered HTTP 200 without `data.files`.",
            next_step="Look at the session with: prefect-nemovideo status.",
            endpoint=ENDPOINT,
            status=200,
            field="data.files",
        )
    return parse(UploadedFile, files[0], ENDPOINT)
