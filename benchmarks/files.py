"""The large file that bytes are moved of."""

from __future__ import annotations

from pathlib import Path

#: The largest that NemoVideo takes.
LARGE_BYTES = 500_000_000
#: No two pieces alike would take a second to make and prove nothing more: nobody here compresses.
PIECE = bytes(range(256)) * 4096


def large_file(folder: Path) -> Path:
    """500 MB, in the page cache: the disk is not what is measured."""
    path = folder / "large.mp4"
    left = LARGE_BYTES
    with path.open("wb") as file:
        while left > 0:
            left -= file.write(PIECE[:left])
    return path
