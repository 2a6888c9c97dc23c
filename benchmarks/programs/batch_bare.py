"""The same calls without Prefect and without this package: `URL JOBS SIDE_BY_SIDE`."""

from __future__ import annotations

import asyncio
import sys

import httpx

from benchmarks.figures import measured

STEPS = 7


async def main(url: str, jobs: str, side_by_side: str) -> None:
    waiting = iter(range(int(jobs)))
    # Made once: each client of its own would pay for it.
    context = httpx.create_ssl_context()

    async def worker() -> None:
        for _ in waiting:
            async with httpx.AsyncClient(verify=context) as http:
                for _ in range(STEPS):
                    (await http.get(f"{url}/api/credits/balance/simple")).raise_for_status()

    with measured():
        await asyncio.gather(*(worker() for _ in range(int(side_by_side))))


asyncio.run(main(*sys.argv[1:]))
