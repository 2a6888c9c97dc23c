"""500 MB of footage to the service, over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import large_file
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.sink import sink
from benchmarks.tools import tool

TITLE = "Upload 500 MB"
OPPONENT = "curl -F"
GROUP = "Bytes"
GOALS = (Goal("wall", times=1.15), Goal("cpu", at_most=0.25), Goal("above_idle", at_most=50))


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    file = large_file(folder)
    with sink() as url:
        yield Sides(
            ours=Side(program("upload", url, file)),
            opponent=Side([tool("curl"), "--silent", "--fail", "--form", f"files=@{file}", url]),
        )
