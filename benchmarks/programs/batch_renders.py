"""Jobs of seven steps, one of which waits for a render: `JOBS SIDE_BY_SIDE`, beside the ideal schedule."""

from __future__ import annotations

import asyncio
import sys
import time
from math import ceil
from uuid import uuid4

from prefect import flow

from benchmarks.figures import measured
from benchmarks.programs.batch_steps import ask, in_lanes
from benchmarks.servers.service import CALL_SECONDS, RENDER_SECONDS
from prefect_nemovideo.api.models import OutputSpec, RenderState
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.renders import render_id, wait_for_render
from prefect_nemovideo.tasks.retrying import kept_step

#: Before the render is submitted, and after it has ended.
BEFORE, AFTER = 3, 2


@kept_step("submit render {number}")
async def submit(job: Job, number: int = 0) -> RenderState:
    """What `submit_render` sends, without the look at a timeline that this service doesn't have."""
    async with client_of(job) as nemo:
        return await nemo.renders.submit(render_id(job, "", number), "", {}, OutputSpec())


@flow(name="batch-renders")
async def batch(jobs: int, side_by_side: int) -> None:
    async def make(job: Job) -> None:
        for number in range(BEFORE):
            await ask(job, number=number)
        started = await submit(job)
        await wait_for_render(job, started.render_id, output_seconds=10.0)
        for number in range(BEFORE, BEFORE + AFTER):
            await ask(job, number=number)

    await in_lanes(make, [Job(key=uuid4().hex) for _ in range(jobs)], side_by_side)


async def main(jobs: int, side_by_side: int) -> None:
    ideal = ceil(jobs / side_by_side) * (RENDER_SECONDS + (BEFORE + 1 + AFTER) * CALL_SECONDS)
    with measured() as figures:
        began = time.monotonic()
        await batch(jobs, side_by_side)
        figures["over_ideal"] = (time.monotonic() - began) / ideal


asyncio.run(main(*map(int, sys.argv[1:])))
