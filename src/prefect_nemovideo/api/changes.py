"""What an edit did, in words: the difference between two timelines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from prefect_nemovideo.api.arrangement import NOUNS, arranged, renamed
from prefect_nemovideo.api.matching import Match, matched
from prefect_nemovideo.api.pairing import Pair, Tracks, comparable, paired
from prefect_nemovideo.api.timeline import Timeline
from prefect_nemovideo.api.tracks import Kind, Segment, Track, quoted
from prefect_nemovideo.api.values import changed_values, from_to, plain, seconds

_VOLUME = "its volume"
"""Among the values of a segment, which have names of their own."""

_TIMED_BY_THE_SOURCE = {"speed", "src", "source"}
"""When one of these changed, a new length is its consequence, not a trim."""


def differences(before: Timeline, after: Timeline) -> list[str]:
    """What changed, one short sentence each, in the order: canvas, then the tracks; [] when nothing did.

    Covers segments and tracks added, removed, moved, cut, trimmed, extended, renamed and reordered, volume, canvas,
    frame rate, the project's name, and every other value of the draft by its own name. A clip is known again when its
    pieces have new ids.

    Example:
        >>> before = Timeline.from_state({"draft": None})
        >>> title = {"tt": 7, "sg": [{"s": 0, "d": 3000, "m": {"text": "Paradise Found"}}]}
        >>> differences(before, Timeline.from_state({"draft": {"t": [title]}}))
        ['Title added: "Paradise Found", 0–3 s']
    """
    if before.fingerprint() == after.fingerprint():
        return []
    told = [*_canvas(before, after), *_tracks(*comparable(before.tracks, after.tracks))]
    if not told and before.duration_ms != after.duration_ms:
        told = [f"The timeline lasts {seconds(after.duration_ms)} s instead of {seconds(before.duration_ms)} s"]
    # A track often repeats what its only segment says; each change is told once.
    return list(dict.fromkeys(told)) or ["The timeline changed."]


def _canvas(before: Timeline, after: Timeline) -> Iterator[str]:
    old, new = (_size(timeline) for timeline in (before, after))
    if old != new:
        yield f"Canvas {from_to(old, new)}"
    old, new = (None if timeline.fps is None else plain(timeline.fps) for timeline in (before, after))
    if old != new:
        yield f"Frame rate {from_to(old, new and f'{new} fps')}"
    if after.title != before.title and before.tracks:
        yield renamed("Project", before.title, after.title)
    yield from changed_values(before.details, after.details)


def _size(timeline: Timeline) -> str | None:
    return None if None in (timeline.width, timeline.height) else f"{timeline.width}×{timeline.height}"


def _tracks(before: Tracks, after: Tracks) -> Iterator[str]:
    pairs, gone, come = paired(before, after)
    old, new = ([segment for track in side for segment in track.segments] for side in (before, after))
    found = matched(old, new, pairs)
    carried = _carried_along(found, before, after)
    videos = [match for match in found if match.after and match.after[0].kind is Kind.VIDEO]
    for match in found:
        if not match.before:
            yield f"{NOUNS[match.after[0].kind]} added: {_described(match.after[0])}"
        elif not match.after:
            yield f"{NOUNS[match.before[0].kind]} removed: {quoted(match.before[0])}"
        else:
            told = list(_kept(match, alone=videos == [match], carried=carried))
            yield from told or _elsewhere(match, pairs)
    yield from arranged(pairs, gone, come, (before, after))


def _elsewhere(match: Match, pairs: Sequence[Pair]) -> Iterator[str]:
    """That something stands on another track than before; where more became of it, that is what people look for."""
    homes = {id(segment): row for row, pair in enumerate(pairs) for track in pair for segment in track.segments}
    if any(homes.get(id(was)) != homes.get(id(now)) for was, now in match.pairs):
        yield f"{quoted(match.after[0])} moved to another track"


def _carried_along(found: list[Match], before: Tracks, after: Tracks) -> set[int]:
    """Clips that only follow the one before them, as they did: a cut moves them, and nobody asked for that."""
    snug = {id(segment) for side in (before, after) for track in side for segment in _snug(track)}
    places = {id(s): place for place, s in enumerate(s for track in before for s in track.segments)}
    pairs = [pair for match in found for pair in match.pairs if pair[1].kind is Kind.VIDEO]
    pairs.sort(key=lambda pair: pair[1].start_ms)
    if any(places[id(a[0])] > places[id(b[0])] for a, b in pairwise(pairs)):
        return set()
    return {id(now) for was, now in pairs if id(was) in snug and id(now) in snug}


def _snug(track: Track) -> Iterator[Segment]:
    end = 0
    for segment in sorted(track.segments, key=lambda segment: segment.start_ms):
        if segment.start_ms == end:
            yield segment
        end = segment.end_ms


def _kept(match: Match, *, alone: bool, carried: set[int]) -> Iterator[str]:
    """What became of something that is still there; `alone`: no other video is."""
    name = quoted(match.after[0])
    whole = len(match.before) == len(match.after) == 1
    for was, now in match.pairs:
        if was.title != now.title:
            yield f"{'Title changed' if now.kind is Kind.TEXT else 'Renamed'}: {quoted(was)} → {quoted(now)}"
    told = list(_length(match, name, whole=whole, alone=alone))
    if len(match.before) == len(match.after):
        moved = [(was, now) for was, now in match.pairs if was.start_ms != now.start_ms and id(now) not in carried]
        told += (f"{name} moved: {seconds(was.start_ms)} s → {seconds(now.start_ms)} s" for was, now in moved)
    told += _values(match, name, unsaid={"in"} if told or not whole else set())
    if len(match.before) < len(match.after):
        told = told or [f"{name} split into {len(match.after)} pieces"]
    elif len(match.before) > len(match.after):
        told = told or [f"{name} joined: {len(match.before)} pieces → {len(match.after)}"]
    yield from told


def _length(match: Match, name: str, *, whole: bool, alone: bool) -> Iterator[str]:
    old, new = (sum(segment.duration_ms for segment in segments) for segments in (match.before, match.after))
    if old == new:
        return
    if any(was.details.get(key) != now.details.get(key) for was, now in match.pairs for key in _TIMED_BY_THE_SOURCE):
        yield f"{name} lasts {seconds(new)} s instead of {seconds(old)} s"
        return
    verb = "extended" if new > old else "trimmed" if whole else "cut"
    said = f" to {seconds(new)} s" if whole else f": {seconds(old)} s → {seconds(new)} s"
    yield f"{verb.capitalize()}{said}" if alone else f"{name} {verb}{said}"


def _values(match: Match, name: str, *, unsaid: set[str]) -> Iterator[str]:
    """Volume and all other values; what only some of the pieces have is told with their times."""
    # A piece without a value that another piece keeps has lost nothing: a fade stays with its end of the clip.
    is_cut = len(match.before) != len(match.after)
    kept = {key for now in match.after for key in _told_by(now)} if is_cut else set()
    told = []
    for was, now in match.pairs:
        silent = unsaid | (kept - _told_by(now))
        stretch = f"{name}, {seconds(now.start_ms)}–{seconds(now.end_ms)} s"
        told.append([list(_piece(was, now, silent, called)) for called in (name, stretch)])
    everywhere = set.intersection(*(set(plainly) for plainly, _ in told))
    for plainly, precisely in told:
        yield from (p if p in everywhere else q for p, q in zip(plainly, precisely, strict=True))


def _told_by(segment: Segment) -> set[str]:
    return {*segment.details, *(() if segment.volume is None else (_VOLUME,))}


def _piece(was: Segment, now: Segment, silent: set[str], name: str) -> Iterator[str]:
    if was.volume != now.volume and _VOLUME not in silent:
        yield f"Volume of {name}: {from_to(was.volume, now.volume)}"
    old, new = ({key: value for key, value in s.details.items() if key not in silent} for s in (was, now))
    yield from changed_values(old, new, name)


def _described(segment: Segment) -> str:
    told = f"{quoted(segment)}, {seconds(segment.start_ms)}–{seconds(segment.end_ms)} s"
    loud = segment.volume if segment.kind is Kind.AUDIO else None
    return told if loud is None else f"{told}, {loud}"
