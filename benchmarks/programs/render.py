"""One render by the emulator's renderer, 4K and sharpened: `CLIP TARGET`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.figures import measured
from benchmarks.films import draft_4k
from prefect_nemovideo.emulator.renderer import Output, probe_upload, render


async def main(clip: str, target: str) -> None:
    probed = await probe_upload(Path(clip))
    sources = {"file_1": (Path(clip), probed)}
    with measured():
        await render(draft_4k(probed), sources, Output(), Path(target), on_progress=lambda percent: None)


asyncio.run(main(*sys.argv[1:]))
