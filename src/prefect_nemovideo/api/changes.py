"""What an edit did, in words: the difference between two timelines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from prefect_nemovideo.api.timeline import Kind, Segment, Timeline, Track, plain, quoted, seconds

_NOUNS = {Kind.VIDEO: "Video", Kind.AUDIO: "Music", Kind.TEXT: "Title", Kind.UNKNOWN: "Element"}

_TIMED_BY_THE_SOURCE = {"speed", "src", "source"}
"""When one of these changed, a new length is its consequence, not a trim."""

_UNSAID = {"out"}
"""The end of the cut in the source says the same as the length."""


def differences(before: Timeline, after: Timeline) -> list[str]:
    """What changed, one short sentence each, in the order: canvas, then the tracks; [] when nothing did.

    Covers segments and tracks added, removed, moved, trimmed, extended and renamed, volume, canvas, frame rate,
    and every other value of the draft by its own name.

    Example:
        >>> before = Timeline.from_state({"draft": None})
        >>> title = {"tt": 7, "sg": [{"s": 0, "d": 3000, "m": {"text": "Paradise Found"}}]}
        >>> differences(before, Timeline.from_state({"draft": {"t": [title]}}))
        ['Title added: "Paradise Found", 0–3 s']
    """
    told = [*_canvas(before, after), *_tracks(before, after)]
    if not told and before.fingerprint() != after.fingerprint():
        return ["The timeline changed."]
    # A track often repeats what its only segment says; each change is told once.
    return list(dict.fromkeys(told))


def _canvas(before: Timeline, after: Timeline) -> Iterator[str]:
    old, new = (before.width, before.height), (after.width, after.height)
    if new != old and None not in new:
        size = f"{new[0]}×{new[1]}"
        yield f"Canvas {size}" if None in old else f"Canvas {old[0]}×{old[1]} → {size}"
    if after.fps != before.fps and after.fps is not None:
        was = "" if before.fps is None else f"{plain(before.fps)} → "
        yield f"Frame rate {was}{plain(after.fps)} fps"
    yield from _details(before.details, after.details, "")


def _tracks(before: Timeline, after: Timeline) -> Iterator[str]:
    pairs, gone, come = _paired_tracks(before.tracks, after.tracks)
    old = [s for track in before.tracks for s in track.segments]
    new = [s for track in after.tracks for s in track.segments]
    segments, lost, found = _paired_segments(old, new, pairs)
    only_video = sum(s.kind is Kind.VIDEO for s in new) == 1
    for was, now in segments:
        yield from _segment(was, now, alone=only_video and now.kind is Kind.VIDEO)
    for was_track, now_track in pairs:
        yield from _details(was_track.details, now_track.details, _track_name(now_track))
    for segment in found:
        yield f"{_NOUNS[segment.kind]} added: {_described(segment)}"
    for segment in lost:
        yield f"{_NOUNS[segment.kind]} removed: {quoted(segment)}"
    yield from (f"{_NOUNS[track.kind]} track added, still empty" for track in come if not track.segments)
    yield from (f"Empty {_NOUNS[track.kind].lower()} track removed" for track in gone if not track.segments)


def _paired_tracks(
    before: tuple[Track, ...], after: tuple[Track, ...]
) -> tuple[list[tuple[Track, Track]], list[Track], list[Track]]:
    """Tracks that are the same: by id, else by their place among the tracks of their type."""
    left, pairs, come = list(before), [], []
    for track in after:
        same = next((t for t in left if track.id and t.id == track.id and t.type == track.type), None)
        if same is None:
            same = next((t for t in left if t.type == track.type and not (t.id and track.id)), None)
        if same is None:
            come.append(track)
            continue
        left.remove(same)
        pairs.append((same, track))
    return pairs, left, come


def _paired_segments(
    before: list[Segment], after: list[Segment], tracks: list[tuple[Track, Track]]
) -> tuple[list[tuple[Segment, Segment]], list[Segment], list[Segment]]:
    """Segments that are the same: by id; else, on tracks that are the same, by name, then by place."""
    pairs = [(was, now) for now in after for was in before if now.id and was.id == now.id and was.kind is now.kind]
    paired = set(map(id, chain.from_iterable(pairs)))
    for rule in ("name", "place"):
        for was_track, now_track in tracks:
            left = [s for s in was_track.segments if id(s) not in paired]
            for now in (s for s in now_track.segments if id(s) not in paired):
                was = next((s for s in left if _may_be(s, now) and (rule == "place" or s.title == now.title)), None)
                if was is not None:
                    left.remove(was)
                    pairs.append((was, now))
                    paired |= {id(was), id(now)}
    places = {id(segment): place for place, segment in enumerate(after)}
    pairs.sort(key=lambda pair: places[id(pair[1])])
    lost = [s for s in before if id(s) not in paired]
    return pairs, lost, [s for s in after if id(s) not in paired]


def _may_be(was: Segment, now: Segment) -> bool:
    """Two ids that differ are two segments; a segment without one may be any."""
    return not (was.id and now.id)


def _segment(was: Segment, now: Segment, *, alone: bool) -> Iterator[str]:
    name = quoted(now)
    if was.title != now.title:
        yield f"{'Title changed' if now.kind is Kind.TEXT else 'Renamed'}: {quoted(was)} → {name}"
    changed = {key for key in was.details.keys() | now.details.keys() if was.details.get(key) != now.details.get(key)}
    if was.duration_ms != now.duration_ms:
        new = seconds(now.duration_ms)
        if changed & _TIMED_BY_THE_SOURCE:
            yield f"{name} lasts {new} s instead of {seconds(was.duration_ms)} s"
        else:
            verb = "trimmed" if now.duration_ms < was.duration_ms else "extended"
            yield f"{verb.capitalize()} to {new} s" if alone else f"{name} {verb} to {new} s"
    if was.start_ms != now.start_ms:
        yield f"{name} moved: {seconds(was.start_ms)} s → {seconds(now.start_ms)} s"
    if was.volume != now.volume and now.volume is not None:
        old = "" if was.volume is None else f"{plain(was.volume)} % → "
        yield f"Volume of {name}: {old}{plain(now.volume)} %"
    yield from _details(was.details, now.details, name)


def _details(was: Mapping[str, Any], now: Mapping[str, Any], name: str) -> Iterator[str]:
    on, of = (f" on {name}", f" of {name}") if name else ("", "")
    for key in sorted((was.keys() | now.keys()) - _UNSAID):
        old, new = was.get(key), now.get(key)
        if old == new:
            continue
        word = _words(key)
        if key == "in" and isinstance(new, int | float):
            yield f"{name} begins at {seconds(new)} s of its source"
        elif key in ("src", "source"):
            yield f"Source{of} replaced"
        elif isinstance(new, bool) or (isinstance(old, bool) and new is None):
            yield f"{word} switched {'on' if new else 'off'}{on}"
        elif _long(old) or _long(new):
            yield f"{word} changed{on}"
        elif old is None or old == "":
            yield f"{word} {_value(new)}{on}"
        elif new is None or new == "":
            yield f"{word} removed{on}"
        else:
            yield f"{word} {_value(old)} → {_value(new)}{on}"


def _described(segment: Segment) -> str:
    told = f"{quoted(segment)}, {seconds(segment.start_ms)}–{seconds(segment.end_ms)} s"
    loud = segment.volume if segment.kind is Kind.AUDIO else None
    return told if loud is None else f"{told}, {plain(loud)} %"


def _track_name(track: Track) -> str:
    return quoted(track.segments[0]) if len(track.segments) == 1 else track.title or f"the {track.kind} track"


def _words(key: str) -> str:
    """`fade_in` and `fadeIn` → `fade in`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", key).casefold()


def _value(value: Any) -> str:
    return plain(value) if isinstance(value, int | float) else str(value)


def _long(value: Any) -> bool:
    """A list or an object, kept as JSON: too much to read aloud."""
    return isinstance(value, str) and value[:1] in ("{", "[")
