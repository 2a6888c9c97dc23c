"""What an instruction can ask for, one frozen dataclass each.

Times are whole milliseconds on the timeline. A negative time counts back from the end and an end of `None`
is the end itself, so that "the last 2 seconds" needs no length: `Cut(-2000, None)`.
"""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int | None]

# The frame that "4K" must fit in, in pixels, lying or standing.
UHD_LONG, UHD_SHORT = 3840, 2160


@dataclass(frozen=True)
class Resize:
    """Fit the canvas in a box, keeping its shape: 4K is `Resize(3840, 2160)`, lying or standing."""

    long_edge: int
    short_edge: int


@dataclass(frozen=True)
class Scale:
    """Make the canvas so many times as large, up to 4K."""

    factor: float


@dataclass(frozen=True)
class Canvas:
    """Make the canvas exactly this size in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class FrameRate:
    """Frames a second of the result."""

    fps: float


@dataclass(frozen=True)
class Reframe:
    """Another shape (width to height), another way to fit the picture in (`crop`, `pad`, `blur`), or both."""

    ratio: tuple[int, int] | None
    fit: str | None = None


@dataclass(frozen=True)
class Rotate:
    """Turn the picture clockwise by so many degrees."""

    degrees: int


@dataclass(frozen=True)
class Flip:
    """Mirror left to right (`h`) or top to bottom (`v`)."""

    axis: str


@dataclass(frozen=True)
class Cut:
    """Take a stretch out and close the gap."""

    start: int
    end: int | None


@dataclass(frozen=True)
class Keep:
    """Take everything but a stretch out."""

    start: int
    end: int | None


@dataclass(frozen=True)
class Shorten:
    """Let the video be no longer than this."""

    length: int


@dataclass(frozen=True)
class Speed:
    """Play `factor` times as fast as now, or, if `absolute`, as the source was."""

    factor: float
    absolute: bool = False
    span: Span | None = None


@dataclass(frozen=True)
class Merge:
    """Put every uploaded clip that isn't on the timeline after the last one, in upload order."""


@dataclass(frozen=True)
class Look:
    """A property of the picture, by its name in the draft; `relative` adds to what is there."""

    key: str
    value: float | bool
    relative: bool = False
    span: Span | None = None


@dataclass(frozen=True)
class Volume:
    """Per cent of the recorded loudness, or, if `relative`, of the present one."""

    percent: float
    relative: bool = False
    music: bool = False
    span: Span | None = None


@dataclass(frozen=True)
class Loudness:
    """Bring the whole mix to this loudness, in LUFS."""

    lufs: float


@dataclass(frozen=True)
class Fade:
    """Length of the fade from black at the start and to black at the end; `None` leaves it as it is."""

    fade_in: int | None = None
    fade_out: int | None = None
    music: bool = False  # the added music alone


@dataclass(frozen=True)
class AddTitle:
    """Text on the picture. `to_end` wins over `end`, and that over `length`; without any it stays 3 seconds."""

    text: str
    start: int = 0
    end: int | None = None
    length: int | None = None
    to_end: bool = False
    position: str = "center"
    size: float = 1.0


@dataclass(frozen=True)
class EditTitle:
    """Change the titles that are there, or only the `last`; `None` leaves a property as it is."""

    text: str | None = None
    start: int | None = None
    end: int | None = None
    length: int | None = None
    to_end: bool = False
    position: str | None = None
    size: float | None = None
    last: bool = False


@dataclass(frozen=True)
class RemoveTitles:
    """Take all titles away."""


@dataclass(frozen=True)
class AddMusic:
    """Music under the video: an uploaded song (`name`, or `uploaded` for "my song") or a made one (`bed`)."""

    name: str | None = None
    bed: str | None = None
    uploaded: bool = False
    volume: int = 35
    start: int = 0


@dataclass(frozen=True)
class RemoveMusic:
    """Take the added music away."""


@dataclass(frozen=True)
class Reset:
    """Drop all edits and begin again with the first upload."""


@dataclass(frozen=True)
class Only:
    """Begin again with one upload, by its name with or without ending, and leave nothing else on the timeline."""

    name: str


@dataclass(frozen=True)
class Ask:
    """Something was asked for without a detail that nobody can guess; `about` names it."""

    about: str


Operation = (
    Resize
    | Scale
    | Canvas
    | FrameRate
    | Reframe
    | Rotate
    | Flip
    | Cut
    | Keep
    | Shorten
    | Speed
    | Merge
    | Look
    | Volume
    | Loudness
    | Fade
    | AddTitle
    | EditTitle
    | RemoveTitles
    | AddMusic
    | RemoveMusic
    | Reset
    | Only
    | Ask
)
