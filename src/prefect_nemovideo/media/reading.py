"""Where the bytes of a file come from: a path, or anything that can be read and sought, as an object in an archive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Readable(Protocol):
    """A binary file, as far as it is needed here: `open(path, "rb")`, `io.BytesIO`, a reader of byte ranges.

    Its `name`, where it has one, names it in messages. An error that it raises is passed on as it is. It is used by
    one thread at a time, and not closed.
    """

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def tell(self) -> int: ...


Source = Path | Readable


@contextmanager
def reading(source: Source) -> Iterator[Readable]:
    """The source as a binary file that stands at its beginning."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


def size_of(file: Readable) -> int:
    """The number of its bytes. Leaves it standing at its end."""
    return file.seek(0, os.SEEK_END)


def name_of(source: Source) -> str:
    """What people call it: a file's last name, without the folders."""
    name = getattr(source, "name", None)
    # A file opened by its number has that number for a name.
    return Path(name).name if isinstance(name, str) and name else "The file"
