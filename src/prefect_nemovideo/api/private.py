"""Files that only their owner can read: the client id and the anonymous account."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from prefect_nemovideo.api.errors import BadInput

#: Seconds between two tries to be the one who asks for an account: shorter than the asking, which is one call.
LOCK_POLL_SECONDS = 0.05


@contextlib.asynccontextmanager
async def alone(folder: Path) -> AsyncIterator[None]:
    """Holds a lock that one run on this machine has at a time: side by side they would ask for an account each, and
    the service gives one. The kernel frees it however its holder ends.
    """
    with _explained(folder):
        _make_private(folder)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(LOCK_POLL_SECONDS)
        yield
    finally:
        os.close(lock)


def write(file: Path, text: str, *, only_if_new: bool = False) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    with _explained(file.parent):
        _make_private(file.parent)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name, suffix=".part")
        draft = Path(name)
        try:
            with open(handle, "w") as opened:
                opened.write(text)
            if only_if_new:
                _link(draft, file)
            else:
                os.replace(draft, file)
        finally:
            draft.unlink(missing_ok=True)


def _link(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    except OSError:
        # A file system without links: the last of those who try at once decides.
        os.replace(draft, file)


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(folder, 0o700)


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"The anonymous account can't be kept in {folder}: {error.strerror}.",
            next_step="Make that folder writable, or set NEMO_TOKEN.",
        ) from error
