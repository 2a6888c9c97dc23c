"""What became of the tracks themselves, whatever is on them: order, names, volumes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from prefect_nemovideo.api.pairing import Pair, Tracks
from prefect_nemovideo.api.tracks import Kind, Track, quoted
from prefect_nemovideo.api.values import changed_values, from_to

NOUNS = {Kind.VIDEO: "Video", Kind.AUDIO: "Music", Kind.TEXT: "Title", Kind.UNKNOWN: "Element"}

_LISTED = 6
"""So many tracks are named in their new order; a longer list is read by nobody."""


def arranged(
    pairs: Sequence[Pair], gone: Sequence[Track], come: Sequence[Track], both: tuple[Tracks, Tracks]
) -> Iterator[str]:
    """What changed of the tracks, one short sentence each.

    Args:
        pairs, gone, come: As `pairing.paired` tells them.
        both: All the tracks before and after.
    """
    before, after = both
    places = {id(track): place for place, track in enumerate(before)}
    if any(places[id(one[0])] > places[id(two[0])] for one, two in pairwise(pairs)):
        more = ", …" if len(after) > _LISTED else ""
        yield f"Tracks reordered: {', '.join(map(_listed, after[:_LISTED]))}{more}"
    for was, now in pairs:
        yield from _changed(was, now)
    yield from (f"{NOUNS[track.kind]} track added, still empty" for track in come if not track.segments)
    yield from (f"Empty {NOUNS[track.kind].lower()} track removed" for track in gone if not track.segments)


def renamed(noun: str, old: str, new: str) -> str:
    """Another name, a first one, or none any more, in words."""
    if old and new:
        return f"{noun} renamed: {old} → {new}"
    return f"{noun} named {new}" if new else f"{noun} no longer named {old}"


def _changed(was: Track, now: Track) -> Iterator[str]:
    # What the segments have too, as a track's only one often does, is told of them.
    if was.title != now.title and not all(track.title in {s.title for s in track.segments} for track in (was, now)):
        yield renamed("Track", was.title, now.title)
    if was.volume != now.volume and not all(track.volume in [s.volume for s in track.segments] for track in (was, now)):
        yield f"Volume of {_name(now)}: {from_to(was.volume, now.volume)}"
    yield from changed_values(was.details, now.details, _name(now))


def _name(track: Track) -> str:
    return quoted(track.segments[0]) if len(track.segments) == 1 else track.title or f"the {track.kind} track"


def _listed(track: Track) -> str:
    if track.title or not track.segments:
        return track.title or "untitled"
    more = len(track.segments) - 1
    return quoted(track.segments[0]) + (f" + {more} more" if more else "")
