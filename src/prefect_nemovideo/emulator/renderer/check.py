"""Reading a draft as it came over the wire: everything wrong with it is named before any work starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from pydantic import ValidationError

from prefect_nemovideo.emulator.renderer.beds import BEDS
from prefect_nemovideo.emulator.renderer.draft import (
    BED_PREFIX,
    MAX_SEGMENTS,
    AudioSegment,
    Draft,
    VideoSegment,
    VideoTrack,
)
from prefect_nemovideo.emulator.renderer.errors import BadDraft
from prefect_nemovideo.emulator.renderer.output import MAX_PICTURE_PIXELS

# Problems named in one message.
MAX_PROBLEMS: Final = 5


def read_draft(document: Any) -> Draft:
    """Read a draft as it came over the wire.

    Raises:
        BadDraft: naming each unknown key, missing key and impossible value (the first five).
    """
    try:
        draft = Draft.model_validate(document)
    except ValidationError as wrong:
        raise BadDraft(_sentence(_problem(error) for error in wrong.errors(include_url=False))) from wrong
    problems = list(_contradictions(draft))
    if problems:
        raise BadDraft(_sentence(problems))
    return draft


def check_draft(draft: dict[str, Any], known_files: Collection[str]) -> None:
    """Say at once whether a draft can be rendered; reads no file.

    Args:
        draft: the draft as JSON.
        known_files: the ids of the session's uploads.

    Raises:
        BadDraft: the message names the key, value or file.

    Example:
        >>> check_draft(draft, {"file_6f"})
    """
    read = read_draft(draft)
    problems = []
    segments: list[VideoSegment | AudioSegment] = [*read.videos, *read.sounds]
    for segment in segments:
        bed = segment.src.removeprefix(BED_PREFIX) if segment.src.startswith(BED_PREFIX) else None
        if bed is not None and isinstance(segment, VideoSegment):
            problems.append(f"{segment.src!r} is music and can't be a video segment")
        elif bed is not None and bed not in BEDS:
            problems.append(f"src {segment.src!r} is not known; the beds are {', '.join(BEDS)}")
        elif bed is None and segment.src not in known_files:
            problems.append(f"src {segment.src!r} is not a file of this session; upload it first")
    if problems:
        raise BadDraft(_sentence(dict.fromkeys(problems)))


def _contradictions(draft: Draft) -> Iterable[str]:
    canvas = draft.canvas
    if canvas.width * canvas.height > MAX_PICTURE_PIXELS:
        most = f"{MAX_PICTURE_PIXELS / 1e6:.0f} million pixels"
        yield f"m: a canvas of {canvas.width}x{canvas.height} is larger than {most}"
    if sum(1 for track in draft.tracks if isinstance(track, VideoTrack) and track.segments) > 1:
        yield "t: there are several video tracks (tt 0) with segments; this renderer shows one"
        return
    if not draft.videos:
        yield "t: there is no video segment; put a clip on the timeline first"
        return
    count = len(draft.videos) + len(draft.sounds) + len(draft.texts)
    if count > MAX_SEGMENTS:
        yield f"t: {count} segments are more than the {MAX_SEGMENTS} of one render"
    end = 0
    for number, segment in enumerate(draft.videos):
        if segment.start < end:
            yield f"video segment {number} starts at {segment.start} ms, before the one ahead of it ends ({end} ms)"
        end = segment.end
    if draft.length != end:
        yield f"d: {draft.length} ms is not the end of the last video segment ({end} ms)"


def _problem(error: Any) -> str:
    """One of pydantic's findings as `where: what`."""
    place = list(error["loc"])
    # Behind the number of a track stands the kind it was read as, which is no key of the draft.
    if place[:1] == ["t"] and len(place) > 2:
        del place[2]
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
    if error["type"] == "extra_forbidden":
        return f"{where}: this renderer does not know that key"
    if error["type"] == "missing":
        return f"{where}: is missing"
    if error["type"].startswith("union_tag"):
        return f"{where}.tt: is not a known kind of track (0 video, 1 audio, 7 text)"
    return f"{where or 'the draft'}: {error['msg'][0].lower()}{error['msg'][1:]}, not {error['input']!r:.80}"


def _sentence(problems: Iterable[str]) -> str:
    listed = list(problems)
    more = f"; and {len(listed) - MAX_PROBLEMS} more" if len(listed) > MAX_PROBLEMS else ""
    return f"The draft can't be rendered: {'; '.join(listed[:MAX_PROBLEMS])}{more}."
