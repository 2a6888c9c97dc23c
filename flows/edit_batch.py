"""A manifest → many videos, side by side or one after another in one session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideoError, OutputSpec
from prefect_nemovideo.api.errors import BadInput, BudgetReached
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.api.numbers import CREDITS_PER_EDIT
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.flows.delivery import open_job_session
from prefect_nemovideo.flows.making import Order, check_archive, make_video
from prefect_nemovideo.flows.reporting import BatchProgress, report_batch
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.manifests import Row, check_rows, read_manifest
from prefect_nemovideo.problems import describe, is_known
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import BatchResult, FailedVideo, VideoResult
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.jobs import holding_client, job_key

#: Videos worked on side by side. Each waits most of its time, for an edit or a render.
CONCURRENCY = 8


@flow(name="edit-batch", persist_result=True, result_serializer="json")
async def edit_batch(
    manifest: str | list[dict[str, Any]],
    archive: str | None = None,
    *,
    credentials: str = "default",
    profile: str = "video-4k",
    mode: Literal["fan-out", "session"] = "fan-out",
    concurrency: int = CONCURRENCY,
    max_credits: float | None = None,
    force: bool = False,
) -> BatchResult:
    """Edits many videos. A failure stays in its row; what was delivered before is skipped.

    Args:
        manifest: A CSV, JSON or JSONL file with a row for each video (see `manifests.Row`), or the rows themselves.
        archive: See `edit_video`.
        credentials: See `edit_video`.
        profile: The skill of rows that name none.
        mode: `fan-out`: each video in a session of its own, side by side. `session`: all in one session, one after
            another, each with its own instructions and its own render.
        concurrency: How many videos side by side.
        max_credits: Videos that would cross this line are not started, and reported as deferred.
        force: Make all of them anew.

    Raises:
        BadInput: The manifest or the archive won't do; nothing was sent.

    Example:
        ```python
        result = await edit_batch("tonight.csv", "s3://films/tonight")
        print(result.completed, result.failed)
        ```
    """
    name = Path(manifest).stem if isinstance(manifest, str) else "batch"
    if isinstance(manifest, str):
        rows = await asyncio.to_thread(read_manifest, Path(manifest))
    else:
        entries = [(f"row {number}", entry) for number, entry in enumerate(manifest, start=1)]
        rows = check_rows(entries, Path.cwd(), "The batch")
    if concurrency < 1:
        raise BadInput(f"A concurrency of {concurrency} is none.", next_step="Use 1 or more.")
    await check_archive(archive)
    orders = [
        Order(
            source=row.source,
            instructions=row.instructions,
            archive=archive,
            credentials=credentials,
            profile=row.profile or profile,
            output=OutputSpec(resolution=row.resolution),
            name=row.name,
            # Side by side, the balance moves by what all of them spend.
            measured=mode == "session",
            batch=name,
            salt=flow_run.get_id() or "" if force else "",
        )
        for row in rows
    ]
    books = _Books(max_credits, len(orders))
    if mode == "session":
        items = await _one_after_another(orders, rows, credentials, profile, books)
    else:
        gate = asyncio.Semaphore(concurrency)
        before = await _owned(credentials)
        items = await asyncio.gather(*(_in_turn(gate, number, order, books) for number, order in enumerate(orders)))
        after = await _owned(credentials)
        books.spent = before - after if before is not None and after is not None else None
    result = BatchResult.of(list(items), started=books.started, credits_spent=books.spent)
    await report_batch(result, name, archive)
    tell(
        f"{result.completed} made, {result.skipped} done before, {result.failed} failed, {result.deferred} deferred; "
        f"{'unknown' if result.credits_spent is None else format(result.credits_spent, ',.0f')} credits spent."
    )
    return result


async def _owned(credentials: str) -> float | None:
    """The account's balance, or None where it can't be read: that alone stops no batch."""
    async with (await load_credentials(credentials)).get_client() as nemo:
        try:
            return (await nemo.credits.balance()).owned
        except NemoVideoError as error:
            tell(f"The balance could not be read: {error}")
            return None


class _Books:
    """Lets work start as long as it can be paid, and keeps what was started and spent.

    Args:
        allowed: The most credits that may be spent; None for no limit.
        total: Videos in all.
    """

    def __init__(self, allowed: float | None, total: int) -> None:
        self._left = allowed
        self.progress = BatchProgress(total)
        self.started: set[int] = set()
        self.spent: float | None = 0.0

    def start(self, number: int, order: Order) -> None:
        """Sets aside what a video will cost, about.

        Raises:
            BudgetReached: It would cross the line.
        """
        price = len(order.instructions) * CREDITS_PER_EDIT
        if self._left is not None:
            if price > self._left:
                raise BudgetReached(
                    f"Not started: it costs about {price} credits, and {self._left:g} of the allowed ones are left.",
                    next_step="Run the batch again with more --max-credits; what is done is skipped.",
                )
            self._left -= price
        self.started.add(number)

    def pay(self, number: int, credits: float | None) -> None:
        """Adds what a video did cost, if it was worked on now."""
        if number in self.started:
            self.spent = None if self.spent is None or credits is None else self.spent + credits


async def _in_turn(gate: asyncio.Semaphore, number: int, order: Order, books: _Books) -> VideoResult | FailedVideo:
    async with gate:
        return await _kept_in_its_row(
            number, order, books, lambda: make_video(order, before_start=lambda: books.start(number, order))
        )


async def _kept_in_its_row(
    number: int, order: Order, books: _Books, make: Callable[[], Awaitable[VideoResult]]
) -> VideoResult | FailedVideo:
    try:
        result = await make()
    except Exception as error:
        if not is_known(error):
            raise
        tell(f"{order.source}: {error}")
        books.pay(number, error.facts.get("credits_spent", 0.0) if isinstance(error, NemoVideoError) else None)
        deferred = isinstance(error, BudgetReached)
        return FailedVideo(status="deferred" if deferred else "failed", source=str(order.source), error=describe(error))
    finally:
        await books.progress.one_more()
    books.pay(number, result.credits_spent)
    return result


async def _one_after_another(
    orders: list[Order], rows: list[Row], credentials: str, profile: str, books: _Books
) -> list[VideoResult | FailedVideo]:
    """All in one session; each video but the first begins by having the timeline to itself."""
    account = (await load_credentials(credentials)).account()
    key = job_key(
        sources=[row.source for row in rows],
        instructions=[text for row in rows for text in row.instructions],
        profile=profile,
        output=OutputSpec(),
        account=account,
        salt=f"session {orders[0].salt}",
    )
    job = Job(credentials=credentials, profile=profile, key=key)
    items: list[VideoResult | FailedVideo] = []
    async with holding_client(job) as nemo:
        saved = Saved(None, None, account, profile)
        for number, order in enumerate(orders):

            async def make(order: Order = order, number: int = number) -> VideoResult:
                if saved.block is None:
                    await saved.opened(await open_job_session(nemo, job, order.instructions))
                alone = order if number == 0 else order.begun_by(_have_it_alone(order))
                return await make_video(alone, before_start=lambda: books.start(number, order), saved=saved)

            items.append(await _kept_in_its_row(number, order, books, make))
    return items


def _have_it_alone(order: Order) -> str:
    name = order.source_name
    return f"只用{name}。" if detect(order.instructions[0]) == "zh" else f"Use only {name}. "
