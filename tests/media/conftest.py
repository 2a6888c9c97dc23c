"""Small films and pictures of every supported kind, made on the spot."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest

Film = Callable[..., Path]

PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"]


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Make a file with FFmpeg: 320x180, 2 s, 25 frames a second, with a tone, unless told otherwise."""

    def make(name: str, *options: str, inputs: list[str] | None = None) -> Path:
        target = tmp_path / name
        sources = [*PICTURE, *SOUND] if inputs is None else inputs
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *sources, *options]
        subprocess.run([*command, str(target)], check=True)
        return target

    return make
