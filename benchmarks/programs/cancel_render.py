"""A render that is cancelled in its middle: `CLIP TARGET`; prints how long its processes are still there."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from pathlib import Path

from benchmarks.figures import measured
from benchmarks.films import draft_4k
from prefect_nemovideo.emulator.renderer import Output, probe_upload, render


def children() -> list[str]:
    """The processes that this one has, dead ones that nobody has waited for included."""
    return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


async def main(clip: str, target: str) -> None:
    probed = await probe_upload(Path(clip))
    sources = {"file_1": (Path(clip), probed)}
    begun = asyncio.Event()
    with measured() as figures:
        rendering = asyncio.create_task(
            render(draft_4k(probed), sources, Output(), Path(target), on_progress=lambda percent: begun.set())
        )
        await begun.wait()
        running = children()
        assert running, "there is no FFmpeg to cancel"
        cancelled = time.monotonic()
        rendering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await rendering
        figures["gone"] = (time.monotonic() - cancelled) * 1000
        assert not set(running) & set(children()), "FFmpeg is still there"


asyncio.run(main(*sys.argv[1:]))
