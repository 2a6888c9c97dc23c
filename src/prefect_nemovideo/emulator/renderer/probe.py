"""What an uploaded file is: asked of a child process, since strangers' files crash and bloat decoders."""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from prefect_nemovideo.emulator.renderer import probe_child
from prefect_nemovideo.emulator.renderer.contained import contained_process
from prefect_nemovideo.emulator.renderer.errors import NotMedia
from prefect_nemovideo.emulator.renderer.limits import (
    INPUT_FORMATS,
    INPUT_PROTOCOLS,
    MAX_INPUT_PIXELS,
    PROBE_LIMITS,
)

INPUT_NAME: Final = "input"

FileType = Literal["video", "image", "audio"]


@dataclass(frozen=True)
class ProbedFile:
    """What a file holds, as a person sees and hears it.

    Attributes:
        file_type: `video`, `image` (one still picture) or `audio`.
        duration: seconds, measured from the packets rather than believed; 0 for an image.
        width: pixels as displayed (rotation and pixel shape applied); 0 for audio.
        height: likewise.
        fps: average frames a second; 0 for images and audio.
        has_audio: whether there is a sound stream.
        video_codec: FFmpeg's name, such as `h264`; empty for audio.
        matrix: FFmpeg's name of the colour matrix, such as `bt709`; empty if the file doesn't say.
        transfer: FFmpeg's name of the transfer curve if it is an HDR one, else empty.
        audio_channels: of the sound stream; 0 without one.
        audio_codec: FFmpeg's name, such as `aac`; empty without sound.
        frames: how many pictures there are.
        plain_picture: whether they can be handed on as they are: every one is shown, from the start and at even
            distances, upright, in square pixels of 8-bit 4:2:0, neither HDR nor interlaced.
        plain_sound: whether the sound starts and ends with the picture.
    """

    file_type: FileType
    duration: float
    width: int
    height: int
    fps: float
    has_audio: bool
    video_codec: str
    matrix: str = ""
    transfer: str = ""
    audio_channels: int = 0
    audio_codec: str = ""
    frames: int = 0
    plain_picture: bool = False
    plain_sound: bool = False


async def probe_upload(path: Path) -> ProbedFile:
    """Find out what a file is by reading it through and decoding its first frames.

    Raises:
        NotMedia: it is no media file of an accepted format, is cut off, or is too large to decode. The
            message is a sentence such as "The file ends before its data does: it was cut off …".
        FileNotFoundError: there is no such file.

    Example:
        >>> (await probe_upload(Path("clip.mp4"))).width
        1920
    """
    # By file name, not `-m`: the child then imports PyAV and nothing of this package.
    command = [sys.executable, "-P", probe_child.__file__, INPUT_NAME, INPUT_FORMATS, INPUT_PROTOCOLS]
    command.append(str(MAX_INPUT_PIXELS))
    environment = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with tempfile.TemporaryDirectory(prefix="probe-") as work_dir:
        _link(path, Path(work_dir))
        try:
            async with (
                asyncio.timeout(PROBE_LIMITS.seconds),
                contained_process(
                    command, work_dir=Path(work_dir), limits=PROBE_LIMITS, environment=environment
                ) as process,
            ):
                answer, _ = await process.communicate()
        except TimeoutError as late:
            raise NotMedia(
                f"The file could not be read within {PROBE_LIMITS.seconds:g} seconds. Convert it to MP4 first."
            ) from late
    if process.returncode != 0 or not answer:
        raise NotMedia("The file makes the decoder fail. Convert it to MP4 first.")
    facts = json.loads(answer)
    if "refused" in facts:
        raise NotMedia(facts["refused"])
    probed = ProbedFile(**facts)
    if not math.isfinite(probed.duration):
        raise NotMedia("The file doesn't say how long it is. Convert it to MP4 first.")
    return probed


def _link(path: Path, work_dir: Path) -> None:
    """Show the child the file under a name of ours: FFmpeg believes extensions, and takes `%03d` as an order."""
    if path.stat().st_size == 0:
        raise NotMedia("The file is empty. Upload it again.")
    (work_dir / INPUT_NAME).symlink_to(path.resolve())
