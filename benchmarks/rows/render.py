"""1080p to 4K, sharpened, by the emulator: what does it cost beside FFmpeg itself?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.films import film, same_command
from benchmarks.row import Goal, Side, Sides, program

TITLE = "Emulator: 3 s of 1080p to 4K, sharpened"
OPPONENT = "the same ffmpeg command"
GROUP = "Media"
# 0.95 of its throughput.
GOALS = (Goal("wall", times=1.05),)


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    clip = film(folder, seconds=3)
    yield Sides(
        ours=Side(program("render", clip, folder / "ours.mp4")),
        opponent=Side(same_command(folder, clip)),
    )
