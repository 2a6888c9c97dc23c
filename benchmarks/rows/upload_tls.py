"""The same, encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import large_file
from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.serving import make_certificate
from benchmarks.servers.sink import sink
from benchmarks.tools import tool

TITLE = "Upload 500 MB, TLS"
OPPONENT = "curl -F"
GROUP = "Bytes"
GOALS = (Goal("wall", times=1.2),)


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    file, certificate = large_file(folder), make_certificate(folder)
    with sink(certificate) as url:
        yield Sides(
            ours=Side(program("upload", url, file), {"SSL_CERT_FILE": str(certificate)}),
            opponent=Side(
                [tool("curl"), "--silent", "--fail", "--cacert", str(certificate), "--form", f"files=@{file}", url]
            ),
        )
