"""A draft in, a finished file out."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prefect_nemovideo.emulator.renderer.copying import plan_copy
from prefect_nemovideo.emulator.renderer.errors import RenderError
from prefect_nemovideo.emulator.renderer.graph import Sources
from prefect_nemovideo.emulator.renderer.limits import DEFAULT_LIMITS, Limits
from prefect_nemovideo.emulator.renderer.output import Output
from prefect_nemovideo.emulator.renderer.plan import Plan, plan_render
from prefect_nemovideo.emulator.renderer.process import DAMAGED, run_ffmpeg
from prefect_nemovideo.emulator.renderer.stills import POSTER_NAME, SHEET_NAME

STILLS: Final = (POSTER_NAME, SHEET_NAME)


@dataclass(frozen=True)
class Rendered:
    """A finished file.

    Attributes:
        path: where it is.
        bytes: its size.
        duration_seconds: its length.
        width: pixels.
        height: pixels.
        is_copied: whether the picture is the source's own, bit by bit, because nothing was done to it.
    """

    path: Path
    bytes: int
    duration_seconds: float
    width: int
    height: int
    is_copied: bool = False


async def render(
    draft: dict[str, Any],
    sources: Sources,
    output: Output,
    target: Path,
    *,
    on_progress: Callable[[float], None],
    limits: Limits = DEFAULT_LIMITS,
) -> Rendered:
    """Render a draft into a file, with a poster and a contact sheet of it beside that (see `still_of`).

    Work is done in a folder of its own beside the target, which appears all at once when it is whole. When
    the task is cancelled, FFmpeg and all its children are killed at once, and neither target nor work folder
    is left.

    Args:
        draft: the draft as JSON, see docs/draft.md.
        sources: for each `file_…` of the draft, the file and what probing it said.
        output: container, quality, size and frame rate.
        target: the file to write; its folder exists.
        on_progress: told a growing percentage; 100 only when the target is there.
        limits: how much time, memory and disk it may use.

    Raises:
        BadDraft: the draft asks for something unknown or impossible; nothing was started.
        RenderError: FFmpeg failed or ran into a limit; the target isn't there.

    Example:
        >>> await render(draft, {"file_6f": (path, probed)}, Output(), Path("out.mp4"), on_progress=print)
    """
    plan = plan_render(draft, sources, output, threads=limits.threads)
    copied = plan_copy(draft, sources, output)
    if copied is not None:
        try:
            return await _run(copied, target, on_progress, limits, is_copied=True)
        except RenderError as failed:
            if failed.exit_code is None:
                raise
            # The source is damaged: compressed anew, its result is whole at least.
    return await _run(plan, target, on_progress, limits)


def still_of(target: Path, name: str) -> Path:
    """Where a still of a render is: `name` is one of `STILLS`."""
    return target.with_suffix(f".{name}")


async def _run(
    plan: Plan, target: Path, on_progress: Callable[[float], None], limits: Limits, *, is_copied: bool = False
) -> Rendered:
    with tempfile.TemporaryDirectory(prefix=".render-", dir=target.parent) as folder:
        work_dir = Path(folder)
        await asyncio.to_thread(_prepare, plan, work_dir)
        written = await run_ffmpeg(
            plan.arguments, work_dir=work_dir, frames=plan.frames, on_progress=on_progress, limits=limits
        )
        if written != plan.frames:
            raise RenderError(DAMAGED, log=f"{written} of {plan.frames} frames were written")
        size = _deliver(work_dir, plan.result, target)
    on_progress(100.0)
    return Rendered(target, size, plan.seconds, plan.width, plan.height, is_copied)


def _prepare(plan: Plan, work_dir: Path) -> None:
    """Put the sources, under neutral names, and the drawn texts into the work folder."""
    for name, path in plan.links.items():
        (work_dir / name).symlink_to(path.resolve())
    for name, title in plan.titles.items():
        title.draw(work_dir / name)


def _deliver(work_dir: Path, result: str, target: Path) -> int:
    """Let the whole file appear at once, behind its stills; its size in bytes."""
    size = (work_dir / result).stat().st_size
    for name in STILLS:
        os.replace(work_dir / name, still_of(target, name))
    os.replace(work_dir / result, target)
    return size
