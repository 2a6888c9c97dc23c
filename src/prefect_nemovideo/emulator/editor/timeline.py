"""Moving time: split, cut, speed and append on the timeline of a draft.

These functions change the draft they are given, which is the editor's own copy. Each leaves it whole: the clips
follow each other without a gap, and titles and music follow the clips.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence

from prefect_nemovideo.emulator.editor.draft import (
    AUDIO,
    TEXT,
    VIDEO,
    Draft,
    Part,
    clip,
    new_id,
    new_track,
    segments,
    tracks,
    video_segments,
)
from prefect_nemovideo.emulator.editor.files import UploadedFile
from prefect_nemovideo.emulator.editor.said import Refused, clock

# The shortest video that is still one: three frames at 30 a second.
SHORTEST_MS = 100
# People round: "to 0:10" of a clip of 9.967 s means its end.
ROUNDING_MS = 500
# Each clip of a timeline is a decoder of its own when it is rendered.
MAX_CLIPS = 100
# A source played slower or faster than this is a mistake more often than a wish.
SLOWEST, FASTEST = 0.1, 10.0


def stretch(draft: Draft, start: int, end: int | None) -> tuple[int, int]:
    """The stretch as absolute times, or `Refused` where it leaves the video."""
    total = int(draft["d"])
    if start < -total - ROUNDING_MS or start >= total or (end is not None and end > total + ROUNDING_MS):
        asked = -start if start < 0 else max(start, end or 0)
        raise Refused(
            f"the video is only {clock(total)} long, so {clock(asked)} is outside it",
            f"视频只有 {clock(total)}，{clock(asked)} 超出了范围",
        )
    first = max(0, total + start) if start < 0 else start
    last = total if end is None else min(total, total + end if end < 0 else end)
    if last <= first:
        raise Refused(
            f"a stretch from {clock(first)} to {clock(max(last, 0))} has no length; give the start first",
            f"从 {clock(first)} 到 {clock(max(last, 0))} 没有长度；请先说开始时间",
        )
    return first, last


def split(draft: Draft, at: int, stills: Collection[str]) -> None:
    """Cut the clip that is shown at this time in two, unless a part would be shorter than a frame."""
    frame = 1000 / draft["m"]["fps"]
    for track in tracks(draft, VIDEO):
        for index, left in enumerate(track["sg"]):
            before = at - left["s"]
            if not frame <= before <= left["d"] - frame:
                continue
            m = left["m"]
            used = 0 if left["src"] in stills else int(before * m.get("speed", 1.0))
            details = {key: value for key, value in m.items() if key != "fade_in"}
            details["in"] = m.get("in", 0) + used
            right = left | {"id": new_id(draft, "seg"), "s": at, "d": left["d"] - before, "m": details}
            m.pop("fade_out", None)
            left["d"] = before
            track["sg"].insert(index + 1, right)
            return


def inside(draft: Draft, span: tuple[int, int | None] | None, stills: Collection[str]) -> list[Part]:
    """The clips of a stretch, split off at its ends; all clips without one."""
    if span is None:
        return video_segments(draft)
    start, end = stretch(draft, *span)
    split(draft, start, stills)
    split(draft, end, stills)
    return [s for s in video_segments(draft) if start <= s["s"] + s["d"] / 2 < end]


def cut(draft: Draft, start: int, end: int, stills: Collection[str]) -> None:
    """Take a stretch out; what follows moves up."""
    if int(draft["d"]) - (end - start) < SHORTEST_MS:
        raise Refused("that would leave nothing of the video", "这样视频就什么都不剩了")
    kept = fades(draft)
    known = {segment["id"] for segment in video_segments(draft)}
    gone = [segment["id"] for segment in inside(draft, (start, end), stills)]
    if not gone:
        return  # less than a frame
    for track in tracks(draft, VIDEO):
        track["sg"] = [segment for segment in track["sg"] if segment["id"] not in gone]
    for segment in video_segments(draft):
        # What is left of a clip that lost its beginning is still that clip.
        if segment["s"] == end and segment["id"] not in known and gone[-1] in known:
            segment["id"] = gone[-1]
    set_fades(draft, *kept)

    def moved(time: int) -> int:
        return time if time <= start else max(start, time - (end - start))

    settle(draft, lambda s, e: (moved(s), moved(e)))


def set_speed(draft: Draft, changing: Sequence[Part], factor: float, stills: Collection[str]) -> None:
    """Play clips `factor` times as fast as now."""
    knots = [(0, 0)]
    ids = {segment["id"] for segment in changing}
    for segment in video_segments(draft):
        start, length = int(segment["s"]), int(segment["d"])
        if segment["id"] in ids:
            speed = segment["m"].get("speed", 1.0) * factor
            if not SLOWEST <= speed <= FASTEST:
                raise Refused(
                    f"a speed of {speed:g}x is outside {SLOWEST:g}x to {FASTEST:g}x",
                    f"{speed:g} 倍速超出了 {SLOWEST:g} 到 {FASTEST:g} 的范围",
                )
            segment["d"] = max(1, int(length / factor))
            if segment["src"] not in stills:
                segment["m"]["speed"] = round(speed, 4)
        knots.append((start + length, knots[-1][1] + int(segment["d"])))

    def moved(time: int) -> int:
        for (a, na), (b, nb) in itertools.pairwise(knots):
            if time <= b:
                return na + (time - a) * (nb - na) // max(1, b - a)
        return knots[-1][1]

    whole = int(draft["d"])
    # A title keeps its reading time; one that covers the whole video goes on covering it.
    settle(draft, lambda s, e: (moved(s), moved(e) if (s, e) == (0, whole) else moved(s) + e - s))


def append(draft: Draft, files: Sequence[UploadedFile]) -> None:
    """Put clips after the last one."""
    if len(video_segments(draft)) + len(files) > MAX_CLIPS:
        raise Refused(
            f"a timeline holds {MAX_CLIPS} clips at most; merge fewer at a time",
            f"时间线最多放 {MAX_CLIPS} 个片段；请分批合并",
        )
    kept = fades(draft)
    if not tracks(draft, VIDEO):
        draft["t"].insert(0, new_track(draft, VIDEO, {"title": files[0].title}, []))
    whole = int(draft["d"])
    segs = tracks(draft, VIDEO)[0]["sg"]
    for file in files:
        segs.append(clip(draft, file, sum(int(s["d"]) for s in segs)))
    set_fades(draft, *kept)
    grown = sum(int(s["d"]) for s in segs)
    settle(draft, lambda s, e: (s, grown if (s, e) == (0, whole) else e))


def set_fades(draft: Draft, fade_in: int, fade_out: int) -> None:
    """Fades belong to the ends of the video, whichever clips are there."""
    clips = video_segments(draft)
    for segment in clips:
        segment["m"].pop("fade_in", None)
        segment["m"].pop("fade_out", None)
    if not clips:
        return
    if clips[0] is clips[-1] and fade_in + fade_out > clips[0]["d"]:
        fade_in = clips[0]["d"] * fade_in // (fade_in + fade_out)
        fade_out = clips[0]["d"] - fade_in if fade_out else 0
    if fade_in:
        clips[0]["m"]["fade_in"] = min(fade_in, clips[0]["d"])
    if fade_out:
        clips[-1]["m"]["fade_out"] = min(fade_out, clips[-1]["d"])


def settle(draft: Draft, moved: Callable[[int, int], tuple[int, int]] | None = None) -> None:
    """Close gaps between clips, and let titles and music follow: moved, clipped, or dropped when nothing is left."""
    at = 0
    for segment in video_segments(draft):
        segment["s"] = at
        at += int(segment["d"])
    draft["d"] = at
    for segment in [*segments(draft, TEXT), *segments(draft, AUDIO)]:
        start, end = int(segment["s"]), int(segment["s"] + segment["d"])
        if moved:
            start, end = moved(start, end)
        if segment["m"].get("loop"):
            end = at
        segment["s"], segment["d"] = start, min(end, at) - start
        for fade in ("fade_in", "fade_out"):
            if fade in segment["m"]:
                segment["m"][fade] = min(segment["m"][fade], max(0, segment["d"]))
    for track in draft["t"]:
        track["sg"] = [segment for segment in track["sg"] if segment["d"] > 0]
    draft["t"] = [track for track in draft["t"] if track["sg"]]
    set_fades(draft, *fades(draft))


def fades(draft: Draft) -> tuple[int, int]:
    """The length of the fade at the start and at the end."""
    clips = video_segments(draft)
    if not clips:
        return 0, 0
    return clips[0]["m"].get("fade_in", 0), clips[-1]["m"].get("fade_out", 0)
