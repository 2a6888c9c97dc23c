"""A valid video in no time: the right shape and length, a plain picture, copied from one made before.

For tests of what happens around a render, which don't look at the picture.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from prefect_nemovideo.emulator.renderer import Limits, Output
from prefect_nemovideo.emulator.renderer.process import run_ffmpeg

MS_PER_SECOND = 1000
STEPS = 10
"""Progress reports in the time that an instant render is made to take."""
SHAPES_FOLDER = "shapes"


async def render_instantly(
    draft: dict[str, Any],
    output: Output,
    target: Path,
    *,
    folder: Path,
    seconds: float,
    on_progress: Callable[[float], None],
) -> float:
    """Put a video of the size, frame rate and length asked for at `target`; its length in seconds.

    Raises:
        RenderError: FFmpeg could not make one of that shape.
    """
    for step in range(STEPS):
        on_progress(100 * step / STEPS)
        await asyncio.sleep(seconds / STEPS)
    canvas, length = draft["m"], float(draft["d"]) / MS_PER_SECOND
    width, height = output.size(canvas["width"], canvas["height"])
    fps = output.fps or canvas["fps"]
    shape = folder / SHAPES_FOLDER / f"{width}x{height}_{fps:g}_{length:g}{target.suffix}"
    if not shape.exists():
        picture = f"color=c=0x204060:s={width}x{height}:r={fps:g}:d={length:g}"
        await _make(shape, picture, length, round(length * fps))
    await asyncio.to_thread(shutil.copyfile, shape, target)
    return length


async def _make(shape: Path, picture: str, length: float, frames: int) -> None:
    """Make a shape once. Under a name of its own first: another process may be making the same one."""
    shape.parent.mkdir(exist_ok=True)
    partial = shape.with_name(f"{uuid4().hex}{shape.suffix}")
    arguments = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-t", f"{length:g}", "-i", "anullsrc=r=48000:cl=stereo"]
    arguments += ["-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-shortest", partial.name]
    try:
        await run_ffmpeg(arguments, work_dir=shape.parent, frames=frames, on_progress=lambda _: None, limits=Limits())
        partial.rename(shape)
    finally:
        partial.unlink(missing_ok=True)
