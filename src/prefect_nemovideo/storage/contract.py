"""What every place offers, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from prefect_nemovideo.storage.staging import Staging

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all). May raise to stop the transfer: nothing is left behind then."""

DEFAULT_CONTENT_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Stored:
    """A finished write: where it is, what it is, and whether it had to be written at all."""

    uri: str
    sha256: str
    """Hexadecimal, of the whole content."""
    bytes: int
    already_there: bool
    """True when the same content was stored under this key before; nothing was sent again."""
    etag: str | None = None
    version: str | None = None
    """The S3 version id, in a bucket that keeps versions."""


@dataclass(frozen=True)
class Held:
    """What a place holds under a key."""

    uri: str
    bytes: int
    sha256: str | None
    """Hexadecimal; None when an S3 object was stored by something that recorded no SHA-256."""
    content_type: str | None = None
    etag: str | None = None
    version: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class Place(Protocol):
    """Somewhere files are kept: a bucket with a prefix, or a folder.

    Every method is synchronous and may block: from asyncio, call it in a thread.
    Every method raises only `StorageError` and its kin. Keys are relative, with `/` between their parts.
    Nothing is ever overwritten unless `overwrite=True` says so, and no reader sees half a file.

    Example:
        >>> place = open_place("s3://films/archive")
        >>> place.check()
        >>> place.put_file(Path("clip.mp4"), "2026/clip.mp4", content_type="video/mp4").uri
        's3://films/archive/2026/clip.mp4'
    """

    @property
    def uri(self) -> str:
        """The address of the place itself, without a slash at the end."""
        ...

    @property
    def staging(self) -> Staging | None:
        """The way in for files that are not to touch this machine's disk; None where they are to come by the disk."""
        ...

    def uri_of(self, key: str) -> str:
        """The address an object with this key has. Raises BadPlace when the key can't be used."""
        ...

    def check(self) -> None:
        """Prove that this place exists and can be written to, leaving nothing behind."""
        ...

    def put_file(
        self,
        path: Path,
        key: str,
        *,
        sha256_hex: str | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Stored:
        """Store a file whole, or not at all; the checksum is verified at the destination.

        The same content under the same key is success (`already_there`); other content is a Conflict.
        Without `sha256_hex` the file is read once more to find it.
        """
        ...

    def put_json(self, key: str, document: Any, *, overwrite: bool = False) -> Stored:
        """Store a JSON document by the same rules; an equal document is already there."""
        ...

    def read_json(self, key: str) -> Any | None:
        """The document under this key, or None when there is none."""
        ...

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """Store a small object whole, in place of whatever has this key."""
        ...

    def read_bytes(self, key: str) -> bytes | None:
        """The whole of a small object, or None when there is none."""
        ...

    def head(self, key: str) -> Held | None:
        """What is held under this key, or None. A folder reads the file to find its SHA-256."""
        ...

    def names(self) -> Iterator[str]:
        """The keys of all that is held here, in no order."""
        ...

    def download(self, key: str, target: Path, *, progress: Progress | None = None) -> Held:
        """Fetch an object to `target`, through a `.part` file beside it; size and known checksum are verified."""
        ...

    def presign_get(self, key: str, seconds: int) -> str:
        """An address that anybody can read for that long. A folder gives its plain `file://` address."""
        ...
