"""Files as they come from strangers, cameras and broken lines: each made on the spot, most of them by FFmpeg."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2")
QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
HDR_TAGS = "setparams=range=tv:color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
HDR = ("-vf", HDR_TAGS, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
HDR += ("-x265-params", "log-level=none")

Maker = Callable[[Path], None]


def ffmpeg(*arguments: str | Path) -> None:
    """Make a file with FFmpeg."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def film(target: Path) -> None:
    """A whole one with sound: 320x180, 50 pictures, its index in front."""
    ffmpeg(*PICTURE, *SOUND, *QUICK, "-movflags", "+faststart", "-f", "mp4", target)


def silent(*options: str, picture: str = PICTURE[-1]) -> Maker:
    """Makes one without sound."""
    return lambda target: ffmpeg("-f", "lavfi", "-i", picture, *(options or QUICK), target)


def truncated(target: Path) -> None:
    """Its second half never came."""
    film(target)
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])


def bits_flipped(target: Path) -> None:
    """Sixty wrong bytes among its pictures, past the first."""
    film(target)
    data, dice = bytearray(target.read_bytes()), random.Random(3)
    start = data.index(b"mdat") + 4
    for _ in range(60):
        data[dice.randrange(start + (len(data) - start) // 3, len(data))] ^= 0x55
    target.write_bytes(data)


def rotated(target: Path) -> None:
    """Held upright: stored lying, with a note to turn it."""
    lying = target.with_suffix(".lying.mp4")
    film(lying)
    ffmpeg("-display_rotation", "90", "-i", lying, "-c", "copy", target)


def absurd_header(target: Path) -> None:
    """One that says that it is 65535 pixels wide and high, wherever it speaks of its size."""
    film(target)
    sizes = {n: n.to_bytes(2, "big") for n in (320, 180)}
    data = target.read_bytes()
    # The sample entry's width and height stand side by side, behind 16 bytes of its own.
    entry = data.index(b"avc1", data.index(b"stsd")) + 4 + 24
    assert data[entry : entry + 4] == sizes[320] + sizes[180]
    target.write_bytes(data[:entry] + b"\xff" * 4 + data[entry + 4 :])


CASES: dict[str, Maker] = {
    "truncated": truncated,
    "bits flipped": bits_flipped,
    "zero length": Path.touch,
    "10-bit HDR": silent(*HDR),
    "variable frame rate": silent("-vf", "select='not(between(n,3,17))'", "-fps_mode", "vfr", *QUICK),
    "rotated": rotated,
    "without sound": silent(),
    "odd-sized": silent(
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", picture="testsrc=s=321x179:d=2"
    ),
    "one frame": silent("-frames:v", "1", *QUICK),
    "67 million pixels": silent("-frames:v", "1", *QUICK, picture="color=black:s=8192x8192:r=1"),
    "16 by 8000 pixels": silent(*QUICK, picture="testsrc2=size=16x8000:rate=25:duration=1"),
    "a header that lies": absurd_header,
    "text": lambda target: target.write_text("Dear editor, the film is attached.\n" * 40) and None,
    "a playlist": lambda target: target.write_text("ffconcat version 1.0\nfile 'truncated.mp4'\n") and None,
    "bomb of pictures": silent(*QUICK, picture="color=black:s=4096x4096:r=60:d=0.2"),
    "bomb of time": silent(
        "-vf", "setpts=N*86400/TB", "-fps_mode", "vfr", *QUICK, picture="color=black:s=64x64:r=1:d=2"
    ),
}
"""What it is called in docs/media.md, and what makes it."""
