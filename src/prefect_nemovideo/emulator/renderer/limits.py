"""How much of the machine one file or one render may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The demuxers of the accepted formats. Text formats that name other files (ffconcat, HLS, SDP…) are left out:
# uploaded under a video's name they would hand out whatever lies on this disk.
INPUT_FORMATS: Final = "mov,matroska,avi,mp3,wav,aac,flac,ogg,gif,png_pipe,jpeg_pipe,webp_pipe"
INPUT_PROTOCOLS: Final = "file,pipe,crypto,data"
# 40 megapixels is above 8K (33 million); a decoder asked for more would take gigabytes for one frame.
MAX_INPUT_PIXELS: Final = 40_000_000

GIB: Final = 1024**3


@dataclass(frozen=True)
class Limits:
    """Bounds of one FFmpeg run.

    Attributes:
        seconds: deadline of the whole run; an hour is a 4K timeline of half an hour on two slow cores.
        stall_seconds: no new frame, time or byte for so long means FFmpeg hangs.
        memory_bytes: address space; a 4K render was measured at 2.1 GB of it, and each further segment of
            1080p footage takes 90 MB (of which 26 MB are real).
        output_bytes: size of the result; 20 minutes of detailed 4K.
        threads: of the encoder and the filters; 0 lets FFmpeg take every core.
    """

    seconds: float = 3600.0
    stall_seconds: float = 90.0
    memory_bytes: int = 8 * GIB
    output_bytes: int = 8 * GIB
    threads: int = 0


DEFAULT_LIMITS: Final = Limits()
# Probing reads a file's headers and one frame; 500 MB are read through once to find the true end.
PROBE_LIMITS: Final = Limits(seconds=30.0, stall_seconds=30.0, memory_bytes=1 * GIB, output_bytes=0, threads=1)
