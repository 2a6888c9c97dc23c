"""Flow runs of a deployment, watched together: one question for all of them, and one word to end them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterIdempotencyKey
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkPoolStatus
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Scheduled

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.flows.stopping import hearing_the_end, is_only_moved
from prefect_nemovideo.problems import is_interruption
from prefect_nemovideo.progress import tell

#: Seconds between two looks: a run of ten videos takes minutes.
LOOK_SECONDS = 2.0
#: The server gives no more at a time.
RUNS_A_LOOK = 200
#: Prefect kills a cancelled run after 30 s: its children must be told before, and it asks for 5 s who ended it.
CANCEL_SECONDS = 20.0
#: Seconds between two looks while runs are cancelled: somebody waits for that.
CANCEL_LOOK_SECONDS = 0.5
#: A run that was asked for and has no answer may be made a little later; so many looks are for it.
LATE_LOOKS = 4
#: What a Prefect server in trouble makes its client raise; httpx knows every answer that is an error, too.
PASSING = (httpx.HTTPError, OSError, RuntimeError)
#: Runs that have nothing to be told any more.
STOPPED = (StateType.CANCELLING, StateType.CANCELLED)

Result = TypeVar("Result")


class RunGone(Exception):
    """A run was deleted in Prefect: nobody will ever tell how it ended."""


class Children:
    """Runs that this one waits for, each from when it is asked for until nothing more is expected of it.

    When a person cancels while the context is open, those that haven't ended are cancelled too. A parent that dies, or
    is only moved, leaves them at work: when it is retried it finds them.
    """

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._kept: set[UUID] = set()
        self._waiting: dict[UUID, asyncio.Future[FlowRun]] = {}
        #: Keys of runs that were asked for, as long as no answer has come.
        self._unanswered: set[str] = set()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._hearing = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        self._is_told_to_end = self._hearing.enter_context(hearing_the_end())
        self._watch = asyncio.create_task(self._look())
        self._watch.add_done_callback(self._pass_on)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()
        this = asyncio.current_task()
        # An error that comes up while they are stopped may hide that they are.
        is_stopped = (error is not None and is_interruption(error)) or (this is not None and this.cancelling() > 0)
        try:
            if is_stopped and await is_only_moved(self._is_told_to_end):
                tell(f"Told to end: {len(self._kept)} runs are left for whoever goes on.")
            elif is_stopped:
                await asyncio.shield(asyncio.ensure_future(self._cancel()))
        finally:
            for step in self._under_way:
                step.cancel()
            await asyncio.wait([self._watch, *self._under_way])
            self._hearing.close()

    async def made(self, key: str, making: Coroutine[Any, Any, FlowRun]) -> FlowRun:
        """The run that `making` makes, or finds.

        Args:
            key: Its idempotency key: by it a run is found whose making was broken off.
        """
        self._unanswered.add(key)
        return await self._carried_through(self._known(key, making))

    async def again(self, run: UUID) -> None:
        """Schedules a run that has ended once more.

        Raises:
            RunGone: Somebody deleted it.
        """
        self._kept.add(run)
        try:
            await self._carried_through(self._client.set_flow_run_state(run, Scheduled(), force=True))
        except ObjectNotFound as error:
            self._kept.discard(run)
            raise RunGone from error

    async def ended(self, run: UUID) -> FlowRun:
        """The run, once it has ended, well or not.

        Raises:
            RunGone: Somebody deleted it.
        """
        self._kept.add(run)
        if self._watch.done():
            # Nobody looks any more: it raises what ended that.
            self._watch.result()
        future = self._waiting.setdefault(run, asyncio.get_running_loop().create_future())
        try:
            return await future
        finally:
            del self._waiting[run]

    def let_go(self, run: UUID) -> None:
        """Nothing more is expected of a run, and nothing done to it."""
        self._kept.discard(run)

    async def _known(self, key: str, making: Coroutine[Any, Any, FlowRun]) -> FlowRun:
        run = await making
        self._kept.add(run.id)
        self._unanswered.discard(key)
        return run

    async def _carried_through(self, step: Coroutine[Any, Any, Result]) -> Result:
        # Whoever is cancelled meanwhile leaves it under way: broken off, nobody would know what the server made of it.
        task = asyncio.create_task(step)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _look(self) -> None:
        is_away = False
        while True:
            asked = [run for run, future in self._waiting.items() if not future.done()]
            try:
                found = {run.id: run for run in await self._found(asked)}
                is_away = False
                for run in asked:
                    self._tell(run, found.get(run) or await self._sought(run))
            except PASSING as error:
                if not is_away:
                    tell(f"The Prefect server does not answer ({error}): looking again.")
                is_away = True
            await asyncio.sleep(LOOK_SECONDS)

    async def _sought(self, run: UUID) -> FlowRun | None:
        """A run that a look has missed; None where it is not there."""
        with contextlib.suppress(ObjectNotFound):
            return await self._client.read_flow_run(run)
        return None

    def _tell(self, run: UUID, found: FlowRun | None) -> None:
        """Has who waits for a run learn what a look has shown of it."""
        future = self._waiting.get(run)
        if future is None or future.done():
            return
        if found is None:
            self._kept.discard(run)
            future.set_exception(RunGone())
        elif found.state is not None and found.state.is_final():
            future.set_result(found)

    def _pass_on(self, watch: asyncio.Task[None]) -> None:
        """Has everybody who waits learn that nobody looks any more."""
        error = None if watch.cancelled() else watch.exception()
        for future in self._waiting.values():
            if error is not None and not future.done():
                future.set_exception(error)

    async def _found(self, ids: Iterable[UUID]) -> list[FlowRun]:
        wanted, found = list(ids), []
        for start in range(0, len(wanted), RUNS_A_LOOK):
            page = FlowRunFilter(id=FlowRunFilterId(any_=wanted[start : start + RUNS_A_LOOK]))
            found += await self._client.read_flow_runs(flow_run_filter=page, limit=RUNS_A_LOOK)
        return found

    async def _cancel(self) -> None:
        tell(f"Cancelling {len(self._kept)} runs.")
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await self._all_told()
        except TimeoutError:
            tell("Prefect did not answer in time: see there which runs of this batch are left, and cancel them.")

    async def _all_told(self) -> None:
        late_looks = LATE_LOOKS
        while True:
            # Taken before the look: what is done after it is seen by the next one.
            under_way = set(self._under_way)
            if await self._is_all_told() and not under_way:
                if not self._unanswered or not late_looks:
                    return
                late_looks -= 1
            if under_way:
                await asyncio.wait(under_way, timeout=CANCEL_LOOK_SECONDS)
            else:
                await asyncio.sleep(CANCEL_LOOK_SECONDS)

    async def _is_all_told(self) -> bool:
        """Cancels what is there and has not ended; whether there was no such run any more."""
        try:
            # There are no more of them than are made at a time.
            late = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=sorted(self._unanswered)))
            if self._unanswered:
                self._kept |= {run.id for run in await self._client.read_flow_runs(flow_run_filter=late)}
            found = await self._found(self._kept)
        except PASSING:
            return False
        left = [run for run in found if run.state and not run.state.is_final() and run.state.type not in STOPPED]
        for run in left:
            await self._cancel_one(run)
        return not left

    async def _cancel_one(self, run: FlowRun) -> None:
        # A run that nobody has begun has nobody to stop it.
        waits = run.state is not None and run.state.type == StateType.SCHEDULED
        wanted: State[None] = Cancelled() if waits else State(type=StateType.CANCELLING)
        # One that can't be told now keeps no other from being told; it has its turn again.
        with contextlib.suppress(ObjectNotFound, *PASSING):
            await self._client.set_flow_run_state(run.id, wanted)


async def check_deployment(client: PrefectClient, name: str) -> None:
    """Makes sure that there is a deployment which can take a chunk of a batch.

    Raises:
        BadInput: There is none of this name, or it is one of another flow.
    """
    try:
        found = await client.read_deployment_by_name(name)
    except (ObjectNotFound, ValueError) as error:
        raise BadInput(
            f"There is no deployment “{name}”. Nothing was sent.",
            next_step="See what there is with: prefect deployment ls. deployments/prefect.yaml has one for batches.",
        ) from error
    known = (found.parameter_openapi_schema or {}).get("properties", {})
    if "part_of" not in known:
        raise BadInput(
            f"The deployment “{name}” is not one of edit_batch. Nothing was sent.",
            next_step="Name a deployment of the flow edit-batch.",
        )
    if found.work_pool_name is None:
        return
    with contextlib.suppress(ObjectNotFound):
        pool = await client.read_work_pool(found.work_pool_name)
        if pool.status == WorkPoolStatus.NOT_READY:
            tell(f"No worker is there yet for the work pool {pool.name}: its runs wait for one.")
