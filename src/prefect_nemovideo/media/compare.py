"""What was asked for and what arrived: each difference as a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prefect_nemovideo.media.probe import MediaInfo

# Name: (long side, short side, how people write it). A film meets a name with either side, whatever its aspect.
RESOLUTIONS = {
    "4k": (3840, 2160, "4K"),
    "1440p": (2560, 1440, "1440p"),
    "1080p": (1920, 1080, "1080p"),
    "720p": (1280, 720, "720p"),
}
EXACT_SIZE = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})", re.IGNORECASE)
# 29.97 is what television calls 30.
FPS_TOLERANCE = 0.05
# Editors cut between frames, and sound comes in blocks: half a second of neither is noticed.
DURATION_TOLERANCE_SECONDS = 0.5


@dataclass(frozen=True)
class Wanted:
    """What was asked for. None anywhere means: as it comes."""

    resolution: str | None = None
    """4k, 1440p, 1080p, 720p (either side may meet it), or exactly WIDTHxHEIGHT."""
    fps: float | None = None
    duration_seconds: float | None = None
    duration_tolerance_seconds: float = DURATION_TOLERANCE_SECONDS
    format: str | None = None
    """A container's name, such as mp4."""
    audio: bool | None = None

    def __post_init__(self) -> None:
        name = self.resolution
        if name is not None and name.lower() not in RESOLUTIONS and not EXACT_SIZE.fullmatch(name.strip()):
            raise ValueError(f"{name!r} is not a resolution. Use {', '.join(RESOLUTIONS)}, or WIDTHxHEIGHT in pixels.")


def compare(info: MediaInfo, wanted: Wanted) -> list[str]:
    """The differences between a file and what was asked for; empty when there are none.

    Example:
        >>> compare(probe(path), Wanted(resolution="4k"))
        ['Asked for 4K (3840×2160 or its equivalent), got 1920×1080.']
    """
    differences = []
    if wanted.resolution is not None and not _has_resolution(info, wanted.resolution):
        got = f"{info.width}×{info.height}" if info.has_video else "no picture"
        differences.append(f"Asked for {_described(wanted.resolution)}, got {got}.")
    if wanted.fps is not None and abs(info.fps - wanted.fps) > FPS_TOLERANCE:
        differences.append(f"Asked for {wanted.fps:g} frames a second, got {info.fps:g}.")
    if (
        wanted.duration_seconds is not None
        and abs(info.duration_seconds - wanted.duration_seconds) > wanted.duration_tolerance_seconds
    ):
        differences.append(f"Asked for {wanted.duration_seconds:g} s, got {round(info.duration_seconds, 2):g} s.")
    if wanted.format is not None and info.container != wanted.format.lower().lstrip("."):
        differences.append(f"Asked for {wanted.format}, got {info.container}.")
    if wanted.audio is True and not info.has_audio:
        differences.append("Asked for sound, got a file without a sound track.")
    if wanted.audio is False and info.has_audio:
        differences.append(f"Asked for no sound, got a sound track ({info.audio_codec}).")
    return differences


def _has_resolution(info: MediaInfo, name: str) -> bool:
    if exact := EXACT_SIZE.fullmatch(name.strip()):
        return (info.width, info.height) == (int(exact[1]), int(exact[2]))
    long, short, _ = RESOLUTIONS[name.lower()]
    return max(info.width, info.height) == long or min(info.width, info.height) == short


def _described(name: str) -> str:
    if exact := EXACT_SIZE.fullmatch(name.strip()):
        return f"{exact[1]}×{exact[2]}"
    long, short, written = RESOLUTIONS[name.lower()]
    return f"{written} ({long}×{short} or its equivalent)"
