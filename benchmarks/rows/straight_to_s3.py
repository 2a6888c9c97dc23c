"""500 MB from a CDN into a bucket: ours in one pass without the disk, hashed and checked, on condition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import large_file
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.bucket import NAME, bucket
from benchmarks.servers.serving import make_certificate
from benchmarks.servers.source import source

TITLE = "500 MB, CDN → S3, verified"
OPPONENT = "curl -o, then boto3 upload_file"
GROUP = "Bytes"
GOALS = (Goal("wall", times=0.6), Goal("above_idle", at_most=80))


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    target = folder / "target.mp4"

    def take_away() -> None:
        target.unlink(missing_ok=True)

    with source(large_file(folder)) as url, bucket(make_certificate(folder)) as settings:
        yield Sides(
            ours=Side(program("straight", NAME, url), settings),
            opponent=Side(program("upload_file", NAME, target, url), settings, before=take_away),
        )
