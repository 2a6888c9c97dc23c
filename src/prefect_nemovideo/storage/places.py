"""From what people write to a place: `s3://bucket/prefix`, `file:///folder`, or a folder's path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from prefect_nemovideo.storage.errors import BadPlace

if TYPE_CHECKING:
    from prefect_nemovideo.storage.contract import Place
    from prefect_nemovideo.storage.options import S3Options

WHAT_WORKS = "Use s3://bucket/prefix, a folder's path, or file:///folder."

# Amazon's own rule for bucket names, widened by what compatible servers still accept (capitals, underscores).
BUCKET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# The longest key S3 takes, in UTF-8 bytes; folders follow the same rule so that a key fits everywhere.
MAX_KEY_BYTES = 1024


@dataclass(frozen=True)
class S3Address:
    """`s3://bucket/prefix`; the prefix has no slash at either end and may be empty."""

    bucket: str
    prefix: str


@dataclass(frozen=True)
class FolderAddress:
    """A folder on this machine, absolute."""

    path: Path


def parse_place(text: str) -> S3Address | FolderAddress:
    """Read the address of a place. Makes no connection and touches no disk.

    Example:
        >>> parse_place("s3://films/archive/2026/")
        S3Address(bucket='films', prefix='archive/2026')

    Raises:
        BadPlace: with a sentence that lists the forms that work.
    """
    text = text.strip()
    if not text:
        raise BadPlace(f"The place is empty. {WHAT_WORKS}")
    scheme = SCHEME.match(text)
    if scheme is None:
        return FolderAddress(Path(text).expanduser().absolute())
    rest = text[scheme.end() :]
    match scheme[1].lower():
        case "s3":
            return _parse_s3(text, rest)
        case "file":
            return _parse_file(text)
        case other:
            raise BadPlace(f"{other}:// is not a kind of place this program knows. {WHAT_WORKS}", uri=None)


def open_place(text: str, *, client: Any | None = None, options: S3Options | None = None) -> Place:
    """The place at an address. `client` is a boto3 S3 client; without one, boto3's own settings make it.

    Args:
        options: What a bucket's owner wants of what is written there; a folder has no use for it.

    Example:
        >>> open_place("./archive").put_json("a.json", {"answer": 42}).already_there
        False
    """
    address = parse_place(text)
    if isinstance(address, FolderAddress):
        from prefect_nemovideo.storage.folder import FolderPlace

        return FolderPlace(address.path)
    from prefect_nemovideo.storage.client import make_client
    from prefect_nemovideo.storage.s3 import S3Place

    return S3Place(address.bucket, address.prefix, make_client() if client is None else client, options=options)


def checked_key(key: str) -> str:
    """The key itself, once it is known to stay inside its place and to mean the same everywhere."""
    parts = key.split("/")
    if not key or any(part in ("", ".", "..") for part in parts):
        raise BadPlace(f"The key {key!r} can't be used: give names separated by single slashes, without '.' or '..'.")
    if "\\" in key or any(ord(letter) < 32 for letter in key):
        raise BadPlace(f"The key {key!r} has a backslash or a control character. Rename the file.")
    if len(key.encode()) > MAX_KEY_BYTES:
        raise BadPlace(f"A key may have {MAX_KEY_BYTES} bytes and this one has more. Shorten {key[:60]!r}….")
    return key


def _parse_s3(text: str, rest: str) -> S3Address:
    bucket, _, prefix = rest.partition("/")
    if not BUCKET_NAME.fullmatch(bucket):
        raise BadPlace(f"{bucket!r} is not the name of a bucket. {WHAT_WORKS}")
    prefix = prefix.strip("/")
    if prefix:
        checked_key(prefix)
    return S3Address(bucket, prefix)


def _parse_file(text: str) -> FolderAddress:
    url = urlsplit(text)
    if url.netloc not in ("", "localhost") or not url.path:
        raise BadPlace(f"A file:// address needs three slashes and an absolute path. {WHAT_WORKS}")
    return FolderAddress(Path(unquote(url.path)))
