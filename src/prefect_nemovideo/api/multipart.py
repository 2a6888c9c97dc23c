"""A file as a multipart body: streamed from disk in constant memory, of exact length, and able to start again."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import BadInput

#: Told after each chunk, from a worker thread: bytes sent so far, bytes in all.
Progress = Callable[[int, int], None]


class MultipartFile(httpx.SyncByteStream):
    """The body of one file upload, and its headers.

    Iterated anew, it starts anew, so that a redirect (307) can be followed. It blocks: a thread sends it. The kernel
    reads the next chunk from disk while one is being sent; only one is in memory.

    Args:
        path: The file.
        filename: What to call it.
        content_type: Its media type.
        progress: Told after each chunk.

    Raises:
        BadInput: While it is sent, when the file turns out to have changed, or can't be read to its end.

    Example:
        ```python
        with closing(MultipartFile(path, "clip.mp4", "video/mp4")) as body:
            httpx.post(url, content=body, headers=body.headers)
        ```
    """

    def __init__(self, path: Path, filename: str, content_type: str, progress: Progress | None = None) -> None:
        boundary = secrets.token_hex(16)
        self._path = path
        self._progress = progress
        self._sending: Generator[bytes, None, None] | None = None
        with self._readable():
            self._was = _stamp(os.stat(path))
        self._size = self._was[0]
        self._head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="files"; filename="{written(filename)}"\r\n'
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
        """Closes the file, where sending ended before the file did: refused early, or cancelled."""
        if self._sending is not None:
            self._sending.close()

    def _pieces(self) -> Generator[bytes, None, None]:
        yield self._head
        sent, size = 0, numbers.UPLOAD_CHUNK_BYTES
        with self._readable():
            file = open(self._path, "rb", buffering=0)  # noqa: SIM115
        with file:
            while True:
                with self._readable():
                    chunk = file.read(size)
                    # One chunk ahead: on a slow disk, sending and reading take the time of the slower, not of both.
                    os.posix_fadvise(file.fileno(), sent + len(chunk), size, os.POSIX_FADV_WILLNEED)
                if not chunk:
                    break
                sent += len(chunk)
                if sent > self._size:
                    raise self._changed()
                yield chunk
                if self._progress:
                    self._progress(sent, self._size)
            # Before the tail: without it, the service takes what it got for broken off.
            if sent != self._size or _stamp(os.fstat(file.fileno())) != self._was:
                raise self._changed()
        yield self._tail

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadInput(
                f"{self._path} can't be read: {error.strerror}.", next_step="Check the file and its permissions."
            ) from error

    def _changed(self) -> BadInput:
        return BadInput(
            f"{self._path.name} changed while it was being uploaded.",
            next_step="Wait until nothing writes to it any more, then run the same command again.",
        )


def written(filename: str) -> str:
    """A file's name as it stands in a form: what would end the name or the line, or stand for something else there,
    is written in per cent.
    """
    return filename.translate({ord(character): f"%{ord(character):02X}" for character in '"\\\r\n'})


def _stamp(facts: os.stat_result) -> tuple[int, int]:
    """Length in bytes and time of the last write: what changes when something writes to a file."""
    return facts.st_size, facts.st_mtime_ns
