"""All of `edit --local`, from the command to the archived file, beside the ffmpeg command alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.films import UPSCALE, film, same_command
from benchmarks.row import Goal, Side, Sides
from benchmarks.servers.prefect_api import prefect_api

TITLE = "All of `edit --local`: 10 s of 1080p to 4K"
OPPONENT = "the ffmpeg command alone"
GROUP = "Media"
GOALS = (Goal("wall", times=1.5, plus=3.0),)
# Each takes as long as two other rows.
ROUNDS = 3


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    clip = film(folder, seconds=10)
    words = ["edit", str(clip), "-i", UPSCALE, "--local", "--force", "--archive", str(folder / "archive")]
    with prefect_api(folder) as url:
        settings = {"PREFECT_API_URL": url, "PREFECT_HOME": str(folder / "home"), "HOME": str(folder)}
        yield Sides(
            ours=Side([sys.executable, "-m", "prefect_nemovideo.cli", *words], settings),
            opponent=Side(same_command(folder, clip)),
        )
