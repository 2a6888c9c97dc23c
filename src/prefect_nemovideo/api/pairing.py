"""Which tracks of two timelines are the same, and whether their ids tell. Pure."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import replace
from typing import TypeVar

from prefect_nemovideo.api.draft import pick
from prefect_nemovideo.api.tracks import Segment, Track
from prefect_nemovideo.api.volume import Scale, guessed

Tracks = tuple[Track, ...]
Pair = tuple[Track, Track]
Holder = TypeVar("Holder", Track, Segment)


def shown(segment: Segment) -> Hashable | None:
    """What a segment shows: its source, or its title where no source is told; None where it tells neither."""
    source = pick(segment.details, "src", "source", kind=str)
    if source or segment.title:
        return segment.kind, source or "", "" if source else segment.title
    return None


def comparable(before: Tracks, after: Tracks) -> tuple[Tracks, Tracks]:
    """Both with ids that tell something, and with volumes on one scale: 1 is 1 % beside an earlier 35."""
    before, after = _without_new_ids(before, after)
    scale = guessed(bare for tracks in (before, after) for bare in _bare_volumes(tracks))
    return _on(scale, before), _on(scale, after)


def _without_new_ids(before: Tracks, after: Tracks) -> tuple[Tracks, Tracks]:
    """Both without ids that were given anew, as a service may do at each save: they say nothing of what is the same.

    They were when none is left of those before, and yet something is there that was there before.
    """
    old, new = ([s for track in tracks for s in track.segments] for tracks in (before, after))
    if not {*map(shown, old)} & {*map(shown, new)} - {None}:
        return before, after
    if _all_new({track.id for track in before}, {track.id for track in after}):
        before, after = (tuple(replace(track, id="") for track in tracks) for tracks in (before, after))
    if _all_new({segment.id for segment in old}, {segment.id for segment in new}):
        before, after = (tuple(_nameless(track) for track in tracks) for tracks in (before, after))
    return before, after


def paired(before: Tracks, after: Tracks) -> tuple[list[Pair], list[Track], list[Track]]:
    """Tracks that are the same, those that went, and those that came.

    They are the same by id; else by something that both show; else by their place among the tracks of their type.
    """
    left = list(before)
    partners: dict[int, Track] = {}

    def pair(now: Track, among: Collection[Track]) -> None:
        was = next((t for t in among if t.type == now.type and any(t is one for one in left)), None)
        if was is not None and id(now) not in partners:
            left[:] = [track for track in left if track is not was]
            partners[id(now)] = was

    holders: dict[Hashable, list[Track]] = {}
    for was in before:
        for thing in {*map(shown, was.segments)} - {None}:
            holders.setdefault(thing, []).append(was)
    for now in after:
        pair(now, [was for was in before if now.id and was.id == now.id])
    for now in after:
        pair(now, [was for segment in now.segments for was in holders.get(shown(segment), [])])
    for now in after:
        pair(now, [was for was in left if not (was.id and now.id)])
    pairs = [(partners[id(now)], now) for now in after if id(now) in partners]
    return pairs, left, [now for now in after if id(now) not in partners]


def _bare_volumes(tracks: Tracks) -> Iterator[float]:
    for track in tracks:
        for loud in (track.volume, *(segment.volume for segment in track.segments)):
            if loud is not None and loud.bare is not None:
                yield loud.bare


def _on(scale: Scale, tracks: Tracks) -> Tracks:
    def read(holder: Holder) -> Holder:
        return holder if holder.volume is None else replace(holder, volume=holder.volume.on(scale))

    return tuple(replace(read(track), segments=tuple(map(read, track.segments))) for track in tracks)


def _all_new(before: set[str], after: set[str]) -> bool:
    old, new = before - {""}, after - {""}
    return bool(old and new) and not old & new


def _nameless(track: Track) -> Track:
    return replace(track, segments=tuple(replace(segment, id="") for segment in track.segments))
