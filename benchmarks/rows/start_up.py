"""From the command to its first request to NemoVideo, with a Prefect server that runs already."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.prefect_api import prefect_api
from benchmarks.tools import tool

TITLE = "`edit`: start to first request"
OPPONENT = 'python -c "import prefect"'
GROUP = "Start-up"
GOALS = (Goal("wall", times=1.5),)


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    clip = folder / "clip.mp4"
    picture = "testsrc2=size=320x180:rate=25:duration=1"
    subprocess.run([tool("ffmpeg"), "-nostdin", "-v", "error", "-f", "lavfi", "-i", picture, str(clip)], check=True)
    with prefect_api(folder) as url:
        settings = {"PREFECT_API_URL": url, "PREFECT_HOME": str(folder / "home"), "HOME": str(folder)}
        yield Sides(
            ours=Side(program("first_request", clip, folder / "archive"), settings),
            opponent=Side([sys.executable, "-c", "import prefect"], settings),
        )
