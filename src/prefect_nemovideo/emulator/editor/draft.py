"""Making a draft and reading it: the shapes of `docs/draft.md`, and nothing about edits.

A draft is plain JSON because it crosses the wire in both directions. The functions here that return a
draft return a new one; those named after a part return that very part, to be read or changed in a copy.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from prefect_nemovideo.emulator.editor.files import UploadedFile

Draft = dict[str, Any]
Part = dict[str, Any]

VIDEO, AUDIO, TEXT = 0, 1, 7

# How long a picture stands still, until an edit says otherwise.
STILL_MS = 5000
# Frames a second where the source has none of its own (pictures), and the most a canvas takes from a source:
# a 240 fps slow-motion recording is meant to be played slowly, not rendered eight times over.
DEFAULT_FPS, MAX_FPS = 30.0, 60.0
# The largest frame of H.264 level 5.1, which is what players are sure to play.
MAX_LONG, MAX_SHORT = 4096, 2304


def new_draft(title: str) -> Draft:
    """An empty draft: nothing on the timeline, a Full HD canvas until the first upload sets its own.

    Example:
        >>> new_draft("project")["t"]
        []
    """
    canvas = {"title": title, "width": 1920, "height": 1080, "fps": DEFAULT_FPS, "fit": "pad"}
    return {"d": 0, "m": canvas, "t": []}


def add_upload(draft: Draft, file: UploadedFile) -> Draft:
    """The draft after an upload.

    The first video or picture goes on the timeline and gives the canvas its size and frame rate. Later clips
    wait for an instruction ("merge the clips"), and audio waits to be asked for as music.
    """
    draft = copy.deepcopy(draft)
    if not file.is_visual or video_segments(draft):
        return draft
    if file.width and file.height:
        width, height = fit_in(file.width, file.height, MAX_LONG, MAX_SHORT, enlarge=False)
        draft["m"].update(width=width, height=height)
    fps = float(file.fps) if file.fps and file.file_type == "video" else DEFAULT_FPS
    draft["m"]["fps"] = round(min(fps, MAX_FPS), 3)
    draft["t"].insert(0, new_track(draft, VIDEO, {"title": file.title}, [clip(draft, file, 0)]))
    draft["d"] = draft["t"][0]["sg"][0]["d"]
    return draft


def clip(draft: Draft, file: UploadedFile, start: int) -> Part:
    """A video segment that shows the whole of a file."""
    length = file.duration_ms if file.file_type == "video" else 0
    details = {"title": file.title, "in": 0, "speed": 1.0, "volume": 100}
    return {"id": new_id(draft, "seg"), "src": file.id, "s": start, "d": length or STILL_MS, "m": details}


def new_track(draft: Draft, kind: int, details: Part, segments: list[Part]) -> Part:
    return {"id": new_id(draft, "track"), "tt": kind, "m": details, "sg": segments}


def new_id(draft: Draft, kind: str) -> str:
    """An id that no track or segment of the draft has: one more than the highest."""
    parts = draft["t"] if kind == "track" else [s for t in draft["t"] for s in t["sg"]]
    numbers = [re.fullmatch(rf"{kind}_(\d{{1,9}})", str(part.get("id", ""))) for part in parts]
    return f"{kind}_{max((int(n[1]) for n in numbers if n), default=0) + 1}"


def tracks(draft: Draft, kind: int) -> list[Part]:
    return [track for track in draft["t"] if track["tt"] == kind]


def segments(draft: Draft, kind: int) -> Iterator[Part]:
    return (segment for track in tracks(draft, kind) for segment in track["sg"])


def video_segments(draft: Draft) -> list[Part]:
    return sorted(segments(draft, VIDEO), key=lambda segment: int(segment["s"]))


def fit_in(width: int, height: int, long_edge: int, short_edge: int, *, enlarge: bool = True) -> tuple[int, int]:
    """The largest even size of the same shape within a box that may lie or stand.

    Example:
        >>> fit_in(1080, 1920, 3840, 2160)
        (2160, 3840)
    """
    scale = min(long_edge / max(width, height), short_edge / min(width, height))
    if not enlarge:
        scale = min(scale, 1.0)
    return even(width * scale), even(height * scale)


def even(pixels: float) -> int:
    """The nearest even number, at least 2: chroma of a video is stored for every second pixel."""
    return max(2, 2 * round(pixels / 2))
