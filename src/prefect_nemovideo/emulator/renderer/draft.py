"""The draft, typed: the one place that reads its short keys, after docs/draft.md."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prefect_nemovideo.emulator.renderer.beds import BEDS
from prefect_nemovideo.emulator.renderer.errors import BadDraft
from prefect_nemovideo.emulator.renderer.output import (
    MAX_FPS,
    MAX_PICTURE_PIXELS,
    MAX_SIDE_PIXELS,
    MIN_FPS,
    MIN_SIDE_PIXELS,
)

BED_PREFIX: Final = "bed:"
# A feature film; what lasts longer is a mistake in the unit.
MAX_MILLISECONDS: Final = 4 * 3600 * 1000
# Every video segment is an FFmpeg input with its own decoder.
MAX_SEGMENTS: Final = 100
# Problems named in one message.
MAX_PROBLEMS: Final = 5

Milliseconds = Annotated[int, Field(ge=0, le=MAX_MILLISECONDS)]
Length = Annotated[int, Field(gt=0, le=MAX_MILLISECONDS)]
Signed = Annotated[float, Field(ge=-100, le=100)]
Side = Annotated[int, Field(ge=MIN_SIDE_PIXELS, le=MAX_SIDE_PIXELS, multiple_of=2)]


class Part(BaseModel):
    """Anything in a draft: nothing unknown, nothing converted, nothing infinite."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class SoundSettings(Part):
    """The `m` of an audio segment, and what a video segment shares with it."""

    title: str = ""
    source_start: Milliseconds = Field(default=0, alias="in")
    speed: Annotated[float, Field(ge=0.01, le=100)] = 1.0
    volume: Annotated[float, Field(ge=0, le=1000)] = 100.0
    fade_in: Milliseconds = 0
    fade_out: Milliseconds = 0


class VideoSettings(SoundSettings):
    """The `m` of a video segment."""

    sharpen: Annotated[float, Field(ge=0, le=2)] = 0.0
    denoise: Annotated[float, Field(ge=0, le=1)] = 0.0
    grayscale: bool = False
    brightness: Signed = 0.0
    contrast: Signed = 0.0
    saturation: Signed = 0.0
    temperature: Signed = 0.0
    rotate: Literal[0, 90, 180, 270] = 0
    flip: Literal["", "h", "v", "hv"] = ""


class AudioSettings(SoundSettings):
    """The `m` of an audio segment."""

    loop: bool = False


class TextSettings(Part):
    """The `m` of a text segment."""

    title: str = ""
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    position: Literal["top", "center", "bottom", "top-left", "top-right", "bottom-left", "bottom-right"] = "center"
    size: Annotated[float, Field(ge=0.1, le=10)] = 1.0


class Segment(Part):
    """A stretch of the timeline; `start` and `length` in milliseconds."""

    id: str = ""
    start: Milliseconds = Field(alias="s")
    length: Length = Field(alias="d")

    @property
    def end(self) -> int:
        """Where it ends on the timeline, in milliseconds."""
        return self.start + self.length


class VideoSegment(Segment):
    """A piece of a video or image file."""

    src: str
    settings: VideoSettings = Field(default=VideoSettings(), alias="m")


class AudioSegment(Segment):
    """A piece of a sound file, or of a bed."""

    src: str
    settings: AudioSettings = Field(default=AudioSettings(), alias="m")


class TextSegment(Segment):
    """Words over the picture."""

    settings: TextSettings = Field(alias="m")


class TrackSettings(Part):
    """What a track says of itself to people; the segments' own settings are what is rendered."""

    title: str = ""
    volume: Annotated[float, Field(ge=0, le=1000)] = 100.0


class VideoTrack(Part):
    """`tt` 0."""

    id: str = ""
    kind: Literal[0] = Field(alias="tt")
    settings: TrackSettings = Field(default=TrackSettings(), alias="m")
    segments: tuple[VideoSegment, ...] = Field(alias="sg", strict=False)


class AudioTrack(Part):
    """`tt` 1."""

    id: str = ""
    kind: Literal[1] = Field(alias="tt")
    settings: TrackSettings = Field(default=TrackSettings(), alias="m")
    segments: tuple[AudioSegment, ...] = Field(alias="sg", strict=False)


class TextTrack(Part):
    """`tt` 7."""

    id: str = ""
    kind: Literal[7] = Field(alias="tt")
    settings: TrackSettings = Field(default=TrackSettings(), alias="m")
    segments: tuple[TextSegment, ...] = Field(alias="sg", strict=False)


class Canvas(Part):
    """The `m` of the draft."""

    title: str = ""
    width: Side
    height: Side
    fps: Annotated[float, Field(ge=MIN_FPS, le=MAX_FPS)]
    fit: Literal["crop", "pad", "blur"] = "pad"
    loudness: Annotated[float, Field(ge=-70, le=-5)] | None = None


class Draft(Part):
    """A whole timeline.

    Example:
        >>> read_draft(document).videos[0].src
        'file_6f'
    """

    length: Length = Field(alias="d")
    canvas: Canvas = Field(alias="m")
    tracks: tuple[Annotated[VideoTrack | AudioTrack | TextTrack, Field(discriminator="kind")], ...] = Field(
        alias="t", strict=False
    )

    @property
    def videos(self) -> tuple[VideoSegment, ...]:
        """The segments of the one video track, in order."""
        return tuple(s for track in self.tracks if isinstance(track, VideoTrack) for s in track.segments)

    @property
    def sounds(self) -> tuple[AudioSegment, ...]:
        """The segments of all audio tracks."""
        return tuple(s for track in self.tracks if isinstance(track, AudioTrack) for s in track.segments)

    @property
    def texts(self) -> tuple[TextSegment, ...]:
        """The segments of all text tracks."""
        return tuple(s for track in self.tracks if isinstance(track, TextTrack) for s in track.segments)


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
