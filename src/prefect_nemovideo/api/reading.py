"""One track of a draft, of which only `t`, `tt`, `sg`, `d` and `m` are documented → what it holds. Pure.

Everything is read with tolerance: what is missing is left out, what is unknown is kept under `details`, nothing raises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.api.draft import TEXTS, file_name, number, numeric, objects, pick, scalar_details
from prefect_nemovideo.api.identity import SEGMENT_IDS, SEGMENTS, TRACK_IDS, identity
from prefect_nemovideo.api.tracks import Kind, Segment, Track
from prefect_nemovideo.api.volume import Scale, Volume, guessed, volume

DURATION = ("d", "duration", "durationMs", "duration_ms")
_START = ("s", "st", "start", "startMs", "start_ms", "startTime", "start_time")
_END = ("e", "end", "endMs", "end_ms", "endTime", "end_time")
_VOLUME = ("volume", "vol", "v")
_READ = frozenset((*TRACK_IDS, *SEGMENT_IDS, "tt", "type", *SEGMENTS, "m", *_START, *_END, *DURATION, *TEXTS, *_VOLUME))

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
        scale: What its volumes without a unit mean.
        ids: Those of the draft's tracks and segments.
    """

    raw: list[Mapping[str, Any]]
    scale: Scale
    ids: Collection[str]

    @classmethod
    def of(cls, raw: list[Mapping[str, Any]], ids: Collection[str]) -> DraftReader:
        return cls(raw, guessed(_bare_volumes(raw)), ids)

    def tracks(self) -> tuple[Track, ...]:
        return tuple(self._track(track) for track in self.raw)

    def _track(self, raw: Mapping[str, Any]) -> Track:
        meta = _meta(raw)
        type_name = _type(pick(raw, "tt", "type"))
        kind = _KINDS.get(type_name.casefold(), Kind.UNKNOWN)
        segments: list[Segment] = []
        loud = self._volume(raw, meta)
        title = _name(raw, meta)
        raw_segments = objects(pick(raw, *SEGMENTS))
        for item in raw_segments:
            follows = segments[-1].end_ms if segments else 0
            named = title if len(raw_segments) == 1 else ""
            segments.append(self._segment(item, kind, follows, loud, named))
        details = self._details(raw, meta)
        return Track(kind, type_name, title, tuple(segments), loud, identity(raw, TRACK_IDS), details)

    def _segment(
        self, raw: Mapping[str, Any], kind: Kind, follows_ms: int, track_volume: Volume | None, track_title: str
    ) -> Segment:
        meta = _meta(raw)
        begins, length = _times(raw, meta, follows_ms)
        loud = self._volume(raw, meta)
        return Segment(
            kind=kind,
            title=_name(raw, meta) or track_title,
            start_ms=round(begins),
            duration_ms=max(0, round(length)),
            volume=track_volume if loud is None else loud,
            id=identity(raw, SEGMENT_IDS),
            details=self._details(raw, meta),
        )

    def _volume(self, raw: Mapping[str, Any], meta: Mapping[str, Any]) -> Volume | None:
        return volume(pick({**raw, **meta}, *_VOLUME), self.scale)

    def _details(self, raw: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
        told = {**raw, **meta}
        # A volume of an unknown form is told as any other value is.
        unread = {key for key in _VOLUME if key in told and volume(told[key], self.scale) is None}
        return scalar_details(told, without=_READ - unread, ids=self.ids)


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


def _bare_volumes(tracks: list[Mapping[str, Any]]) -> Iterator[float]:
    """All the volumes that come without a unit."""
    for track in tracks:
        for holder in (track, *objects(pick(track, *SEGMENTS))):
            bare = number(pick({**holder, **_meta(holder)}, *_VOLUME))
            if bare is not None:
                yield bare


def told_title(*places: Mapping[str, Any]) -> str:
    """The first title, name or text in the first of these places that tells one."""
    for place in places:
        for key in TEXTS:
            if isinstance(place.get(key), str) and place[key].strip():
                return " ".join(place[key].split())
    return ""


def _name(raw: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """What it is called; else its file's name, if it has one."""
    if title := told_title(meta, raw):
        return title
    told = {**raw, **meta}
    given = pick(told, "filename", "file_name", kind=str)
    name = given.rpartition("/")[2] if given else file_name(pick(told, "src", kind=str) or "")
    return " ".join(name.split()) if "." in name else ""
