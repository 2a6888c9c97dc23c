"""A file on its way in: to disk in large pieces, hashed as it comes, never larger than allowed."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path, PurePosixPath
from uuid import uuid4

from prefect_nemovideo.emulator.files_api import CONTENT_TYPES
from prefect_nemovideo.emulator.refusals import FILE_TOO_LARGE, UNSUPPORTED_FILE, Refusal

PIECE_BYTES = 1024 * 1024
"""Pieces are collected to this size before a thread writes them: memory stays the same for any file."""

NAME_MAX_CHARACTERS = 200
FORMATS = "mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a, aac"
MIB = 1024 * 1024


class IncomingFile:
    """One file being received.

    Attributes:
        path: Where its bytes lie; remove it with `discard` unless something takes it from there.
        bytes: How many have come.

    Raises:
        Refusal: 4001, when the name's ending is of no supported format.
    """

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        self.name = plain_name(name)
        if PurePosixPath(self.name).suffix.lower() not in CONTENT_TYPES:
            raise Refusal(UNSUPPORTED_FILE, f"{self.name!r} is of no supported format. Supported: {FORMATS}.")
        self.path = folder / uuid4().hex
        self.bytes = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._file = self.path.open("xb", buffering=0)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write(self, chunk: bytes) -> None:
        """Take some bytes.

        Raises:
            Refusal: 4002, as soon as it is one byte too many.
        """
        self.bytes += len(chunk)
        if self.bytes > self._limit:
            raise too_large(self.name, self._limit)
        self._waiting.append(chunk)
        self._waiting_bytes += len(chunk)
        if self._waiting_bytes >= PIECE_BYTES:
            await self._flush()

    async def finish(self) -> None:
        await self._flush()
        self._file.close()

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    async def _flush(self) -> None:
        piece = b"".join(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        await asyncio.to_thread(self._store, piece)

    def _store(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._hash.update(piece)


def too_large(name: str, limit: int) -> Refusal:
    return Refusal(FILE_TOO_LARGE, f"{name!r} is larger than {limit / MIB:,.0f} MiB. Compress or trim it first.")


def plain_name(name: str) -> str:
    """A file name without folders and control characters."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in base if letter.isprintable())[-NAME_MAX_CHARACTERS:] or "file"
