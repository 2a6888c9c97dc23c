"""Which emulator processes are alive on a data folder: each holds a lock that dies with it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from uuid import uuid4


class Instance:
    """This emulator's name among those that share its data folder, for as long as it lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "instances"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid4().hex
        self._descriptor = os.open(self._path(self.name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def is_alive(self, name: str) -> bool:
        """Whether the emulator of that name still runs. The kernel frees a lock however its holder died."""
        if name == self.name:
            return True
        try:
            descriptor = os.open(self._path(name), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            self._path(name).unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        self._path(self.name).unlink(missing_ok=True)
        os.close(self._descriptor)
