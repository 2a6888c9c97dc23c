"""The draft, typed: the one place that knows its short keys, after docs/draft.md."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from prefect_nemovideo.emulator.renderer.output import (
    MAX_FPS,
    MAX_SIDE_PIXELS,
    MIN_FPS,
    MIN_SIDE_PIXELS,
)

BED_PREFIX: Final = "bed:"
# A feature film; what lasts longer is a mistake in the unit.
MAX_MILLISECONDS: Final = 4 * 3600 * 1000
# Every video segment is an FFmpeg input with its own decoder, so that their number is a matter of memory.
MAX_SEGMENTS: Final = 50

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
        >>> Draft.model_validate(document).videos[0].src
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
