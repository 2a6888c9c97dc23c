"""A cancelled render leaves the machine at once: an encoder that is asked politely goes on for seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.films import film
from benchmarks.row import Goal, Side, Sides, program

TITLE = "Cancel a 4K render: its FFmpeg is gone"
OPPONENT = None
GROUP = "Media"
GOALS = (Goal("gone", at_most=250),)
UNITS = {"gone": "ms"}


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    yield Sides(ours=Side(program("cancel_render", film(folder, seconds=3), folder / "ours.mp4")))
