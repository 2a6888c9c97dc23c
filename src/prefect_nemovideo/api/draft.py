"""Reading a JSON object of which only some keys are documented, without ever raising. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

VOLATILE = frozenset(
    [
        *("version", "revision", "rev", "etag", "timestamp"),
        *("created_at", "createdat", "updated_at", "updatedat", "modified_at", "modifiedat"),
        *("last_update_time", "lastupdatetime", "last_modified", "lastmodified", "update_time", "updatetime"),
    ]
)
"""Keys that change with every write, edited or not (compared in lower case)."""

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
            value = json.loads(value)
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


def scalar_details(mapping: Mapping[str, Any], *, without: Collection[str]) -> dict[str, Any]:
    """What else an object tells: scalars as they are, lists and objects as canonical JSON strings."""
    return {
        key: unsigned(value) if isinstance(value, str | int | float | bool) else canonical(value)
        for key, value in mapping.items()
        if key not in without and value is not None and not is_noise(key, value)
    }


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
    return bool(_MOMENT.match(value)) if isinstance(value, str) else (number(value) or 0) >= _EARLIEST_MOMENT


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


def canonical(value: Any) -> str:
    """JSON that is equal for equal content: keys sorted, 30.0 as 30, volatile keys left out."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if not is_noise(str(k), v)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return unsigned(value)
