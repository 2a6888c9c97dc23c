"""Footage into a session: checked before a byte is sent, streamed, and never sent twice after a lost reply."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.draft import unsigned
from prefect_nemovideo.api.envelope import UPLOAD, parse, unexpected
from prefect_nemovideo.api.errors import (
    CallFailed,
    FileRefused,
    ServiceTrouble,
    UnexpectedReply,
    Unreachable,
    UploadedTwice,
)
from prefect_nemovideo.api.footage import check_extension, check_file, check_size, content_type
from prefect_nemovideo.api.models import SessionState, UploadedFile
from prefect_nemovideo.api.multipart import MultipartFile, Progress, written
from prefect_nemovideo.api.passing import MultipartPassage
from prefect_nemovideo.api.timeline import Timeline

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Sessions
    from prefect_nemovideo.api.transport import Transport

logger = logging.getLogger("prefect_nemovideo.api")

ENDPOINT = UPLOAD


class Had(NamedTuple):
    """What a session had before an upload: how many files like it, how many in all, and segments on its timeline."""

    like: int = 0
    files: int = 0
    segments: int = 0


NOTHING = Had()


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
        self, session_id: str, path: Path, *, progress: Progress | None = None, had: Had = NOTHING
    ) -> UploadedFile:
        """Uploads a file from disk.

        Args:
            session_id: The session it belongs to.
            path: The file, at most 500 MB, of a kind that the service takes.
            progress: Told bytes sent and bytes in all after each MiB, from a worker thread.
            had: What files the session had before, as `had` told.

        Raises:
            BadInput: The file won't do; nothing was sent.
            Unreachable: The reply was lost, and the state does not show the file.
            FileRefused: The service does not take it.
        """
        size = await asyncio.to_thread(check_file, path)
        with closing(MultipartFile(path, path.name, content_type(path.name), progress)) as body:
            return await self._sent(session_id, path.name, size, had, content=body, headers=body.headers)

    async def pass_on(
        self,
        session_id: str,
        url: str,
        name: str,
        size: int,
        *,
        sha256: str | None = None,
        progress: Progress | None = None,
        had: Had = NOTHING,
    ) -> UploadedFile:
        """Uploads what lies elsewhere, for a service that does not fetch it itself: without a copy on this disk.

        Args:
            session_id: The session it belongs to.
            url: An `http(s)` address that this machine can reach.
            name: What to call it.
            size: Its length in bytes, at most 500 MB.
            sha256: Of it, in hexadecimal digits, where it is known; it is checked.
            progress: Told bytes sent and bytes in all after each piece, from a worker thread.
            had: What files the session had before, as `had` told.

        Raises:
            NotPassed: It can't be read to its end; the service did not take it.
            BadInput: It won't do, or changed meanwhile; the service did not take it.
            Unreachable: The reply was lost, and the state does not show the file.
            FileRefused: The service does not take it.
        """
        check_extension(name)
        check_size(size, name)
        kind = content_type(name)
        with closing(MultipartPassage(url, size, name, kind, sha256=sha256, progress=progress)) as body:
            return await self._sent(session_id, name, size, had, content=body, headers=body.headers)

    async def send_url(self, session_id: str, url: str, *, had: Had = NOTHING) -> UploadedFile:
        """Has the service fetch a file itself, so that no byte passes through here.

        Args:
            session_id: The session it belongs to.
            url: An `http(s)` address that the service can reach.
            had: What files the session had before, as `had` told.

        Raises:
            RequestRefused: The service does not fetch from there.
        """
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        return await self._sent(session_id, name, None, had, json={"urls": [url], "source_type": "url"})

    async def _sent(self, session_id: str, name: str, size: int | None, had: Had, **body: Any) -> UploadedFile:
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
            if error.sent and (found := await self._looked_for(session_id, name, size, had, error)):
                return found
            raise

    async def _looked_for(
        self, session_id: str, name: str, size: int | None, had: Had, error: CallFailed
    ) -> UploadedFile | None:
        """The file whose reply was lost: the service may still be storing it, so one look is not enough."""
        logger.info("%s Looking whether the file arrived all the same.", error)
        for seconds in numbers.LOST_UPLOAD_LOOKS_SECONDS:
            await self._transport.sleep(seconds)
            try:
                if found := await self.find(session_id, name, size, had=had):
                    return found
            except (Unreachable, ServiceTrouble, UnexpectedReply) as trouble:
                logger.info("%s", trouble)
        return None

    async def had(self, session_id: str, name: str, size: int | None) -> Had:
        """What files the session has, to be known before an upload of this name and size (None: not known)."""
        state = await self._sessions.settled(session_id)
        return Had(len(_like(state.files, name, size)), len(state.files), _segments(state))

    async def find(
        self,
        session_id: str,
        name: str,
        size: int | None,
        *,
        had: Had = NOTHING,
        digests: frozenset[str] = frozenset(),
    ) -> UploadedFile | None:
        """The file of this name (and size, where the state tells it) that the session has beyond those it had before;
        or one under another name that the service has given it: nobody else uploads into the session meanwhile. A
        service that does not list it may have put it on the timeline.

        Args:
            had: What it had before: two sources may have one name.
            digests: Of the file, in hexadecimal. What the service's `hash` is of is not documented, so one that is
                equal picks among several, and one that differs says nothing.
        """
        state = await self._sessions.state(session_id)
        like, new = _like(state.files, name, size), _of_size(state.files[had.files :], size)
        found = like if len(like) > had.like else new
        if not found and len(state.files) == had.files and _segments(state) > had.segments:
            return UploadedFile(filename=name, size=size)
        equal = (file for file in found if file.hash and file.hash.lower() in digests)
        return next(equal, found[-1] if found else None)

    async def arrived(
        self, session_id: str, file: UploadedFile, name: str, size: int | None, *, had: Had, again: bool = False
    ) -> None:
        """Waits until the session shows a file that it has taken: what shows later would pass for an edit's work.

        Args:
            had: What files the session had before.
            again: It was sent before, with no answer: the first that shows need not be this one.

        Raises:
            UploadedTwice: It is there twice, because the service showed an upload late whose reply had been lost.
        """
        seen = 0
        for seconds in numbers.ARRIVAL_LOOKS_SECONDS:
            await self._transport.sleep(seconds)
            state = await self._sessions.state(session_id)
            is_listed, is_placed = len(state.files) > had.files, _segments(state) > had.segments
            seen += _has_address(file, state.files) if again else is_listed or is_placed
            # Most services list it and put it on the timeline too; either may show later than the other.
            if seen and ((is_listed and is_placed) or seen == numbers.LOOKS_FOR_THE_OTHER):
                shown = Had(files=had.files + is_listed, segments=had.segments + is_placed)
                self._sessions.showed(session_id, partial(_shows, shown), state)
                break
        else:
            logger.warning("The service has taken %s and does not show it in the session. Going on.", name)
        copies = [new for new in state.files[had.files :] if new.size is not None and new.size == size]
        if len(_like(state.files, name, size)) > had.like + 1 or len(copies) > 1:
            raise UploadedTwice(
                f"{name} is in the session twice: the first upload got no answer and showed only after it had been "
                "sent again. It has not been edited.",
                next_step="Begin in a new session: run the same command with --force, or under another session's name.",
                session_id=session_id,
            )


def _shows(had: Had, state: SessionState) -> bool:
    return len(state.files) >= had.files and _segments(state) >= had.segments


def _segments(state: SessionState) -> int:
    return sum(len(track.segments) for track in Timeline.from_state(state.state).tracks)


def _like(files: list[UploadedFile], name: str, size: int | None) -> list[UploadedFile]:
    names = (name, written(name))
    return _of_size([file for file in files if file.filename in names], size)


def _of_size(files: list[UploadedFile], size: int | None) -> list[UploadedFile]:
    """Without those that are told to be of another size."""
    return [file for file in files if None in (file.size, size) or file.size == size]


def _has_address(file: UploadedFile, files: list[UploadedFile]) -> bool:
    return bool(file.cdn_url) and unsigned(file.cdn_url) in [unsigned(listed.cdn_url) for listed in files]


def _first_file(data: dict[str, object]) -> UploadedFile:
    files = data.get("files")
    if not isinstance(files, list) or not files or not isinstance(files[0], dict):
        raise unexpected(ENDPOINT, "data.files")
    return parse(UploadedFile, files[0], ENDPOINT)
