"""A 4K film decoded to its last frame, with every check, beside FFmpeg which only decodes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.films import film
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.tools import tool

TITLE = "Verify 10 s of 4K"
OPPONENT = "ffmpeg -f null"
GROUP = "Media"
GOALS = (Goal("cpu", times=1.1),)


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    path = film(folder, seconds=10, size="3840x2160")
    yield Sides(
        ours=Side(program("verify", path)),
        opponent=Side([tool("ffmpeg"), "-nostdin", "-v", "error", "-i", str(path), "-f", "null", "-"]),
    )
