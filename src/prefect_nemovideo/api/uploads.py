"""Footage into a session: checked before a byte is sent, streamed, and never sent twice after a lost reply."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import UPLOAD, parse, unexpected
from prefect_nemovideo.api.errors import BadInput, CallFailed, FileRefused, ServiceTrouble, UnexpectedReply, Unreachable
from prefect_nemovideo.api.models import UploadedFile
from prefect_nemovideo.api.multipart import MultipartFile, Progress, written
from prefect_nemovideo.api.passing import MultipartPassage
from prefect_nemovideo.api.profiles import EXTENSIONS

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Sessions
    from prefect_nemovideo.api.transport import Transport

logger = logging.getLogger("prefect_nemovideo.api")

ENDPOINT = UPLOAD

#: By extension. The machine's own table differs from one to the next, and in Python 3.11 knows no webp.
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
}


def check_file(path: Path) -> int:
    """The file's size in bytes, once everything that can be known without sending it is right.

    Raises:
        BadInput: It isn't there, is no file, is empty, is of an unsupported kind, or is too large.
    """
    try:
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
        path.open("rb").close()
    except OSError as error:
        raise BadInput(
            f"{path} can't be read: {error.strerror}.", next_step="Check the path and its permissions."
        ) from error
    return size


def check_extension(name: str) -> None:
    """Refuses what the service does not take (4001), judged by the name."""
    extension = _extension(name)
    if extension not in CONTENT_TYPES:
        kind = f"“.{extension}” files" if extension else "files without an extension"
        raise BadInput(
            f"{name}: NemoVideo does not take {kind}.",
            next_step=f"Convert it to one of: {', '.join(EXTENSIONS)}.",
        )


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


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

    async def send(
        self, session_id: str, path: Path, *, progress: Progress | None = None, there: int = 0
    ) -> UploadedFile:
        """Uploads a file from disk.

        Args:
            session_id: The session it belongs to.
            path: The file, at most 500 MB, of a kind that the service takes.
            progress: Told bytes sent and bytes in all after each MiB, from a worker thread.
            there: How many files like this one the session had before.

        Raises:
            BadInput: The file won't do; nothing was sent.
            Unreachable: The reply was lost, and the state does not show the file.
            FileRefused: The service does not take it.
        """
        size = await asyncio.to_thread(check_file, path)
        with closing(MultipartFile(path, path.name, CONTENT_TYPES[_extension(path.name)], progress)) as body:
            return await self._sent(session_id, path.name, size, there, content=body, headers=body.headers)

    async def pass_on(
        self,
        session_id: str,
        url: str,
        name: str,
        size: int,
        *,
        sha256: str | None = None,
        progress: Progress | None = None,
        there: int = 0,
    ) -> UploadedFile:
        """Uploads what lies elsewhere, for a service that does not fetch it itself: without a copy on this disk.

        Args:
            session_id: The session it belongs to.
            url: An `http(s)` address that this machine can reach.
            name: What to call it.
            size: Its length in bytes, at most 500 MB.
            sha256: Of it, in hexadecimal digits, where it is known; it is checked.
            progress: Told bytes sent and bytes in all after each piece, from a worker thread.
            there: How many files like this one the session had before.

        Raises:
            NotPassed: It can't be read to its end; the service did not take it.
            BadInput: It won't do, or changed meanwhile; the service did not take it.
            Unreachable: The reply was lost, and the state does not show the file.
            FileRefused: The service does not take it.
        """
        check_extension(name)
        check_size(size, name)
        kind = CONTENT_TYPES[_extension(name)]
        with closing(MultipartPassage(url, size, name, kind, sha256=sha256, progress=progress)) as body:
            return await self._sent(session_id, name, size, there, content=body, headers=body.headers)

    async def send_url(self, session_id: str, url: str, *, there: int = 0) -> UploadedFile:
        """Has the service fetch a file itself, so that no byte passes through here.

        Args:
            session_id: The session it belongs to.
            url: An `http(s)` address that the service can reach.
            there: How many files like this one the session had before.

        Raises:
            RequestRefused: The service does not fetch from there.
        """
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        return await self._sent(session_id, name, None, there, json={"urls": [url], "source_type": "url"})

    async def _sent(self, session_id: str, name: str, size: int | None, there: int, **body: Any) -> UploadedFile:
        timing = httpx.Timeout(
            numbers.UPLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS, write=numbers.WRITE_SECONDS
        )
        path = f"/api/upload-video/nemo_agent/me/{quote(session_id, safe='')}"
        try:
            data = await self._transport.call(ENDPOINT, "POST", path, timing=timing, safe=False, **body)
            return _first_file(data)
        except FileRefused as error:
            megabytes = f" ({size / 1e6:,.1f} MB)" if size is not None else ""
            raise FileRefused(
                f"{name}{megabytes}: {error.message}", next_step=error.next_step, **error.facts
            ) from error.__cause__
        except (Unreachable, ServiceTrouble, UnexpectedReply) as error:
            if error.sent and (found := await self._looked_for(session_id, name, size, there, error)):
                return found
            raise

    async def _looked_for(
        self, session_id: str, name: str, size: int | None, there: int, error: CallFailed
    ) -> UploadedFile | None:
        """The file whose reply was lost: the service may still be storing it, so one look is not enough."""
        logger.info("%s Looking whether the file arrived all the same.", error)
        for seconds in numbers.LOST_REPLY_LOOKS_SECONDS:
            await self._transport.sleep(seconds)
            try:
                if found := await self.find(session_id, name, size, there=there):
                    return found
            except (Unreachable, ServiceTrouble, UnexpectedReply) as trouble:
                logger.info("%s", trouble)
        return None

    async def count(self, session_id: str, name: str, size: int | None) -> int:
        """How many files of this name (and size, where the state tells it) the session has."""
        return len(await self._like(session_id, name, size))

    async def find(
        self, session_id: str, name: str, size: int | None, *, there: int = 0, digests: frozenset[str] = frozenset()
    ) -> UploadedFile | None:
        """The file of this name (and size, where the state tells it) that the session has beyond those it had before.

        Args:
            there: How many like it there were before: two sources may have one name.
            digests: Of the file, in hexadecimal. What the service's `hash` is of is not documented, so one that is
                equal picks among several, and one that differs says nothing.
        """
        like = await self._like(session_id, name, size)
        if len(like) <= there:
            return None
        return next((file for file in like if file.hash and file.hash.lower() in digests), like[-1])

    async def _like(self, session_id: str, name: str, size: int | None) -> list[UploadedFile]:
        state = await self._sessions.state(session_id)
        names = (name, written(name))
        named = [file for file in state.files if file.filename in names]
        return [file for file in named if None in (file.size, size) or file.size == size]


def _first_file(data: dict[str, object]) -> UploadedFile:
    files = data.get("files")
    if not isinstance(files, list) or not files or not isinstance(files[0], dict):
        raise unexpected(ENDPOINT, "data.files")
    return parse(UploadedFile, files[0], ENDPOINT)
