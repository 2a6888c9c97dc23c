"""Runs the two sides of a row in turn, each time as a process of its own."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import ModuleType

from benchmarks.figures import megabytes
from benchmarks.row import Side, Sides

ROOT = Path(__file__).parent.parent
#: A side that takes longer has hung.
TIMEOUT_SECONDS = 300
#: Between two looks at a process.
LOOK_SECONDS = 0.01

Figures = dict[str, float]


class Failed(Exception):
    """A side did not do what it was to do."""


def rounds_of(row: ModuleType, rounds: int) -> tuple[list[Figures], list[Figures]]:
    """The figures of both sides, round by round. One before them warms up and does not count, where that tells.

    Who begins changes from round to round: what comes second finds warmer caches.
    """
    with tempfile.TemporaryDirectory(prefix="nemovideo-bench-") as folder, row.sides(Path(folder)) as sides:
        extra = 1 if getattr(row, "WARMS_UP", True) else 0
        pairs = [_pair(sides, begins=number % 2 == 0) for number in range(rounds + extra)][extra:]
    return [mine for mine, _ in pairs], [theirs for _, theirs in pairs if theirs]


def _pair(sides: Sides, *, begins: bool) -> tuple[Figures, Figures]:
    if sides.opponent is None:
        return run(sides.ours), {}
    if begins:
        return run(sides.ours), run(sides.opponent)
    theirs = run(sides.opponent)
    return run(sides.ours), theirs


def run(side: Side) -> Figures:
    """One run: the whole process, or what a program that measures itself prints last.

    Raises:
        Failed: It exits with another code than 0, or takes too long.
    """
    side.before()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **side.environment}
    started = time.monotonic()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        process = subprocess.Popen(
            side.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=complained
        )
        watch = Watch(process)
        # Not Popen.wait: the kernel tells what this process used, and those that it waited for itself.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        peak = watch.end()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complained.seek(0)
            tail = complained.read().decode(errors="replace").strip()[-1500:]
            name = " ".join(Path(word).name for word in side.command[:3])
            raise Failed(f"{name} ended with {process.returncode}: {tail}")
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    whole = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": peak}
    return {**whole, **_measured_itself(lines[-1:])}


class Watch(threading.Thread):
    """Looks at a process until it ends: its high-water mark of memory, and whether it has hung.

    The kernel's own figure at the end (`ru_maxrss`) would count what we had ourselves before the new program.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._process, self._over, self._peak = process, threading.Event(), 0.0
        self.start()

    def run(self) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not self._over.wait(LOOK_SECONDS):
            self._peak = max(self._peak, megabytes("VmHWM", str(self._process.pid)))
            if time.monotonic() > deadline:
                self._process.kill()

    def end(self) -> float:
        """The most memory that was seen, in MB."""
        self._over.set()
        self.join()
        return self._peak


def _measured_itself(last: list[str]) -> Figures:
    try:
        figures = json.loads(last[0]) if last else {}
    except ValueError:
        return {}
    # What a server answered may be JSON too.
    return figures if isinstance(figures, dict) and "wall" in figures else {}


def load(name: str) -> ModuleType:
    """The row of this name."""
    return importlib.import_module(f"benchmarks.rows.{name}")
