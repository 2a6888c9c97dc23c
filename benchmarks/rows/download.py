"""500 MB of a rendered file to disk: ours hashes on the way, checks and renames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import large_file
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.source import source
from benchmarks.tools import tool

TITLE = "Download 500 MB, with SHA-256"
OPPONENT = "curl -o"
GROUP = "Bytes"
GOALS = (Goal("wall", times=1.2), Goal("above_idle", at_most=50))


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    target = folder / "target.mp4"

    def take_away() -> None:
        target.unlink(missing_ok=True)

    with source(large_file(folder)) as url:
        yield Sides(
            ours=Side(program("download", url, target), before=take_away),
            opponent=Side([tool("curl"), "--silent", "--fail", "-o", str(target), url], before=take_away),
        )
