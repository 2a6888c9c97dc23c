"""What a batch would do: row by row, what is there to do, what is done, and about what it costs. Sends nothing."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Literal

from pydantic import BaseModel

from prefect_nemovideo.api import NemoVideoError
from prefect_nemovideo.api.numbers import CREDITS_PER_EDIT, SECONDS_PER_EDIT, SECONDS_PER_RENDER
from prefect_nemovideo.blocks.credentials import load_credentials, remembering_credentials
from prefect_nemovideo.flows.batch_work import orders_of
from prefect_nemovideo.flows.edit_batch import CONCURRENCY, listed_in
from prefect_nemovideo.flows.making import Order, done_before, look_at
from prefect_nemovideo.problems import describe, is_known
from prefect_nemovideo.results import Failure


class PlannedVideo(BaseModel):
    """One row of a plan: `to do`, `done` (it is at `uri`), `same` as another row, or `failed` (why is in `error`)."""

    place: str
    source: str
    status: Literal["to do", "done", "same", "failed"]
    bytes: int | None = None
    instructions: int
    estimated_credits: float = 0.0
    uri: str | None = None
    error: Failure | None = None


class BatchPlan(BaseModel):
    """What a batch would do. Credits and seconds are estimates: 50 credits an edit, as documented."""

    name: str
    total: int
    to_do: int
    done: int
    failed: int
    bytes: int
    estimated_credits: float
    estimated_seconds: float
    available_credits: float | None
    rows: list[PlannedVideo]


async def plan_batch(
    manifest: str | list[dict[str, Any]],
    archive: str | None = None,
    *,
    instructions: str | list[str] | None = None,
    credentials: str = "default",
    profile: str = "video-4k",
    concurrency: int = CONCURRENCY,
) -> BatchPlan:
    """What `edit_batch` would do with the same arguments. Spends nothing, sends nothing, makes no account.

    Raises:
        BadInput: The manifest won't do.
        StorageError: A bucket can't be listed.

    Example:
        ```python
        plan = await plan_batch("tonight.csv", "s3://films/tonight")
        print(plan.to_do, plan.estimated_credits)
        ```
    """
    listed = await listed_in(manifest, instructions, archive)
    orders = orders_of(listed, archive=archive, credentials=credentials, profile=profile, measured=False)
    gate = asyncio.Semaphore(concurrency)
    with remembering_credentials():
        available = await _available(credentials)
        looks = (_looked_at(order, place, gate) for order, place in zip(orders, listed.places, strict=True))
        looked = await asyncio.gather(*looks)
    rows = _each_job_once(looked)
    for row, manifest_row in zip(rows, listed.rows, strict=True):
        row.source = manifest_row.shown_source
    to_do = [row for row in rows if row.status == "to do"]
    seconds = sum(row.instructions * SECONDS_PER_EDIT + SECONDS_PER_RENDER for row in to_do)
    return BatchPlan(
        name=listed.name,
        total=len(rows),
        to_do=len(to_do),
        done=sum(row.status in ("done", "same") for row in rows),
        failed=sum(row.status == "failed" for row in rows),
        bytes=sum(row.bytes or 0 for row in to_do),
        estimated_credits=sum(row.estimated_credits for row in to_do),
        # No batch is faster than one of its videos.
        estimated_seconds=math.ceil(max(seconds / concurrency, seconds / len(to_do))) if to_do else 0,
        available_credits=available,
        rows=rows,
    )


def _each_job_once(looked: list[tuple[PlannedVideo, str]]) -> list[PlannedVideo]:
    """The rows, where of several that are one job only the first is to do."""
    rows, seen = [], set()
    for row, key in looked:
        again = row.status == "to do" and key in seen
        rows.append(row.model_copy(update={"status": "same", "estimated_credits": 0.0}) if again else row)
        seen.add(key)
    return rows


async def _looked_at(order: Order, place: str, gate: asyncio.Semaphore) -> tuple[PlannedVideo, str]:
    """What there is to do for a row, and its job's key."""
    row = PlannedVideo(place=place, source="", status="to do", instructions=len(order.instructions))
    async with gate:
        try:
            prospect = await look_at(order)
            delivered = await done_before(prospect)
        except Exception as error:
            if not is_known(error):
                raise
            return row.model_copy(update={"status": "failed", "error": describe(error)}), ""
    row.bytes = sum(source.bytes or 0 for source in prospect.sources)
    if delivered is not None:
        return row.model_copy(update={"status": "done", "uri": delivered.uri}), prospect.key
    row.estimated_credits = float(len(order.instructions) * CREDITS_PER_EDIT)
    return row, prospect.key


async def _available(credentials: str) -> float | None:
    """What the account has; None where it can't be told, or where asking would make an anonymous account."""
    block = await load_credentials(credentials)
    if block.uses_anonymous_account():
        return None
    async with block.get_client() as nemo:
        try:
            return (await nemo.credits.balance()).available
        except NemoVideoError:
            return None
