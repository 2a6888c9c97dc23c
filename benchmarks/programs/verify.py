"""One verification of a file from its first frame to its last: `FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.figures import measured
from prefect_nemovideo.media import verify


def main(file: str) -> None:
    with measured():
        verify(Path(file))


main(*sys.argv[1:])
