"""A multipart body: streamed in constant memory, of exact length, and able to start again; and a file as one."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.line import Line

#: Told after each chunk, from a worker thread: bytes sent so far, bytes in all.
Progress = Callable[[int, int], None]


class MultipartBody(httpx.SyncByteStream):
    """The body of one upload, and its headers.

    Iterated anew, it starts anew, so that a redirect (307) can be followed. It blocks: a thread sends it.

    Args:
        size: How many bytes the content has.
        name: What to call it.
        content_type: Its media type.
        progress: Told after each chunk.

    Raises:
        BadInput: While it is sent, when the content turns out to have changed, or can't be read to its end.
    """

    def __init__(self, size: int, name: str, content_type: str, progress: Progress | None = None) -> None:
        boundary = secrets.token_hex(16)
        #: The connection that it goes out by: whoever cancels that one stops what it waits for.
        self.line = Line()
        self._size = size
        self._name = name
        self._progress = progress
        self._sending: Generator[bytes, None, None] | None = None
        self._head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="files"; filename="{written(name)}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        ).encode("utf-8", "replace")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + self._size + len(self._tail)),
        }

    def __iter__(self) -> Iterator[bytes]:
        self.close()
        self._sending = self._pieces()
        return self._sending

    def close(self) -> None:
        """Closes what it reads from, where sending ended before the content did: refused early, or cancelled."""
        if self._sending is not None:
            self._sending.close()

    def content(self) -> Generator[bytes, None, None]:
        """The content from its beginning, in pieces; raises `changed()` at its end if it is not what it was."""
        raise NotImplementedError

    def _pieces(self) -> Generator[bytes, None, None]:
        yield self._head
        sent = 0
        with contextlib.closing(self.content()) as pieces:
            for piece in pieces:
                sent += len(piece)
                if sent > self._size:
                    raise self.changed()
                yield piece
                if self._progress:
                    self._progress(sent, self._size)
        # Before the tail: without it, the service takes what it got for broken off.
        if sent != self._size:
            raise self.changed()
        yield self._tail

    def changed(self) -> BadInput:
        """The content is not what was announced."""
        return BadInput(
            f"{self._name} changed while it was being uploaded.",
            next_step="Wait until nothing writes to it any more, then run the same command again.",
        )


class MultipartFile(MultipartBody):
    """A file as the body of an upload. The kernel reads the next chunk from disk while one is being sent; only one is
    in memory.

    Args:
        path: The file.
        filename: What to call it.
        content_type: Its media type.
        progress: Told after each chunk.

    Raises:
        BadInput: See `MultipartBody`.

    Example:
        ```python
        with closing(MultipartFile(path, "clip.mp4", "video/mp4")) as body:
            httpx.post(url, content=body, headers=body.headers)
        ```
    """

    def __init__(self, path: Path, filename: str, content_type: str, progress: Progress | None = None) -> None:
        self._path = path
        with self._readable():
            self._was = _stamp(os.stat(path))
        super().__init__(self._was[0], filename, content_type, progress)

    def content(self) -> Generator[bytes, None, None]:
        position, size = 0, numbers.UPLOAD_CHUNK_BYTES
        with self._readable():
            file = open(self._path, "rb", buffering=0)  # noqa: SIM115
        with file:
            while True:
                with self._readable():
                    chunk = file.read(size)
                    position += len(chunk)
                    # One chunk ahead: on a slow disk, sending and reading take the time of the slower, not of both.
                    os.posix_fadvise(file.fileno(), position, size, os.POSIX_FADV_WILLNEED)
                if not chunk:
                    break
                yield chunk
            if _stamp(os.fstat(file.fileno())) != self._was:
                raise self.changed()

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadInput(
                f"{self._path} can't be read: {error.strerror}.", next_step="Check the file and its permissions."
            ) from error


def written(filename: str) -> str:
    """A file's name as it stands in a form: what would end the name or the line, or stand for something else there,
    is written in per cent.
    """
    return filename.translate({ord(character): f"%{ord(character):02X}" for character in '"\\\r\n'})


def _stamp(facts: os.stat_result) -> tuple[int, int]:
    """Length in bytes and time of the last write: what changes when something writes to a file."""
    return facts.st_size, facts.st_mtime_ns
