"""A batch in one process: each video in a session of its own, so many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prefect_nemovideo.api.errors import RateLimited
from prefect_nemovideo.api.queueing import queue_of
from prefect_nemovideo.flows.announcing import announcing
from prefect_nemovideo.flows.batch_work import Work, together
from prefect_nemovideo.flows.making import Prospect, look_at, make_of
from prefect_nemovideo.progress import speaking_of, tell
from prefect_nemovideo.results import FailedVideo, Item, VideoResult

#: How often a video waits for a service that has too many requests, beyond what its calls and steps wait themselves.
PAUSES = 5
#: The longest wait, in seconds, that a service may ask of a batch.
LONGEST_PAUSE_SECONDS = 3600.0


async def side_by_side(work: Work, numbers: list[int], concurrency: int) -> None:
    """Makes the videos of these rows.

    Args:
        concurrency: How many at a time.
    """
    waiting = iter(numbers)
    twins = _Twins(work)

    async def worker() -> None:
        # Whoever is free takes the next: a thousand rows are not a thousand coroutines that wait.
        for number in waiting:
            await _made(work, number, twins)

    async with together() as group:
        for _ in range(min(concurrency, len(numbers))):
            group.create_task(worker())


async def _made(work: Work, number: int, twins: _Twins) -> None:
    order = work.orders[number]

    async def start() -> None:
        await work.start(number)

    async def make() -> Item:
        with announcing(order.sources[0], order.batch) as announce:
            prospect = await look_at(order)
            if (first := await twins.first_of(prospect, number)) is not None:
                return await twins.same_as(first, number, prospect, announce)
            return await _patiently(prospect.account, lambda: make_of(prospect, announce, before_start=start))

    with speaking_of(order.source_name):
        try:
            await work.carry_out(number, make)
        finally:
            twins.ended(number)


async def _patiently(account: str, make: Callable[[], Awaitable[Item]]) -> Item:
    """Has a video made; where the service has too many requests, the batch waits and goes on where it was."""
    for pauses_left in reversed(range(PAUSES + 1)):
        try:
            return await make()
        except RateLimited as error:
            seconds = error.facts.get("retry_after")
            if not pauses_left or seconds is None or seconds > LONGEST_PAUSE_SECONDS:
                raise
            tell(f"The service has too many requests of this account: all wait for {seconds:.0f} s.")
            await queue_of(account).pause(seconds)
    raise AssertionError("unreachable")


class _Twins:
    """Rows that are one job: the same footage, words and output. It is done once, and the others get its result."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows: dict[str, list[int]] = {}
        self._ends: dict[int, asyncio.Event] = {}

    async def first_of(self, prospect: Prospect, number: int) -> int | None:
        """The row that did this job, once those before have ended, and to the same place if there is one; None for the
        first.
        """
        rows = self._rows.setdefault(prospect.key, [])
        before = list(rows)
        rows.append(number)
        self._ends[number] = asyncio.Event()
        if not before:
            return None
        if (last := self._ends.get(before[-1])) is not None:
            await last.wait()
        return next((row for row in before if self._goes_to(row) == self._goes_to(number)), before[0])

    def _goes_to(self, number: int) -> tuple[str | None, str | None]:
        order = self._work.orders[number]
        return order.archive, order.name

    def ended(self, number: int) -> None:
        if end := self._ends.pop(number, None):
            end.set()

    async def same_as(
        self, first: int, number: int, prospect: Prospect, announce: Callable[[VideoResult], None]
    ) -> Item:
        """What the same job came to; under another name or in another archive, the same video once more, for free."""
        item = self._work.items[first]
        where = self._work.manifest.places[first]
        if isinstance(item, FailedVideo):
            error = item.error.model_copy(update={"message": f"The same job as {where}: {item.error.message}"})
            return item.model_copy(update={"error": error})
        if self._goes_to(first) != self._goes_to(number):
            return await make_of(prospect, announce)
        note = f"The same job as {where}: it was made once."
        return item.model_copy(update={"resumed": True, "warnings": [*item.warnings, note]})
