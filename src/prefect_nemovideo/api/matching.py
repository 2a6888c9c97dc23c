"""Which parts of two timelines are the same thing, before and after an edit. Pure.

Ids alone don't tell: a clip that is cut comes back with new ones. What it was made from does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from prefect_nemovideo.api.draft import number, pick
from prefect_nemovideo.api.pairing import shown
from prefect_nemovideo.api.tracks import Kind, Segment, Track

_CAN_BE_CUT = (Kind.VIDEO, Kind.AUDIO)
"""Several texts of the same words are several titles; several stretches of one source are one clip in pieces."""

_ROUNDING_MS = 50.0
"""Cutting and changing speed round to milliseconds and frames, per piece; a use of a source is longer than that."""

Pair = tuple[Segment, Segment]


@dataclass(slots=True)
class Match:
    """One thing on the timeline, whole or in pieces. Nothing in `before`: it is new; in `after`: it is gone.

    Attributes:
        before, after: Its segments, in the order of the timeline.
        pairs: Each segment of `after` with the one it comes from.
    """

    before: list[Segment] = field(default_factory=list)
    after: list[Segment] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)


def matched(before: list[Segment], after: list[Segment], tracks: Iterable[tuple[Track, Track]]) -> list[Match]:
    """Everything on either timeline, once: what stayed in the order of `after`, then what came, then what went.

    Segments are the same by id; else by source, or by title where no source is told, in their order; else, on
    `tracks` that are the same, by place.
    """
    kept, found_again = _by_id(before), _by_id(after)
    partners = {
        id(now): kept[name] for name, now in found_again.items() if name in kept and kept[name].kind is now.kind
    }
    things: dict[Hashable, Match] = {}
    for was in before:
        things.setdefault(_thing(was), Match()).before.append(was)
    for now in after:
        things.setdefault(_thing(partners.get(id(now), now)), Match()).after.append(now)
    found = [match for thing in things.values() for match in _settled(thing, partners)]
    found = _by_place(found, tracks)
    places = {id(now): place for place, now in enumerate(after)}
    found.sort(key=lambda match: places[id(match.after[0])] if match.after else len(after))
    return sorted(found, key=lambda match: 2 if not match.after else 1 if not match.before else 0)


def _by_id(segments: list[Segment]) -> dict[str, Segment]:
    """Segments by their ids; an id that several have tells none of them."""
    count = Counter(segment.id for segment in segments)
    return {segment.id: segment for segment in segments if segment.id and count[segment.id] == 1}


def _speed(segment: Segment) -> float:
    """How fast a segment plays its source; 1 where it isn't told."""
    return number(segment.details.get("speed")) or 1.0


def _thing(segment: Segment) -> Hashable:
    """What a segment shows; a segment that tells neither source nor title is a thing of its own."""
    return shown(segment) or (segment.kind, segment.id or id(segment))


def _settled(thing: Match, partners: dict[int, Segment]) -> Iterator[Match]:
    """One match where before and after are the same thing, in pieces or whole; one for each segment otherwise."""
    if not (thing.before and thing.after):
        yield from (Match(before=[was]) for was in thing.before)
        yield from (Match(after=[now]) for now in thing.after)
        return
    pairs = [(partners[id(now)], now) for now in thing.after if id(now) in partners]
    taken = {id(segment) for pair in pairs for segment in pair}
    old = [was for was in thing.before if id(was) not in taken]
    new = [now for now in thing.after if id(now) not in taken]
    if thing.before[0].kind in _CAN_BE_CUT and not _used_again(thing):
        if len(thing.before) == len(thing.after):
            pairs += zip(old, new, strict=True)
        else:
            pairs += [(_origin(now, thing.before), now) for now in new]
        places = {id(now): place for place, now in enumerate(thing.after)}
        yield Match(thing.before, thing.after, sorted(pairs, key=lambda pair: places[id(pair[1])]))
        return
    pairs += zip(old, new, strict=False)
    yield from (Match([was], [now], [(was, now)]) for was, now in pairs)
    yield from (Match(before=[was]) for was in old[len(new) :])
    yield from (Match(after=[now]) for now in new[len(old) :])


def _used_again(thing: Match) -> bool:
    """More segments that show more of the source: not a clip that was cut, but one that was put in once more."""
    more = len(thing.after) - len(thing.before)
    shown = [sum(s.duration_ms * _speed(s) for s in segments) for segments in (thing.before, thing.after)]
    return more > 0 and shown[1] > shown[0] + _ROUNDING_MS * len(thing.after)


def _origin(piece: Segment, before: list[Segment]) -> Segment:
    """The segment that a piece was cut from: the last that begins no later in the source."""
    return max((was for was in before if _begin(was) <= _begin(piece)), key=_begin, default=before[0])


def _begin(segment: Segment) -> float:
    return number(segment.details.get("in")) or 0.0


def _by_place(found: list[Match], tracks: Iterable[tuple[Track, Track]]) -> list[Match]:
    """Pair what has no id and another name than before by its place on its track."""
    gone = {id(match.before[0]): match for match in found if not match.after}
    come = {id(match.after[0]): match for match in found if not match.before}
    paired: list[Match] = []
    for was_track, now_track in tracks:
        left = [was for was in was_track.segments if id(was) in gone]
        for now in (segment for segment in now_track.segments if id(segment) in come):
            # Two ids that differ are two segments; a segment without one may be any.
            was = next((was for was in left if not (was.id and now.id) and not _is_another(was, now)), None)
            if was is not None:
                left.remove(was)
                paired.append(Match([was], [now], [(was, now)]))
                del gone[id(was)], come[id(now)]
    return [match for match in found if match.before and match.after] + [*paired, *come.values(), *gone.values()]


def _is_another(was: Segment, now: Segment) -> bool:
    """Another clip in the place of one: it has another source, and another name too."""
    sources = [pick(segment.details, "src", "source", kind=str) for segment in (was, now)]
    return None not in sources and sources[0] != sources[1] and was.title != now.title
