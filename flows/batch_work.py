"""A batch at work: its rows, what became of each so far, and the report of it in the archive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict

from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideoError, OutputSpec
from prefect_nemovideo.api.numbers import CREDITS_PER_EDIT
from prefect_nemovideo.flows.books import Books, price_of
from prefect_nemovideo.flows.making import Order
from prefect_nemovideo.flows.reporting import BatchProgress, unimportant
from prefect_nemovideo.flows.stopping import OnFailure
from prefect_nemovideo.manifests import Manifest
from prefect_nemovideo.problems import describe, is_deferred, is_interruption, is_known
from prefect_nemovideo.progress import speaking_of, tell
from prefect_nemovideo.results import BatchReport, BatchResult, FailedVideo, Item, ReportedRow, VideoResult
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.archive import keep_report
from prefect_nemovideo.tasks.intents import Intent

#: Seconds between two reports in the archive while a batch runs: whoever kills it loses no more than that.
REPORT_SECONDS = 30.0


class Policies(TypedDict, total=False):
    """What a batch says once for all of its rows; the fields are those of `Order`."""

    answers: list[str]
    strict: bool
    resend: bool
    restart: bool
    on_failure: OnFailure


@dataclass
class Work:
    """A batch at work.

    Args:
        manifest: Its rows.
        orders: What each of them asks for.
        books: Its budget.
        archive: Where its report goes; None for no report.
        earlier: What became of rows in earlier runs, by the row's digest.
        items: What became of each row in this run, as far as it has ended.
        made: How many were made elsewhere, by runs of their own.
    """

    manifest: Manifest
    orders: list[Order]
    books: Books
    archive: str | None = None
    reports: bool = True
    earlier: dict[str, Item] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    progress: BatchProgress = field(init=False)
    _reported: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.progress = BatchProgress(len(self.orders))

    async def start(self, number: int) -> None:
        """Sets aside what a row will cost, and keeps that: an attempt after this one has no new budget.

        Raises:
            NemoVideoError: It is not started; see `Books.start`.
        """
        price = price_of(self.orders[number].instructions)
        await self.books.start(number, price)
        if self.books.is_limited:
            await self._reservation(number).declare({})

    async def remember(self) -> None:
        """Sets aside what earlier attempts of this run have set aside."""
        if self.books.is_limited and flow_run.run_count > 1:
            for number, order in enumerate(self.orders):
                if await self._reservation(number).left_behind() is not None:
                    self.books.remember(number, price_of(order.instructions))

    def _reservation(self, number: int) -> Intent:
        order, run = self.orders[number], flow_run.get_id()
        job = Job(credentials=order.credentials, profile=order.profile, key=f"run-{run}" if run else None)
        return Intent(job, "reserve", number)

    async def carry_out(self, number: int, make: Callable[[], Awaitable[Item]]) -> None:
        """Does one row's work; a failure stays in the row."""
        began = time.monotonic()
        try:
            result = await make()
        except Exception as error:
            if not is_known(error):
                raise
            self.books.end(error)
            spent = error.facts.get("credits_spent") if isinstance(error, NemoVideoError) else None
            self.books.settle(number, spent)
            await self.ended(number, self._failed(number, error))
        else:
            self.books.settle(number, result.credits_spent if isinstance(result, VideoResult) else None)
            await self.ended(number, result, time.monotonic() - began)

    async def ended(self, number: int, item: Item, seconds: float | None = None) -> None:
        """One row has come to its end: told at once, and kept in the report."""
        self.items[number] = item
        level = logging.INFO
        if isinstance(item, FailedVideo):
            what = f"{item.status}: {item.error.message}"
            level = logging.WARNING if item.status == "failed" else level
        elif number in self.made:
            what = f"made: {item.uri}"
        elif number in self.books.started:
            # Where it is was told when it was archived.
            what = f"made in {seconds or 0:.0f} s"
        else:
            what = f"done before: {item.uri}"
        with speaking_of(self.orders[number].source_name):
            tell(f"{len(self.items)}/{len(self.orders)} {self.manifest.places[number]}: {what}", level=level)
        await self.progress.one_more()
        if self.reports and time.monotonic() - self._reported > REPORT_SECONDS:
            await self.report(None)

    def result(self, credits_spent: float | None) -> BatchResult:
        """What has become of the batch, in the order of its manifest."""
        numbers = sorted(self.items)
        worked_on = self.books.started | self.made
        return BatchResult.of(
            [self.items[number] for number in numbers],
            started={place for place, number in enumerate(numbers) if number in worked_on},
            credits_spent=credits_spent,
        )

    def price_rows(self, credits_spent: float | None) -> None:
        """Tells each row's cost where the whole bears it out.

        Side by side, one balance moves by what all of them spend. Where it moved by exactly the documented price of
        every edit that was made, each row's share is known; otherwise only the whole is. What was done before has the
        price that the report of then gives it.
        """
        now = self.books.started | self.made
        for number, item in self.items.items():
            then = self.earlier.get(self.manifest.rows[number].digest)
            if number in now or not (isinstance(item, VideoResult) and isinstance(then, VideoResult)):
                continue
            if item.credits_spent is None and item.sha256 == then.sha256:
                self.items[number] = item.model_copy(update={"credits_spent": then.credits_spent})
        rows = {n: item for n, item in self.items.items() if n in now and isinstance(item, VideoResult)}
        edits = {n: sum(edit.outcome == "applied" for edit in item.edits) for n, item in rows.items()}
        if credits_spent is not None and sum(edits.values()) * CREDITS_PER_EDIT == credits_spent:
            for number, item in rows.items():
                price = float(edits[number] * CREDITS_PER_EDIT)
                self.items[number] = item.model_copy(update={"credits_spent": price})

    async def report(self, credits_spent: float | None) -> None:
        """Writes the batch's report into the archive, what earlier runs came to included."""
        self._reported = time.monotonic()
        rows, items = [], []
        for number, row in enumerate(self.manifest.rows):
            item = self.items.get(number) or self.earlier.get(row.digest)
            if item is not None:
                rows.append(
                    ReportedRow(
                        place=self.manifest.places[number],
                        digest=row.digest,
                        source=row.shown_source,
                        name=row.name,
                        instructions=row.instructions,
                    )
                )
                items.append(item)
        result = self.result(credits_spent)
        whole = BatchResult.of(items, started=set(), credits_spent=credits_spent)
        report = BatchReport.model_validate(
            {
                **whole.model_dump(),
                "total": len(self.manifest.rows),
                "completed": result.completed,
                "skipped": whole.skipped - result.completed,
                "name": self.manifest.name,
                "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "rows": [row.model_dump() for row in rows],
            }
        )
        with unimportant("The batch's report can't be archived"):
            await keep_report(self.archive, report)

    def _failed(self, number: int, error: Exception) -> FailedVideo:
        status = "deferred" if is_deferred(error) else "failed"
        return FailedVideo(status=status, source=self.manifest.rows[number].shown_source, error=describe(error))


@contextlib.asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A group of tasks whose first error leaves it as itself, so that it can be told in a sentence.

    Whoever stopped one of them stopped them all: that goes before what else went wrong meanwhile.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        # A signal that strikes while a task is at work is raised there, and is no `Exception`.
        first = next((error for error in errors.exceptions if is_interruption(error)), errors.exceptions[0])
        raise first from errors


def orders_of(
    manifest: Manifest,
    *,
    batch: str | None = None,
    archive: str | None,
    credentials: str,
    profile: str,
    measured: bool = False,
    salt: str = "",
    policies: Policies | None = None,
) -> list[Order]:
    """What each row asks for, with what the batch says where the row says nothing.

    Args:
        batch: What the batch is called that these rows are a part of; by default, as the manifest is.
        policies: What holds for every row.
    """
    return [
        Order(
            source=row.source,
            instructions=row.instructions,
            archive=row.archive or archive,
            credentials=credentials,
            profile=row.profile or profile,
            output=OutputSpec(resolution=row.resolution),
            name=row.name,
            measured=measured,
            **(policies or {}),
            batch=batch or manifest.name,
            # Another language is another conversation.
            salt=f"{salt} language {row.language}" if row.language else salt,
            language=row.language,
        )
        for row in manifest.rows
    ]
