"""A window on a file, which boto3 sends as if it were a file of its own."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.storage.threads import left


class Stopped(BaseException):
    """A transfer is not wanted any more, for this reason. Not an Exception, because boto3 takes those for a bad network
    and sends the whole body again."""

    def __init__(self, reason: Exception) -> None:
        super().__init__("the transfer was stopped")
        self.reason = reason


class FileWindow(io.RawIOBase):
    """Bytes `offset` to `offset + length` of a file, readable and seekable, never held in memory.

    boto3 may read a body twice: once to sign it, then to send it, and again for each retry. Only what is read
    after `sending_starts` is progress, and a retry takes the earlier progress back: `on_sent` gets changes.
    """

    def __init__(self, path: Path, offset: int, length: int, on_sent: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._offset, self._length, self._position = offset, length, 0
        self._on_sent, self._sending, self._sent = on_sent, False, 0

    def sending_starts(self) -> None:
        """Called when a request with this body is about to go out."""
        self._sending = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = max(0, base + position)
        return self._position

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: max(0, self._length - self._position)]
        count = os.preadv(self._descriptor, [view], self._offset + self._position) if len(view) else 0
        self._position += count
        if self._sending and self._on_sent and self._position != self._sent:
            change, self._sent = self._position - self._sent, self._position
            try:
                self._on_sent(change)
            except Exception as exc:
                raise Stopped(exc) from exc
        return count

    def __len__(self) -> int:
        return self._length

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def announce_sending(request: Any, **_: Any) -> None:
    """A handler for botocore's `before-send` event, emitted just before each try of a request.

    Where nobody waits for the work any more, others may have written meanwhile what a late try would replace.
    """
    is_left = left.get()
    takes_back = request.method == "DELETE" and "uploadId=" in request.url
    if is_left is not None and is_left.is_set() and request.method not in ("GET", "HEAD") and not takes_back:
        raise Stopped(StorageError("Nobody waits for this any more. Nothing was sent."))
    if isinstance(request.body, FileWindow):
        request.body.sending_starts()
