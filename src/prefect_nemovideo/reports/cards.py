"""One video of a batch as the gallery shows it: facts in words, and links that work where the page lies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from prefect_nemovideo.results import EditRecord, FailedVideo, VideoResult
from prefect_nemovideo.words import a_length, a_rate, a_size, credits

#: A long side of this many pixels is what people call 4K.
LONG_SIDE_OF_4K = 3840
#: The page's frames for pictures are this wide; a film of another shape gets its own blurred picture behind it.
SHAPE_OF_FRAME, SHAPE_TOLERANCE = 16 / 9, 0.02


@dataclass(frozen=True)
class Card:
    """What the page says about one video. Addresses are relative to the page wherever that is possible."""

    kind: str
    """`made`, `differs` (made, but not as requested), `failed` or `deferred`."""
    title: str
    facts: tuple[str, ...] = ()
    badge: str | None = None
    before: str | None = None
    after: str | None = None
    fills_the_frame: bool = True
    video: str | None = None
    record: str | None = None
    workspace: str | None = None
    edits: tuple[tuple[str, str], ...] = ()
    """Instruction, and what became of it."""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    proof: tuple[tuple[str, str], ...] = field(default=())
    message: str = ""
    next_step: str = ""


def card_of(item: VideoResult | FailedVideo, place: str) -> Card:
    """The card of a result.

    Args:
        place: Address of the place where the page is going to lie, as in `s3://films/tonight`.
    """
    return _made(item, place) if isinstance(item, VideoResult) else _not_made(item)


def _made(video: VideoResult, place: str) -> Card:
    stem = PurePosixPath(_name_of(video.uri)).stem
    link = _link(video.uri, place)
    # Records and pictures lie beside the video.
    folder = link.rpartition("/")[0] + "/" if link and "/" in link else ""
    pictures = video.pictures if link else None
    proof = [("SHA-256", video.sha256), ("Job", video.job_key), ("Render", video.render_id)]
    return Card(
        kind="made" if video.as_requested else "differs",
        # Names end in the first characters of the job's key, which tells people nothing.
        title=re.sub(r"-([0-9a-f]+)$", lambda end: "" if video.job_key.startswith(end[1]) else end[0], stem),
        facts=tuple(
            fact
            for fact in (
                f"{video.width} × {video.height}",
                a_length(video.duration_seconds),
                a_rate(video.fps),
                a_size(video.bytes),
                "" if video.has_audio else "no sound",
                credits(video.credits_spent),
            )
            if fact
        ),
        badge="4K" if max(video.width, video.height) >= LONG_SIDE_OF_4K else None,
        before=folder + quote(pictures.before) if pictures and pictures.before else None,
        after=folder + quote(pictures.after) if pictures and pictures.after else None,
        fills_the_frame=abs(video.width / max(video.height, 1) / SHAPE_OF_FRAME - 1) < SHAPE_TOLERANCE,
        video=link,
        record=f"{folder}{quote(stem)}.manifest.json" if link else None,
        workspace=video.workspace_url,
        edits=tuple((edit.instruction, _what_became(edit)) for edit in video.edits),
        notes=tuple(video.differences),
        warnings=tuple(warning for warning in video.warnings if warning not in video.differences),
        proof=(("Archived at", video.uri), *proof),
    )


def _what_became(edit: EditRecord) -> str:
    if edit.outcome == "question":
        return f"The editor asked: {edit.reply}"
    return "; ".join(edit.changes) or edit.reply or ("Changed nothing." if edit.outcome == "unchanged" else "")


def _not_made(video: FailedVideo) -> Card:
    return Card(
        kind=video.status,
        title=_name_of(video.source) or video.source,
        message=video.error.message,
        next_step=video.error.next_step,
        proof=(("Source", video.source),),
    )


def _name_of(where: str) -> str:
    # Keys in S3 are written as they are; an address on the web or of a file is quoted.
    path = unquote(urlsplit(where).path) if where.startswith(("http:", "https:", "file:")) else where
    return path.rstrip("/").rpartition("/")[2]


def _link(uri: str, place: str) -> str | None:
    """The address of a video as a browser can follow it from the page; None for an object in another bucket."""
    beside = uri.removeprefix(place.rstrip("/") + "/")
    if beside != uri:
        # A colon in a first name would read as a scheme.
        return "./" + (beside if uri.startswith("file:") else quote(beside))
    return uri if uri.startswith(("http:", "https:", "file:")) else None
