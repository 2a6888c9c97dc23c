"""Where a file's bytes go as they come: to disk as `.part`, hashed on the way, renamed when the file is whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import DownloadFailed


class Receiver(Protocol):
    """Takes a file's bytes in order, in a worker thread. What it raises ends the transfer."""

    def start_over(self, check: Callable[[], None]) -> None:
        """The file begins anew: what came so far does not count. Called before the first byte, too.

        Args:
            check: To be called now and then by who waits for anything; raises where nobody wants the file any more.
        """
        ...

    def take(self, piece: bytes, check: Callable[[], None]) -> None:
        """The next bytes. They may be kept, not changed.

        Args:
            check: As above.
        """
        ...


class PartFile:
    """`<target>.part`, until `finish` gives it its name; taken away at the end, if it is still there.

    Raises:
        DownloadFailed: The disk can't take it.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._part = target.with_name(target.name + ".part")
        self._descriptor = -1

    def start_over(self, check: Callable[[], None]) -> None:
        del check
        with self._explained():
            if self._descriptor < 0:
                self.target.parent.mkdir(parents=True, exist_ok=True)
                self._descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.ftruncate(self._descriptor, 0)

    def take(self, piece: bytes, check: Callable[[], None]) -> None:
        del check
        with self._explained():
            view = memoryview(piece)
            while view:
                view = view[os.write(self._descriptor, view) :]

    def finish(self) -> None:
        """The file is whole: it gets its name."""
        with self._explained():
            os.replace(self._part, self.target)

    def close(self) -> None:
        """Leaves nothing but a whole file behind."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._disk_error(error) from error

    def _disk_error(self, error: OSError) -> DownloadFailed:
        name, folder = self.target.name, self.target.parent
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return DownloadFailed(
            f"The disk is full: {name} could not be written to {folder}."
            if is_full
            else f"{name} could not be written to {folder}: {error.strerror}.",
            next_step="Make room (or set TMPDIR to a larger disk) and run the same command again: "
            "the render is kept and nothing is charged again."
            if is_full
            else "Make that folder writable and run the same command again: the render is kept.",
            path=str(self.target),
        )


class Digest:
    """The SHA-256 of pieces that come in order, worked out in a thread beside the one that receives them."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nemovideo-digest")
        self._running: Future[None] | None = None
        self.start_over()

    def start_over(self) -> None:
        """Nothing came yet."""
        self._wait()
        self._hash = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._bytes = 0

    def take(self, piece: bytes) -> None:
        """The next bytes: a few of them together, for waking a thread costs as much as hashing 100 KB."""
        self._waiting.append(piece)
        self._bytes += len(piece)
        if self._bytes >= numbers.DOWNLOAD_BATCH_BYTES:
            self._wait()
            self._running = self._thread.submit(self._add, self._waiting)
            self._waiting, self._bytes = [], 0

    def hexdigest(self) -> str:
        """Of everything so far."""
        self._wait()
        self._add(self._waiting)
        self._waiting, self._bytes = [], 0
        return self._hash.hexdigest()

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown(wait=False)

    def _add(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._hash.update(piece)

    def _wait(self) -> None:
        # One batch at a time: were hashing slower than the line, memory would fill with what waits for it.
        if self._running is not None:
            self._running.result()
            self._running = None
