"""Which process does something, so that another one can tell whether it still lives."""

from __future__ import annotations

import os
import platform
import socket
from pathlib import Path

from pydantic import BaseModel


class Process(BaseModel):
    """A process and its machine.

    Args:
        machine: Tells machines, their restarts, and containers apart.
        pid: Its number there.
        started: When it started, as the system counts; "" where that can't be known. Numbers are given out again.
    """

    machine: str
    pid: int
    started: str

    @classmethod
    def this(cls) -> Process:
        """The one that asks."""
        pid = os.getpid()
        return cls(machine=_machine(), pid=pid, started=_started(pid))

    @property
    def is_here(self) -> bool:
        """Whether it ran on this machine, where it can be looked for."""
        return self.machine == _machine()

    @property
    def is_dead(self) -> bool:
        """Whether it certainly lives no more: of another machine's process that is never known."""
        if not self.is_here:
            return False
        try:
            # Signal 0 is none: it only asks.
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return self.started != _started(self.pid)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.machine.split()[0]}"


def _machine() -> str:
    """The host's name, its start, and its space of process numbers: two containers may have one name."""
    parts = [socket.gethostname() or platform.node() or "unnamed"]
    for source in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        path = Path(source)
        try:
            parts.append(path.readlink().name if path.is_symlink() else path.read_text().strip())
        except OSError:
            # Not Linux: its name has to do.
            continue
    return " ".join(parts)


def _started(pid: int) -> str:
    try:
        # The 22nd field; the second is a name in parentheses, which may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
