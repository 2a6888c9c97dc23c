"""Which emulators are alive on a data folder: each has a folder of its own there, with a lock that dies with it."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from uuid import uuid4

_LOCK = "lock"
_UNBORN = "new-"
"""How the name of an instance's folder begins until its lock is held, so that nobody takes it for a dead one."""


class Instance:
    """This emulator among those that share its data folder, for as long as it lives.

    Attributes:
        name: What the others know it by.
        workspace: A folder for files that aren't finished; it goes when this emulator does, however it ends.
    """

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder / "instances"
        self.name = uuid4().hex
        self.workspace = self._folder / self.name
        unborn = self._folder / (_UNBORN + self.name)
        unborn.mkdir(parents=True)
        self._lock = os.open(unborn / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unborn.rename(self.workspace)

    def is_alive(self, name: str) -> bool:
        """Whether the emulator of that name still runs; what a dead one left unfinished is removed.

        The kernel frees a lock however its holder ended.
        """
        if name == self.name:
            return True
        folder = self._folder / name
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            shutil.rmtree(folder, ignore_errors=True)
            return False
        finally:
            os.close(lock)

    def bury_the_dead(self) -> None:
        """Remove what emulators that are gone left unfinished."""
        for folder in self._folder.iterdir():
            if not folder.name.startswith(_UNBORN):
                self.is_alive(folder.name)

    def close(self) -> None:
        shutil.rmtree(self.workspace, ignore_errors=True)
        os.close(self._lock)
