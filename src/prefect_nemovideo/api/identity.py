"""What the tracks and segments of a draft are called. Pure.

An id says which one is meant and nothing of what it is: a service may give all of them anew at each save. So a draft is
compared without them, and where one element names another, its place stands for its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prefect_nemovideo.api.draft import objects, pick

TRACKS, SEGMENTS = ("t", "tracks"), ("sg", "segments")
_IDS = ("id", "_id", "uid", "uuid", "guid")
TRACK_IDS = (*_IDS, "track_id", "trackId")
SEGMENT_IDS = (*_IDS, "segment_id", "segmentId")


def identity(raw: Mapping[str, Any], names: Sequence[str]) -> str:
    """The id of a track or segment; "" where it has none."""
    found = next((raw[name] for name in names if _is_id(raw.get(name))), "")
    return str(found)


def places(draft: Mapping[str, Any]) -> dict[str, str]:
    """The place of each id of a track or segment: `#1` for the second track, `#1.0` for its first segment."""
    found: dict[str, str] = {}
    for row, track in enumerate(objects(pick(draft, *TRACKS))):
        found.setdefault(identity(track, TRACK_IDS), f"#{row}")
        for column, segment in enumerate(objects(pick(track, *SEGMENTS))):
            found.setdefault(identity(segment, SEGMENT_IDS), f"#{row}.{column}")
    found.pop("", None)
    return found


def nameless(draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft, its tracks and segments without ids of their own."""

    def track(raw: Any) -> Any:
        return _each(_without(raw, TRACK_IDS), SEGMENTS, lambda segment: _without(segment, SEGMENT_IDS))

    return dict(_each(draft, TRACKS, track))


def _each(holder: Any, names: Sequence[str], change: Any) -> Any:
    """The holder, with every element of its list changed."""
    if not isinstance(holder, Mapping):
        return holder
    name = next((name for name in names if holder.get(name) is not None), None)
    if name is None or not isinstance(holder[name], list | tuple):
        return holder
    return {**holder, name: [change(item) for item in holder[name]]}


def _without(raw: Any, names: Sequence[str]) -> Any:
    if not isinstance(raw, Mapping):
        return raw
    return {key: value for key, value in raw.items() if not (key in names and _is_id(value))}


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
