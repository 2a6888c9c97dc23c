"""One run of FFmpeg: watched, bounded, and gone when it isn't wanted any more."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg

from prefect_nemovideo.emulator.renderer.contained import contained_process
from prefect_nemovideo.emulator.renderer.errors import RenderError
from prefect_nemovideo.emulator.renderer.limits import Limits

# Four reports a second are as many as anybody can follow.
REPORT_SECONDS: Final = 0.25
# What is kept of FFmpeg's log: its last lines tell the cause.
LOG_BYTES: Final = 4096
DAMAGED: Final = "There is less in a source file than its header says: it is damaged. Upload it again."
# 100 is said when the file is whole, and not before.
ALMOST_DONE: Final = 99.0


async def run_ffmpeg(
    arguments: Sequence[str],
    *,
    work_dir: Path,
    frames: int,
    on_progress: Callable[[float], None],
    limits: Limits,
) -> int:
    """Run FFmpeg in a folder until it ends well; the number of video frames it wrote.

    Args:
        arguments: without the program's name; relative files are in `work_dir`.
        work_dir: its current folder.
        frames: the number of frames to expect, for the progress.
        on_progress: told a growing percentage, at most 99.
        limits: time, stall, memory and size.

    Raises:
        RenderError: it failed, hung, or needed more than the limits; the message says which.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-v", "error", "-y"]
    command += ["-progress", "pipe:1", "-stats_period", str(REPORT_SECONDS), "-nostats", *arguments]
    async with contained_process(command, work_dir=work_dir, limits=limits) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        log = asyncio.create_task(_last_lines(process.stderr))
        deadline = asyncio.timeout(limits.seconds)
        stall = asyncio.timeout(limits.stall_seconds)
        try:
            async with deadline, stall:
                written = await _follow(process.stdout, frames, on_progress, stall, limits.stall_seconds)
                code = await process.wait()
        except TimeoutError:
            reason = (
                f"FFmpeg made no progress for {limits.stall_seconds:g} seconds and was stopped."
                if stall.expired()
                else f"The render took longer than {limits.seconds:g} seconds and was stopped; make the draft shorter."
            )
            raise RenderError(reason) from None
        finally:
            if process.returncode is None:
                log.cancel()
        said = await log
    if code != 0:
        raise RenderError(_reason(code, said, limits), exit_code=code, log=said)
    return written


async def _follow(
    stdout: asyncio.StreamReader,
    frames: int,
    on_progress: Callable[[float], None],
    stall: asyncio.Timeout,
    stall_seconds: float,
) -> int:
    """Read the progress reports to their end; the last count of frames."""
    latest: dict[str, str] = {}
    told = 0.0
    loop = asyncio.get_running_loop()
    async for line in stdout:
        key, _, value = line.decode("ascii", "replace").strip().partition("=")
        if key in ("frame", "out_time_us", "total_size") and latest.get(key) != value:
            latest[key] = value
            stall.reschedule(loop.time() + stall_seconds)
        elif key == "progress":
            # Frames, not time: sound runs ahead of the picture.
            percent = min(ALMOST_DONE, 100 * _count(latest) / max(1, frames))
            if percent > told:
                told = percent
                on_progress(percent)
    return _count(latest)


def _count(latest: dict[str, str]) -> int:
    value = latest.get("frame", "0")
    return int(value) if value.isdigit() else 0


async def _last_lines(stderr: asyncio.StreamReader) -> str:
    kept = b""
    while block := await stderr.read(LOG_BYTES):
        kept = (kept + block)[-LOG_BYTES:]
    return kept.decode("utf-8", "replace").strip()


def _reason(code: int, said: str, limits: Limits) -> str:
    """FFmpeg's end as a sentence."""
    if code == -signal.SIGXFSZ or "File too large" in said:
        return f"The result would be larger than {limits.output_bytes:,} bytes; make the draft shorter or smaller."
    if "Cannot allocate memory" in said or "Resource temporarily unavailable" in said:
        most = f"{limits.memory_bytes:,} bytes of memory"
        return f"The render needs more than {most}; use a lower resolution or fewer segments."
    if "No space left" in said:
        return "The disk is full; free some space and render again."
    if code < 0:
        return f"FFmpeg was ended by signal {-code} ({signal.Signals(-code).name}); render again."
    if "received no packets" in said:
        return DAMAGED
    # Without the address of the part that speaks.
    last = re.sub(r"^\[[^]]*\] *", "", said.splitlines()[-1]) if said else "it said nothing"
    return f"FFmpeg could not render this draft (exit code {code}): {last}"
