"""A valid video in no time: the right shape and length, a plain picture, copied from one made before.

For tests of what happens around a render, which don't look at the picture.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import imageio_ffmpeg

from prefect_nemovideo.emulator.renderer import Output, RenderError

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
        await _make(shape, f"color=c=0x204060:s={width}x{height}:r={fps:g}:d={length:g}", length)
    await asyncio.to_thread(shutil.copyfile, shape, target)
    return length


async def _make(shape: Path, picture: str, length: float) -> None:
    shape.parent.mkdir(exist_ok=True)
    partial = shape.with_name(f"{uuid4().hex}{shape.suffix}")
    process = await asyncio.create_subprocess_exec(
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-v", "error", "-f", "lavfi", "-i", picture),
        *("-f", "lavfi", "-t", f"{length:g}", "-i", "anullsrc=r=48000:cl=stereo"),
        *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-shortest", str(partial)),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaint = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        partial.unlink(missing_ok=True)
        raise
    if process.returncode != 0:
        raise RenderError(f"FFmpeg could not make a plain video: {complaint.decode(errors='replace').strip()}")
    os.replace(partial, shape)
