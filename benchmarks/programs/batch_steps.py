"""Jobs of seven steps, each a task whose result is kept: `JOBS SIDE_BY_SIDE [SMALLER NUMBERS OF JOBS…]`.

Of smaller numbers, only how the time grows with them is told.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from math import log
from statistics import linear_regression
from uuid import uuid4

from prefect import flow

from benchmarks.figures import measured
from prefect_nemovideo.api.models import Balance
from prefect_nemovideo.blocks.credentials import remembering_credentials
from prefect_nemovideo.flows.batch_work import together
from prefect_nemovideo.tasks.jobs import Job, client_of, holding_client
from prefect_nemovideo.tasks.retrying import kept_step

STEPS = 7


@kept_step("step {number}")
async def ask(job: Job, number: int = 0) -> Balance:
    async with client_of(job) as nemo:
        return await nemo.credits.balance()


async def in_lanes(make: Callable[[Job], Awaitable[None]], jobs: list[Job], side_by_side: int) -> None:
    """As `edit_batch` has it: whoever is free takes the next job."""
    waiting = iter(jobs)

    async def worker() -> None:
        for job in waiting:
            async with holding_client(job):
                await make(job)

    with remembering_credentials():
        async with together() as group:
            for _ in range(min(side_by_side, len(jobs))):
                group.create_task(worker())


@flow(name="batch-steps")
async def batch(jobs: int, side_by_side: int) -> None:
    async def make(job: Job) -> None:
        for number in range(STEPS):
            await ask(job, number=number)

    await in_lanes(make, [Job(key=uuid4().hex) for _ in range(jobs)], side_by_side)


async def main(jobs: int, side_by_side: int, *smaller: int) -> None:
    # What only the first one pays, such as the connection for events, says nothing of growth.
    await batch(1, 1)
    took = {}
    for count in smaller:
        began = time.monotonic()
        await batch(count, side_by_side)
        took[count] = time.monotonic() - began
    with measured() as figures:
        began = time.monotonic()
        await batch(jobs, side_by_side)
        took[jobs] = time.monotonic() - began
        if smaller:
            points = [log(count) for count in took], [log(seconds) for seconds in took.values()]
            figures["exponent"] = linear_regression(*points).slope


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
