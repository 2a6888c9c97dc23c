"""Reading a JSON object of which only some keys are documented, without ever raising. Pure."""

from __future__ import annotations

import json
import math
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
        key: value if isinstance(value, str | int | float | bool) else canonical(value)
        for key, value in mapping.items()
        if key not in without and key.casefold() not in VOLATILE and value is not None
    }


def canonical(value: Any) -> str:
    """JSON that is equal for equal content: keys sorted, 30.0 as 30, volatile keys left out."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if str(k).casefold() not in VOLATILE}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
