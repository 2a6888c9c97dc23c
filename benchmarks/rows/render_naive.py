"""1080p to 4K, sharpened: the emulator's graph beside the one that everybody writes, with the same encoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.films import film
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.tools import tool
from prefect_nemovideo.emulator.renderer.encoding import picture_encoding
from prefect_nemovideo.emulator.renderer.output import Output

TITLE = "Emulator: the same"
OPPONENT = "ffmpeg: lanczos, unsharp, same preset"
GROUP = "Media"
GOALS = (Goal("cpu", times=0.65),)
GRAPH = "scale=3840:2160:flags=lanczos,unsharp=5:5:0.8"


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    clip = film(folder, seconds=3)
    encoding = [*picture_encoding(Output(), threads=0), "-c:a", "aac", str(folder / "theirs.mp4")]
    yield Sides(
        ours=Side(program("render", clip, folder / "ours.mp4")),
        opponent=Side(
            [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", "-i", str(clip), "-vf", GRAPH, *encoding],
        ),
    )
