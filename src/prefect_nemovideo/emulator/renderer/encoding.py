"""How a result is compressed: the arguments of the encoders for each container and quality."""

from __future__ import annotations

from typing import Final

from prefect_nemovideo.emulator.renderer.output import QUALITIES, Output

# Two seconds of 30 fps between key frames: players can seek, and the file grows little.
KEY_FRAME_INTERVAL: Final = 60
AUDIO_BIT_RATE: Final = "128k"
# What a container of each kind holds: picture, sound.
CODECS: Final = {"mp4": ("h264", "aac"), "mov": ("h264", "aac"), "webm": ("vp9", "opus")}


def picture_encoding(output: Output, threads: int) -> list[str]:
    """Arguments that compress the picture. `threads` 0 is every core."""
    quality = QUALITIES[output.quality]
    if CODECS[output.format][0] == "vp9":
        codec = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1"]
        codec += ["-crf", str(quality.vp9_crf), "-b:v", "0"]
    else:
        # The physical bound of software encoding at 4K: twice as fast as the next preset. What it can't do by
        # thinking it does by bits: at crf 22 it is nearer to the original than `veryfast` at crf 20.
        codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", str(quality.h264_crf)]
    return [*codec, "-pix_fmt", "yuv420p", "-g", str(KEY_FRAME_INTERVAL), "-threads", str(threads)]


def sound_encoding(output: Output) -> list[str]:
    """Arguments that compress the sound."""
    encoder = {"opus": "libopus", "aac": "aac"}[CODECS[output.format][1]]
    return ["-c:a", encoder, "-b:a", AUDIO_BIT_RATE]


def container(output: Output, seconds: float) -> list[str]:
    """Arguments of the file itself: its index in front, nothing of its sources' metadata, never longer than this."""
    index = [] if output.format == "webm" else ["-movflags", "+faststart"]
    return [*index, "-t", f"{seconds:.6f}", "-map_metadata", "-1", "-sn", "-dn"]
