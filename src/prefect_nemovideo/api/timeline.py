"""A session's draft as tracks that people can read: summary, fingerprint, can it be exported. Pure.

How a track is read is in `reading`, what one is in `tracks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prefect_nemovideo.api.draft import TEXTS, canonical, number, objects, parse_draft, pick, scalar_details
from prefect_nemovideo.api.identity import TRACKS, nameless, places
from prefect_nemovideo.api.reading import DURATION, DraftReader, told_title
from prefect_nemovideo.api.tracks import Kind, Segment, Track

__all__ = ["Kind", "Segment", "Timeline", "Track"]

_WIDTH, _HEIGHT, _FPS = ("width", "w"), ("height", "h"), ("fps", "frame_rate", "frameRate")


@dataclass(frozen=True, slots=True)
class Timeline:
    """All the tracks of a session and its canvas. Two timelines of one draft are equal.

    Attributes:
        tracks: In the order of the draft.
        width, height: The canvas in pixels, None where the draft doesn't say.
        fps: Frames a second, or None.
        title: The project's.
        duration_ms: As the draft says, else the end of the last segment.
        details: What else the draft and the canvas tell, by its own key.
        content: The draft and canvas in canonical JSON, without versions, times of writing, and ids.
    """

    tracks: tuple[Track, ...] = ()
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    title: str = ""
    duration_ms: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    content: str = "{}"

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Timeline:
        """Read the `state` of a session's reply. A draft that is None, empty or unreadable has no tracks.

        Example:
            >>> segment = {"d": 4200, "m": {"title": "city"}}
            >>> state = {"draft": {"t": [{"tt": 0, "sg": [segment]}]}}
            >>> Timeline.from_state(state).summary()
            'Timeline (1 track): 1. Video: city (0-4.2s)'
        """
        nested = state.get("state")
        if "draft" not in state and isinstance(nested, Mapping):
            state = nested
        draft = parse_draft(state.get("draft"))
        canvas = parse_draft(state.get("canvas_config"))
        meta = pick(draft, "m", kind=Mapping) or {}
        links = places(draft)
        tracks = DraftReader.of(objects(pick(draft, *TRACKS)), links).tracks()
        end = max((segment.end_ms for track in tracks for segment in track.segments), default=0)
        told = number(pick(draft, *DURATION))
        sizes = {**canvas, **meta}
        width, height, fps = (number(pick(sizes, *keys)) for keys in (_WIDTH, _HEIGHT, _FPS))
        return cls(
            tracks=tracks,
            width=None if width is None else round(width),
            height=None if height is None else round(height),
            fps=fps,
            title=told_title(meta, draft),
            duration_ms=end if told is None else round(told),
            details=scalar_details(sizes, without={*_WIDTH, *_HEIGHT, *_FPS, *TEXTS}),
            content=canonical({"draft": nameless(draft) or state.get("draft") or {}, "canvas": canvas}, links),
        )

    @property
    def exportable(self) -> bool:
        """At least one track has at least one segment."""
        return any(track.segments for track in self.tracks)

    def summary(self) -> str:
        """The timeline in one line, as the backend's documentation shows it.

        Example:
            `Timeline (2 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%)`
        """
        count = len(self.tracks)
        listed = " ".join(f"{place}. {track.summary()}" for place, track in enumerate(self.tracks, 1))
        return f"Timeline ({count} {'track' if count == 1 else 'tracks'}): {listed or 'empty'}"

    def fingerprint(self) -> str:
        """SHA-256 of the content, in hex: equal for two reads between which nothing was edited."""
        return hashlib.sha256(self.content.encode()).hexdigest()
