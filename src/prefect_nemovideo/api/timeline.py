"""A session's draft as tracks that people can read: summary, fingerprint, can it be exported. Pure.

Only `t`, `tt`, `sg`, `d` and `m` of a draft are documented, so everything else is read with tolerance: what is
missing is left out, what is unknown is kept under `details`, nothing raises.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prefect_nemovideo.api.draft import canonical, number, objects, parse_draft, pick, scalar_details

_START = ("s", "st", "start", "startMs", "start_ms", "startTime", "start_time")
_END = ("e", "end", "endMs", "end_ms", "endTime", "end_time")
_DURATION = ("d", "duration", "durationMs", "duration_ms")
_TITLE = ("title", "name", "text", "content", "label")
_VOLUME = ("volume", "vol", "v")
_WIDTH, _HEIGHT, _FPS = ("width", "w"), ("height", "h"), ("fps", "frame_rate", "frameRate")
_READ = frozenset(("id", "tt", "type", "sg", "segments", "m", *_START, *_END, *_DURATION, *_TITLE, *_VOLUME))

_RATIO_CEILING = 2.0
"""Volumes up to 200 % written as a ratio; a draft with any larger number means per cent."""


class Kind(StrEnum):
    """What a track holds."""

    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    UNKNOWN = "unknown"


_KINDS = {
    "0": Kind.VIDEO,
    "1": Kind.AUDIO,
    "7": Kind.TEXT,
    "video": Kind.VIDEO,
    "audio": Kind.AUDIO,
    "music": Kind.AUDIO,
    "text": Kind.TEXT,
    "title": Kind.TEXT,
}
_LABELS = {Kind.VIDEO: "Video", Kind.AUDIO: "BGM", Kind.TEXT: "Title"}


@dataclass(frozen=True, slots=True)
class Segment:
    """One clip, sound or text on a track. Times in whole milliseconds, volume in per cent (None: not told)."""

    kind: Kind
    title: str
    start_ms: int
    duration_ms: int
    volume: float | None = None
    id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms


@dataclass(frozen=True, slots=True)
class Track:
    """Segments of one kind, in the order of the draft. `type` is the draft's own `tt`."""

    kind: Kind
    type: str
    title: str
    segments: tuple[Segment, ...]
    volume: float | None = None
    id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """As in the timeline's summary: `BGM: Lo-fi (0-10s, 35%)`."""
        label = _LABELS.get(self.kind, f"Type {self.type}" if self.type else "Other")
        if not self.segments:
            return f"{label}: {self.title or 'untitled'} (empty)"
        names = [quoted(segment) for segment in self.segments]
        named = names[0] if len(names) == 1 else f"{names[0]} + {len(names) - 1} more"
        start, end = min(s.start_ms for s in self.segments), max(s.end_ms for s in self.segments)
        volume = self.segments[0].volume if self.kind is Kind.AUDIO else None
        loud = "" if volume is None else f", {plain(volume)}%"
        return f"{label}: {named} ({seconds(start)}-{seconds(end)}s{loud})"


@dataclass(frozen=True, slots=True)
class Timeline:
    """All the tracks of a session and its canvas. Two timelines of one draft are equal.

    Attributes:
        tracks: In the order of the draft.
        width, height: The canvas in pixels, None where the draft doesn't say.
        fps: Frames a second, or None.
        duration_ms: As the draft says, else the end of the last segment.
        details: What else the draft and the canvas tell, by its own key.
        content: The draft and canvas in canonical JSON, without versions and times of writing.
    """

    tracks: tuple[Track, ...] = ()
    width: int | None = None
    height: int | None = None
    fps: float | None = None
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
        raw_tracks = objects(pick(draft, "t", "tracks"))
        per_cent = _volume_unit(raw_tracks)
        tracks = tuple(_track(raw, per_cent) for raw in raw_tracks)
        end = max((segment.end_ms for track in tracks for segment in track.segments), default=0)
        told = number(pick(draft, *_DURATION))
        sizes = {**canvas, **meta}
        width, height, fps = (number(pick(sizes, *keys)) for keys in (_WIDTH, _HEIGHT, _FPS))
        return cls(
            tracks=tracks,
            width=None if width is None else round(width),
            height=None if height is None else round(height),
            fps=fps,
            duration_ms=end if told is None else round(told),
            details=scalar_details(sizes, without={*_WIDTH, *_HEIGHT, *_FPS, *_TITLE}),
            content=canonical({"draft": draft or state.get("draft") or {}, "canvas": canvas}),
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


def seconds(ms: float) -> str:
    """Milliseconds as seconds without needless decimals: `10`, `2.5`, `0.04`."""
    return plain(round(ms / 1000, 2))


def plain(value: float) -> str:
    """A number without needless decimals: `35`, `29.97`."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def quoted(segment: Segment) -> str:
    """A segment's name as people read it: texts in quotes, others as they are."""
    if segment.kind is Kind.TEXT and segment.title:
        return json.dumps(segment.title, ensure_ascii=False)
    return segment.title or "untitled"


def _track(raw: Mapping[str, Any], per_cent: float) -> Track:
    meta = pick(raw, "m", kind=Mapping) or {}
    kind_told = pick(raw, "tt", "type")
    type_name = "" if kind_told is None else plain(kind_told) if _is_number(kind_told) else str(kind_told)
    kind = _KINDS.get(type_name.casefold(), Kind.UNKNOWN)
    segments: list[Segment] = []
    volume = _volume(raw, meta, per_cent)
    title = _name(raw, meta)
    raw_segments = objects(pick(raw, "sg", "segments"))
    for item in raw_segments:
        follows = segments[-1].end_ms if segments else 0
        segment = _segment(item, kind, follows, per_cent, volume)
        if not segment.title and title and len(raw_segments) == 1:
            segment = _segment({**item, "title": title}, kind, follows, per_cent, volume)
        segments.append(segment)
    details = scalar_details({**raw, **meta}, without=_READ)
    return Track(kind, type_name, title, tuple(segments), volume, _identity(raw), details)


def _segment(
    raw: Mapping[str, Any], kind: Kind, follows_ms: int, per_cent: float, track_volume: float | None
) -> Segment:
    meta = pick(raw, "m", kind=Mapping) or {}
    start, end, length = (number(pick(raw, *keys)) for keys in (_START, _END, _DURATION))
    start = number(pick(meta, *_START[2:])) if start is None else start
    length = number(pick(meta, *_DURATION[1:])) if length is None else length
    begins = follows_ms if start is None else start
    if length is None:
        cut_in, cut_out = number(pick(raw, "in")), number(pick(raw, "out"))
        length = end - begins if end is not None else (cut_out - (cut_in or 0) if cut_out is not None else 0)
    volume = _volume(raw, meta, per_cent)
    return Segment(
        kind=kind,
        title=_name(raw, meta),
        start_ms=round(begins),
        duration_ms=max(0, round(length)),
        volume=track_volume if volume is None else volume,
        id=_identity(raw),
        details=scalar_details({**raw, **meta}, without=_READ),
    )


def _volume_unit(tracks: list[Mapping[str, Any]]) -> float:
    """What to multiply volumes by: 100 when the whole draft writes them as ratios, else 1."""
    holders = [item for track in tracks for item in (track, *objects(pick(track, "sg", "segments")))]
    found = [number(pick({**h, **(pick(h, "m", kind=Mapping) or {})}, *_VOLUME)) for h in holders]
    return 1.0 if any(v is not None and v > _RATIO_CEILING for v in found) else 100.0


def _volume(raw: Mapping[str, Any], meta: Mapping[str, Any], per_cent: float) -> float | None:
    told = number(pick({**raw, **meta}, *_VOLUME))
    return None if told is None else round(told * per_cent, 3)


def _name(raw: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """The first of title, name and text; else the file's name, if it has one."""
    for place in (meta, raw):
        for key in _TITLE:
            if isinstance(place.get(key), str) and place[key].strip():
                return " ".join(place[key].split())
    source = pick({**raw, **meta}, "filename", "file_name", "src", kind=str) or ""
    name = source.split("?")[0].rstrip("/").rpartition("/")[2]
    return name if "." in name else ""


def _identity(raw: Mapping[str, Any]) -> str:
    return str(raw["id"]) if isinstance(raw.get("id"), str | int) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
