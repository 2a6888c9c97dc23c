"""One or more uploads by the client: `URL FILE [HOW MANY AT ONCE]`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.figures import measured
from prefect_nemovideo.api import NemoVideo, Settings


async def main(url: str, file: str, count: str = "1") -> None:
    async with NemoVideo("benchmark", settings=Settings(nemo_api_url=url)) as nemo:
        with measured():
            await asyncio.gather(*(nemo.uploads.send(str(number), Path(file)) for number in range(int(count))))


asyncio.run(main(*sys.argv[1:]))
