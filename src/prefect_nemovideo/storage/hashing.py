"""SHA-256 of files, in constant memory."""

from __future__ import annotations

import hashlib
from pathlib import Path

# Large enough that the interpreter's share of the work disappears, small enough to stay in the processor's cache.
CHUNK_BYTES = 1 << 20


def sha256_of(path: Path, *, offset: int = 0, length: int | None = None) -> str:
    """Hexadecimal SHA-256 of a file, or of `length` bytes of it from `offset`. Raises OSError."""
    digest = hashlib.sha256()
    remaining = length
    with path.open("rb") as file:
        file.seek(offset)
        while remaining is None or remaining > 0:
            chunk = file.read(CHUNK_BYTES if remaining is None else min(CHUNK_BYTES, remaining))
            if not chunk:
                break
            digest.update(chunk)
            remaining = None if remaining is None else remaining - len(chunk)
    return digest.hexdigest()
