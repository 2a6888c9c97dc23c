"""A batch over machines: chunks of it are flow runs of a deployment, which workers of its work pool take.

Each run has an idempotency key made of this run's id and its rows: a parent that was killed and is retried finds the
runs it has made. Runs that fail or crash are scheduled again, a few times; what they have finished is not repeated. So
are, once, those that were cancelled with a parent that is now retried.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import arun_deployment
from prefect.runtime import flow_run

from prefect_nemovideo.api.errors import JobFailed, NemoVideoError, OutOfCredits
from prefect_nemovideo.api.reasons import with_full_stop
from prefect_nemovideo.flows.batch_work import Work, together
from prefect_nemovideo.flows.books import price_of
from prefect_nemovideo.flows.children import STOPPED, Children, RunGone, check_deployment
from prefect_nemovideo.problems import describe, is_deferred
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import BatchResult, FailedVideo, Item, VideoResult
from prefect_nemovideo.storage.folder import FolderPlace
from prefect_nemovideo.tasks.archive import open_archive

#: How often a run that failed or crashed is scheduled again.
TRIES_AGAIN = 2
#: A worker tells of a process that died twice, the second time when it has loaded the flow for its hooks: by then a run
#: that was scheduled in between would be called crashed again, perhaps while another worker has it.
SECOND_WORD_SECONDS = 10.0
CHARGES_UNKNOWN = "What it was charged can't be told here; what it has made is kept."
#: Runs made at a time: each is a request or two.
MADE_AT_A_TIME = 8
DIGEST_CHARACTERS = 16


async def over_workers(work: Work, numbers: list[int], deployment: str, chunk: int, wishes: dict[str, Any]) -> None:
    """Makes the videos of these rows in runs of a deployment, and collects what comes of them.

    Args:
        deployment: `flow/name`.
        chunk: How many videos a run has.
        wishes: Parameters of `edit_batch` that each run is given as they are.

    Raises:
        BadInput: There is no such deployment.
    """
    async with get_client() as client:
        await check_deployment(client, deployment)
        chunks = [numbers[start : start + chunk] for start in range(0, len(numbers), chunk)]
        tell(f"{len(numbers)} videos in {len(chunks)} runs of {deployment}.")
        gate = asyncio.Semaphore(MADE_AT_A_TIME)
        async with Children(client) as children, together() as group:
            for place, rows in enumerate(chunks):
                parameters = {
                    **wishes,
                    "part_of": work.manifest.name,
                    "max_credits_per_video": work.books.allowed_each,
                }
                group.create_task(_Chunk(work, rows, place, parameters).carry_out(client, children, gate, deployment))


class _Chunk:
    """Some rows of a batch, and the run that does them."""

    def __init__(self, work: Work, numbers: list[int], place: int, parameters: dict[str, Any]) -> None:
        self._work = work
        self._numbers = numbers
        self._place = place
        self._parameters = parameters
        self._prices = [price_of(work.orders[number].instructions) for number in numbers]

    async def carry_out(
        self, client: PrefectClient, children: Children, gate: asyncio.Semaphore, deployment: str
    ) -> None:
        """Has the run made, waits for it, and hands over what became of its rows."""
        # Chunks have numbers of their own in the books, where they can't be taken for rows.
        entry = -1 - self._place
        try:
            allowed = await self._work.books.grant(entry, sum(self._prices), min(self._prices))
        except NemoVideoError as error:
            await self._all_failed(error)
            return
        async with gate:
            run = await self._begun(client, children, deployment, allowed)
        try:
            run = await self._ended(children, run)
        except RunGone:
            await self._lost(entry, f"The run “{run.name}” was deleted in Prefect.", "Run")
            return
        assert run.state is not None
        if run.state.type == StateType.COMPLETED:
            await self._collect(run, entry)
            children.let_go(run.id)
            return
        children.let_go(run.id)
        reason = with_full_stop(run.state.message or "no reason given")
        what = f"The run “{run.name}” ended as {run.state.name}: {reason}"
        await self._lost(entry, what, "Look at its log in Prefect, then run")

    async def _lost(self, entry: int, what: str, do: str) -> None:
        """The run came to nothing that could be collected."""
        self._work.books.settle(entry, None)
        next_step = f"{do} the same command again: what is done is skipped."
        await self._all_failed(JobFailed(f"{what} {CHARGES_UNKNOWN}", next_step=next_step))

    async def _ended(self, children: Children, run: FlowRun) -> FlowRun:
        """The run, once it has ended well, or is not to be scheduled again."""
        # Found so by a parent that goes on, it was not given up: it was stopped with the parent.
        was_stopped = flow_run.run_count > 1 and run.state is not None and run.state.type in STOPPED
        tries_left = TRIES_AGAIN
        while True:
            run = await children.ended(run.id)
            assert run.state is not None
            if run.state.type == StateType.COMPLETED or self._work.books.is_ended:
                return run
            if run.state.type == StateType.CANCELLED:
                if not was_stopped:
                    return run
                was_stopped = False
            elif not tries_left:
                return run
            else:
                tries_left -= 1
            tell(f"The run {run.name} ended as {run.state.name}: it is scheduled again.")
            if run.state.type == StateType.CRASHED:
                await asyncio.sleep(SECOND_WORD_SECONDS)
            await children.again(run.id)

    async def _begun(
        self, client: PrefectClient, children: Children, deployment: str, allowed: float | None
    ) -> FlowRun:
        rows = [self._work.manifest.rows[number] for number in self._numbers]
        orders = [self._work.orders[number] for number in self._numbers]
        given = []
        for row, order in zip(rows, orders, strict=True):
            fields = row.model_dump(exclude_none=True)
            given.append({**fields, "archive": await _for_others(order.archive)})
        digest = hashlib.sha256("".join(row.digest for row in rows).encode()).hexdigest()[:DIGEST_CHARACTERS]
        key = f"{flow_run.get_id()}:{self._place}:{digest}"
        making: Any = arun_deployment(
            deployment,
            client=client,
            parameters={
                **self._parameters,
                "manifest": given,
                "archive": await _for_others(self._work.archive),
                "credentials": orders[0].credentials,
                "max_credits": allowed,
            },
            flow_run_name=f"{self._work.manifest.name} {self._place + 1}",
            timeout=0,
            idempotency_key=key,
        )
        return await children.made(key, making)

    async def _collect(self, run: FlowRun, entry: int) -> None:
        assert run.state is not None
        try:
            # Read from another process's record, it is the document that the model was written as.
            result = BatchResult.model_validate(await run.state.aresult(raise_on_failure=False))
        except Exception as error:  # noqa: BLE001 - whatever the result storage raises
            self._work.books.settle(entry, None)
            await self._all_failed(
                JobFailed(
                    f"The run {run.name} has ended, and its result can't be read here: {with_full_stop(str(error))} "
                    f"{CHARGES_UNKNOWN}",
                    next_step="Give all workers and this machine one result storage "
                    "(PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK), then run the same command again: done work is skipped.",
                )
            )
            return
        videos = [
            number for number, item in zip(self._numbers, result.items, strict=True) if item.status == "completed"
        ]
        items = dict(zip(self._numbers, result.items, strict=True))
        # Those that were there before are all marked as resumed; of the others, some may be.
        by_resumed = sorted(videos, key=lambda number: getattr(items[number], "resumed", False))
        made = set(by_resumed[: result.completed])
        self._work.made |= made
        self._work.books.settle(entry, sum(self._cost(number, items[number], made) for number in self._numbers))
        for number, item in items.items():
            if isinstance(item, FailedVideo) and item.error.code == OutOfCredits.code:
                self._work.books.end(OutOfCredits("The account has no credits left.", next_step=item.error.next_step))
            await self._work.ended(number, item)

    def _cost(self, number: int, item: Item, made: set[int]) -> float:
        """About; what failed may have been paid for before it did."""
        free = (isinstance(item, VideoResult) and number not in made) or item.status == "deferred"
        return 0.0 if free else self._prices[self._numbers.index(number)]

    async def _all_failed(self, error: NemoVideoError) -> None:
        for number in self._numbers:
            source = self._work.manifest.rows[number].shown_source
            status: Any = "deferred" if is_deferred(error) else "failed"
            await self._work.ended(number, FailedVideo(status=status, source=source, error=describe(error)))


async def _for_others(archive: str | None) -> str:
    """An archive by a name that means the same to a run in another folder."""
    place = await open_archive(archive)
    return str(place.path) if isinstance(place, FolderPlace) else archive or ""
