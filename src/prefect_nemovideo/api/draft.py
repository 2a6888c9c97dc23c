"""Reading a JSON object of which only some keys are documented, without ever raising. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import unquote

from prefect_nemovideo.api.text import read_json

VOLATILE = frozenset(
    [
        *("version", "revision", "rev", "etag", "timestamp"),
        *("created_at", "createdat", "updated_at", "updatedat", "modified_at", "modifiedat"),
        *("last_update_time", "lastupdatetime", "last_modified", "lastmodified", "update_time", "updatetime"),
    ]
)
"""Keys that change with every write, edited or not (compared in lower case)."""

TEXTS = ("title", "name", "text", "content", "label")
"""Keys of words: digits under them are words too."""

_SOURCES = ("src", "source", "url", "path", "filename", "file_name")
"""Keys of what something was made from; it is no element of the draft, though it may be called like one."""

_LINKING = re.compile(r"(?:\A|_)(?:ids?|refs?)\Z|(?:Ids?|IDs?|Refs?)\Z")
"""Keys that name another element. Elsewhere a number is a number, though an element may be called like it."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,17})?\Z")
"""A number as JSON writes it: `007` and `1e5` are words."""

_EXACT = 1 << 53
"""Up to here, a float has every whole number."""

_HOST = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/?#]*")
_WRITTEN = re.compile(r"(?:_at|At|_ts|[tT]imestamp)\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?\s*(?:Z|UTC|[+-]\d\d:?\d\d)?\Z")
_EARLIEST_MOMENT = 1e9
"""Seconds since 1970, in 2001: a larger number under a key such as `saved_at` is a moment, no place on a timeline."""

_SIGNED = re.compile(
    r"(?:x-(?:amz|goog|oss|cos|bce|tos)-.*|q-.*|.*sign(?:ature)?|sig|expires?|exp|e|s[tevpr]|sk[a-z]*|.*token|auth.*|hdn.*|hmac|"
    r"policy|key-pair-id|.*access(?:key)?id|tx?time|ts?|timestamp|nonce|wssecret|cache|_)\Z",
    re.IGNORECASE,
)
"""Parameters by which stores and content networks sign a link: another signature, the same file."""

T = TypeVar("T")


def parse_draft(value: Any) -> dict[str, Any]:
    """An object as it is or as a JSON string of one; anything else is an empty object."""
    if isinstance(value, str):
        try:
            value = read_json(value)
        except (ValueError, RecursionError):
            return {}
    return dict(value) if isinstance(value, Mapping) else {}


def pick(mapping: Mapping[str, Any], *names: str, kind: type[T] | None = None) -> Any:
    """The first value among `names` that isn't None (and is a `kind`, if one is asked for), else None."""
    for name in names:
        value = mapping.get(name)
        if value is not None and (kind is None or isinstance(value, kind)):
            return value
    return None


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; an empty list for anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def number(value: Any) -> float | None:
    """A finite number, also out of a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def numeric(value: Any) -> Any:
    """A number out of a string that holds one; anything else as it is.

    Example:
        >>> numeric("10000"), numeric("0.50"), numeric("10 s")
        (10000, 0.5, '10 s')
    """
    if not isinstance(value, str) or not _NUMBER.match(value):
        return value
    return float(value) if "." in value else int(value)


def scalar_details(
    mapping: Mapping[str, Any], *, without: Collection[str], ids: Collection[str] = frozenset()
) -> dict[str, Any]:
    """What else an object tells: scalars as they are, lists and objects as canonical JSON strings.

    Args:
        ids: Those of the draft's elements. Which of them is meant is nothing that people read.
    """
    links = dict.fromkeys(ids, "@")
    return {
        key: _scalar(value) if isinstance(value, str | int | float | bool) else canonical(value, links)
        for key, value in mapping.items()
        if key not in without and value is not None and not is_noise(key, value) and not _link(key, value, links)
    }


def _scalar(value: Any) -> Any:
    value = unsigned(numeric(value))
    # A larger whole number is an id: as a float it would be another one.
    return str(value) if isinstance(value, int) and abs(value) > _EXACT else value


def is_noise(key: str, value: Any) -> bool:
    """Whether a value says when something was written, and nothing about what.

    Example:
        >>> is_noise("saved_at", "2026-11-25T20:15:37Z"), is_noise("starts_at", 1500)
        (True, False)
    """
    if key.casefold() in VOLATILE:
        return True
    if not _WRITTEN.search(key):
        return False
    if isinstance(value, str) and _MOMENT.match(value):
        return True
    return (number(value) or 0) >= _EARLIEST_MOMENT


def unsigned(value: Any) -> Any:
    """A link without its signature; anything else as it is.

    Example:
        >>> unsigned("https://cdn.example/a.jpg?size=2&X-Amz-Date=1&X-Amz-Signature=ab")
        'https://cdn.example/a.jpg?size=2'
    """
    if not isinstance(value, str) or "?" not in value or not value.startswith(("https://", "http://", "//")):
        return value
    address, _, query = value.partition("?")
    kept = [part for part in query.split("&") if part and not _SIGNED.match(part.partition("=")[0])]
    return f"{address}?{'&'.join(kept)}" if kept else address


def file_name(address: str) -> str:
    """The name of the file at an address, as it was meant; "" where there is none.

    Example:
        >>> file_name("https://cdn.example/o/trip%2Fbeach%20day.mp4?alt=media")
        'beach day.mp4'
    """
    host = _HOST.match(address)
    path = re.split("[?#]", address[host.end() :])[0] if host else address.partition("?")[0]
    written = path.rstrip("/").rpartition("/")[2]
    try:
        meant = unquote(written, errors="strict").rstrip("/").rpartition("/")[2]
    except UnicodeDecodeError:
        meant = written
    # What was written as %1B must not reach a terminal as that.
    return " ".join("".join(c if c.isprintable() else " " for c in meant).split())


def canonical(value: Any, links: Mapping[str, str] = MappingProxyType({})) -> str:
    """JSON that is equal for equal content: keys sorted, 30.0 and "30" as 30, nulls and volatile keys left out.

    Args:
        links: What stands for an id of one of the draft's elements, where another names it.
    """
    plain = _plain(value, "", links)
    return json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _plain(value: Any, key: str, links: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            _link("", str(name), links) or str(name): _plain(item, str(name), links)
            for name, item in value.items()
            if item is not None and not is_noise(str(name), item)
        }
    if isinstance(value, list | tuple):
        return [_plain(item, key, links) for item in value]
    if link := _link(key, value, links):
        return link
    if key not in TEXTS:
        value = numeric(unsigned(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _link(key: str, value: Any, links: Mapping[str, str]) -> str:
    """What stands for a value that names another element; "" for any other value."""
    if not links or not isinstance(value, str | int) or key in TEXTS or key in _SOURCES:
        return ""
    is_word = isinstance(value, str) and not _NUMBER.match(value)
    return links.get(str(value), "") if is_word or _LINKING.search(key) else ""
