"""One track of a draft, of which only `t`, `tt`, `sg`, `d` and `m` are documented → what it holds. Pure.

Everything is read with tolerance: what is missing is left out, what is unknown is kept under `details`, nothing raises.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.api.draft import TEXTS, number, numeric, objects, pick, scalar_details
from prefect_nemovideo.api.identity import SEGMENT_IDS, SEGMENTS, TRACK_IDS, identity
from prefect_nemovideo.api.tracks import Kind, Segment, Track

DURATION = ("d", "duration", "durationMs", "duration_ms")
_START = ("s", "st", "start", "startMs", "start_ms", "startTime", "start_time")
_END = ("e", "end", "endMs", "end_ms", "endTime", "end_time")
_VOLUME = ("volume", "vol", "v")
_READ = frozenset((*TRACK_IDS, *SEGMENT_IDS, "tt", "type", *SEGMENTS, "m", *_START, *_END, *DURATION, *TEXTS, *_VOLUME))

_RATIO_CEILING = 2.0
"""Volumes up to 200 % written as a ratio; a draft with any larger number means per cent."""

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


@dataclass(frozen=True, slots=True)
class DraftReader:
    """Reads the tracks of one draft.

    Args:
        raw: The tracks as they came.
        per_cent: What to multiply volumes by.
        ids: Those of the draft's tracks and segments.
    """

    raw: list[Mapping[str, Any]]
    per_cent: float
    ids: Collection[str]

    @classmethod
    def of(cls, raw: list[Mapping[str, Any]], ids: Collection[str]) -> DraftReader:
        return cls(raw, _volume_unit(raw), ids)

    def tracks(self) -> tuple[Track, ...]:
        return tuple(self._track(track) for track in self.raw)

    def _track(self, raw: Mapping[str, Any]) -> Track:
        meta = _meta(raw)
        type_name = _type(pick(raw, "tt", "type"))
        kind = _KINDS.get(type_name.casefold(), Kind.UNKNOWN)
        segments: list[Segment] = []
        volume = self._volume(raw, meta)
        title = _name(raw, meta)
        raw_segments = objects(pick(raw, *SEGMENTS))
        for item in raw_segments:
            follows = segments[-1].end_ms if segments else 0
            named = title if len(raw_segments) == 1 else ""
            segments.append(self._segment(item, kind, follows, volume, named))
        details = self._details(raw, meta)
        return Track(kind, type_name, title, tuple(segments), volume, identity(raw, TRACK_IDS), details)

    def _segment(
        self, raw: Mapping[str, Any], kind: Kind, follows_ms: int, track_volume: float | None, track_title: str
    ) -> Segment:
        meta = _meta(raw)
        begins, length = _times(raw, meta, follows_ms)
        volume = self._volume(raw, meta)
        return Segment(
            kind=kind,
            title=_name(raw, meta) or track_title,
            start_ms=round(begins),
            duration_ms=max(0, round(length)),
            volume=track_volume if volume is None else volume,
            id=identity(raw, SEGMENT_IDS),
            details=self._details(raw, meta),
        )

    def _volume(self, raw: Mapping[str, Any], meta: Mapping[str, Any]) -> float | None:
        told = number(pick({**raw, **meta}, *_VOLUME))
        return None if told is None else round(told * self.per_cent, 3)

    def _details(self, raw: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
        return scalar_details({**raw, **meta}, without=_READ, ids=self.ids)


def _meta(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = pick(raw, "m", kind=Mapping) or {}
    return found


def _type(told: Any) -> str:
    """A track's type as the draft has it, one word for 7, 7.0 and "7"."""
    told = numeric(told)
    if isinstance(told, float) and told.is_integer():
        told = int(told)
    return "" if told is None else str(told)


def _times(raw: Mapping[str, Any], meta: Mapping[str, Any], follows_ms: int) -> tuple[float, float]:
    """Start and length in milliseconds; what doesn't say when it starts follows the one before it."""
    start, end, length = (number(pick(raw, *keys)) for keys in (_START, _END, DURATION))
    start = number(pick(meta, *_START[2:])) if start is None else start
    length = number(pick(meta, *DURATION[1:])) if length is None else length
    begins = follows_ms if start is None else start
    if length is None:
        cut_in, cut_out = number(pick(raw, "in")), number(pick(raw, "out"))
        length = end - begins if end is not None else (cut_out - (cut_in or 0) if cut_out is not None else 0)
    return begins, length


def _volume_unit(tracks: list[Mapping[str, Any]]) -> float:
    """What to multiply volumes by: 100 when the whole draft writes them as ratios, else 1."""
    holders = [item for track in tracks for item in (track, *objects(pick(track, *SEGMENTS)))]
    found = [number(pick({**holder, **_meta(holder)}, *_VOLUME)) for holder in holders]
    return 1.0 if any(v is not None and v > _RATIO_CEILING for v in found) else 100.0


def _name(raw: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """The first of title, name and text; else the file's name, if it has one."""
    for place in (meta, raw):
        for key in TEXTS:
            if isinstance(place.get(key), str) and place[key].strip():
                return " ".join(place[key].split())
    source = pick({**raw, **meta}, "filename", "file_name", "src", kind=str) or ""
    name = source.split("?")[0].rstrip("/").rpartition("/")[2]
    return name if "." in name else ""
