"""A draft drawn as tracks: one lane each, its segments as blocks to scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prefect_nemovideo.emulator.editor.said import clock
from prefect_nemovideo.emulator.pages.markup import Html, joined, tag

# The class and the name of a track's type.
KINDS = {0: ("video", "Video"), 1: ("audio", "Music"), 7: ("text", "Title")}

MOST_TICKS = 6
"""As many times as fit under a lane on a phone."""
TICK_STEPS_MS = tuple(1000 * seconds for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600))
LAST_TICK_PERCENT = 92.0
"""A time that begins further right would be cut off."""


def timeline(draft: dict[str, Any]) -> Html:
    """The section of a page that shows a draft."""
    tracks = [track for track in draft["t"] if track["sg"]]
    length = max((segment["s"] + segment["d"] for track in tracks for segment in track["sg"]), default=0)
    canvas = draft["m"]
    facts = f"{clock(draft['d'])} long, {canvas['width']}×{canvas['height']}, {canvas['fps']:g} frames a second"
    heading = tag("h2", "Timeline", tag("span", facts))
    if not length:
        return tag("section", heading, tag("p", "Nothing is on the timeline yet.", class_="soft"))
    return tag("section", heading, joined([_lane(track, length) for track in tracks]), _ruler(length))


def _lane(track: dict[str, Any], length: int) -> Html:
    class_, name = KINDS.get(track["tt"], ("other", f"Type {track['tt']}"))
    segments = track["sg"]
    # A short block cuts its name off, and a phone has no pointer to ask it with.
    told = _told(segments[0]) if len(segments) == 1 else f"{len(segments)} in all"
    blocks = [_block(segment, class_, length) for segment in segments]
    return tag("div", name, " ", tag("span", told), tag("div", *blocks, class_="lane"), class_="track")


def _block(segment: dict[str, Any], class_: str, length: int) -> Html:
    place = f"left:{100 * segment['s'] / length:.3f}%;width:{100 * segment['d'] / length:.3f}%"
    return tag("div", _name(segment), class_=f"block {class_}", style=place, title=_told(segment))


def _told(segment: dict[str, Any]) -> str:
    told = f"{_name(segment)}, {clock(segment['s'])}–{clock(segment['s'] + segment['d'])}"
    volume = segment["m"].get("volume", 100)
    return told if volume == 100 else f"{told}, {volume:g}%"


def _name(segment: dict[str, Any]) -> str:
    return str(segment["m"].get("text") or segment["m"].get("title") or "untitled")


def _ruler(length: int) -> Html:
    return tag("div", *(tag("span", clock(at), style=f"left:{100 * at / length:.3f}%") for at in _ticks(length)),
               class_="ruler")  # fmt: skip


def _ticks(length: int) -> Iterator[int]:
    step = next((step for step in TICK_STEPS_MS if length / step <= MOST_TICKS), length // MOST_TICKS)
    yield from (at for at in range(0, length, step) if 100 * at / length <= LAST_TICK_PERCENT)
