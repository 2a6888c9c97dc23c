"""500 MB from disk into a bucket, over TLS as with Amazon: ours with a SHA-256 that the server checks, on condition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import large_file
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.bucket import NAME, bucket
from benchmarks.servers.serving import make_certificate

TITLE = "500 MB, disk → S3, with checksum and condition"
OPPONENT = "boto3 upload_file"
GROUP = "Bytes"
GOALS = (Goal("wall", times=1.0), Goal("peak", at_most=100))


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    file = large_file(folder)
    with bucket(make_certificate(folder)) as settings:
        yield Sides(
            ours=Side(program("archive", NAME, file), settings),
            opponent=Side(program("upload_file", NAME, file), settings),
        )
