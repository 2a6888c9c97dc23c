"""One download by the client, hashed and renamed: `URL TARGET`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.figures import measured
from prefect_nemovideo.api import NemoVideo


async def main(url: str, target: str) -> None:
    async with NemoVideo("benchmark") as nemo:
        with measured():
            await nemo.downloads.fetch(url, Path(target), render_id="render_1")


asyncio.run(main(*sys.argv[1:]))
