"""What a render is asked to deliver: container, quality, size and frame rate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from prefect_nemovideo.emulator.renderer.errors import BadDraft

FORMATS: Final = ("mp4", "mov", "webm")

# The box a named resolution fits into, long side by short side, in pixels.
RESOLUTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "4k": (3840, 2160),
    "uhd": (3840, 2160),
    "2160p": (3840, 2160),
    "2k": (2560, 1440),
    "1440p": (2560, 1440),
    "1080p": (1920, 1080),
    "720p": (1280, 720),
    "480p": (854, 480),
    "360p": (640, 360),
}
# 8K is the largest picture any phone or camera writes; a wider one is a mistake or an attack.
MAX_SIDE_PIXELS: Final = 8192
MAX_PICTURE_PIXELS: Final = 8192 * 4320
MIN_SIDE_PIXELS: Final = 16
MIN_FPS: Final = 1.0
MAX_FPS: Final = 240.0
# A preview is watched in a small window while the real thing is still to come.
PREVIEW_BOX: Final = (640, 640)


@dataclass(frozen=True)
class Quality:
    """How much of the picture is kept.

    Attributes:
        h264_crf: constant quality of H.264, lower is better.
        vp9_crf: the same of VP9.
        scaler: swscale's method.
        is_preview: small, whatever the canvas.
    """

    h264_crf: int
    vp9_crf: int
    scaler: str = "lanczos"
    is_preview: bool = False


# The PSNR of each is in docs/emulator.md; +6 halves the bit rate.
QUALITIES: Final[Mapping[str, Quality]] = {
    "high": Quality(22, 24),
    "medium": Quality(26, 32),
    "standard": Quality(26, 32),
    "low": Quality(31, 42),
    "preview": Quality(28, 40, scaler="bilinear", is_preview=True),
}


@dataclass(frozen=True)
class Output:
    """The `output` of a render request.

    Attributes:
        format: `mp4`, `mov` or `webm`.
        quality: `high`, `medium` (`standard`), `low`, or `preview` (at most 640 pixels a side).
        resolution: a name such as `4k` or `1080p`, or `WIDTHxHEIGHT`: the box the canvas is fitted into,
            keeping its shape. None keeps the canvas' own size.
        fps: frames a second; None keeps the canvas' own.

    Example:
        >>> Output.parse({"format": "mp4", "quality": "high", "resolution": "4k"}).size(1080, 1920)
        (2160, 3840)
    """

    format: str = "mp4"
    quality: str = "high"
    resolution: str | None = None
    fps: float | None = None

    @classmethod
    def parse(cls, wish: Mapping[str, object]) -> Output:
        """Read the `output` object of a render request.

        Raises:
            BadDraft: a key or value is unknown or absurd; the message names it and lists what is known.
        """
        for key in wish:
            if key not in ("format", "quality", "resolution", "fps"):
                raise BadDraft(
                    f"output.{key}: this renderer does not know that key. Known: format, quality, resolution, fps."
                )
        output = cls(
            format=_named(wish, "format", FORMATS, "mp4"),
            quality=_named(wish, "quality", QUALITIES, "high"),
            resolution=_resolution(wish.get("resolution")),
            fps=_fps(wish.get("fps")),
        )
        if output.resolution is not None:
            _box(output.resolution)
        return output

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The delivered picture's width and height for a canvas of this size: its shape, even numbers."""
        if self.resolution is not None:
            long_side, short_side = _box(self.resolution)
            named = self.resolution.lower() in RESOLUTIONS
            # A name means the same picture held upright; numbers mean themselves.
            box = (short_side, long_side) if named and height > width else (long_side, short_side)
        elif QUALITIES[self.quality].is_preview:
            box = (min(PREVIEW_BOX[0], width), min(PREVIEW_BOX[1], height))
        else:
            return width, height
        scale = min(Fraction(box[0], width), Fraction(box[1], height))
        return _even(width * scale), _even(height * scale)


def frame_rate(fps: float) -> Fraction:
    """The exact frame rate behind a rounded one: 29.97 is 30000/1001, 25.0 is 25."""
    ntsc = Fraction(round(fps * 1.001) * 1000, 1001)
    # Files state the NTSC rates with two or three decimals.
    if abs(float(ntsc) - fps) < 0.006:
        return ntsc
    return Fraction(fps).limit_denominator(1001)


def _even(pixels: Fraction) -> int:
    return max(MIN_SIDE_PIXELS, 2 * round(pixels / 2))


def _named(wish: Mapping[str, object], key: str, known: Mapping[str, object] | tuple[str, ...], default: str) -> str:
    value = wish.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or value.lower() not in known:
        raise BadDraft(f"output.{key}: {value!r} is not known. Known: {', '.join(known)}.")
    return value.lower()


def _resolution(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise BadDraft(f"output.resolution: {value!r} is not text such as '4k' or '1920x1080'.")


def _fps(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not MIN_FPS <= value <= MAX_FPS:
        raise BadDraft(f"output.fps: {value!r} is not a number from {MIN_FPS:g} to {MAX_FPS:g}.")
    return float(value)


def _box(resolution: str) -> tuple[int, int]:
    """Long and short side of a named resolution, or width and height of a numeric one."""
    name = resolution.strip().lower()
    if name in RESOLUTIONS:
        return RESOLUTIONS[name]
    numbers = re.fullmatch(r"(\d{1,5})\s*[x×]\s*(\d{1,5})", name)
    if numbers is None:
        raise BadDraft(
            f"output.resolution: {resolution!r} is not known. Known: {', '.join(RESOLUTIONS)}, or WIDTHxHEIGHT."
        )
    width, height = int(numbers[1]), int(numbers[2])
    if min(width, height) < MIN_SIDE_PIXELS or max(width, height) > MAX_SIDE_PIXELS:
        raise BadDraft(
            f"output.resolution: {resolution!r} is out of range; "
            f"a side has {MIN_SIDE_PIXELS} to {MAX_SIDE_PIXELS} pixels."
        )
    return width, height
