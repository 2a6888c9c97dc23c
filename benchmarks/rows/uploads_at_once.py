"""Four uploads at once: one process of ours beside four of curl."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import large_file
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.sink import sink
from benchmarks.tools import tool

TITLE = "4 × 500 MB at once, in one process"
OPPONENT = "4 × curl -F"
GROUP = "Bytes"
GOALS = (Goal("wall", times=1.5),)
COUNT = 4


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    file = large_file(folder)
    with sink() as url:
        one = f'"{tool("curl")}" --silent --fail --form "files=@{file}" {url}'
        yield Sides(
            ours=Side(program("upload", url, file, COUNT)),
            opponent=Side(["sh", "-c", " & ".join([one] * COUNT) + " & wait"]),
        )
