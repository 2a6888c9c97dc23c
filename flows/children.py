"""Flow runs of a deployment, watched together: one question for all of them, and one word to end them."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkPoolStatus
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelled

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.progress import tell

#: Seconds between two looks: a run of ten videos takes minutes.
LOOK_SECONDS = 2.0
#: The server gives no more at a time.
RUNS_A_LOOK = 200
#: Prefect kills a cancelled run after 30 s: its children must be told before.
CANCEL_SECONDS = 20.0


class Children:
    """Runs that this one waits for.

    When the context is left by a cancellation, those that haven't ended are cancelled too. A parent that dies leaves
    them at work: when it is retried it finds them.
    """

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._waiting: dict[UUID, asyncio.Future[FlowRun]] = {}
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        if isinstance(error, asyncio.CancelledError):
            await asyncio.shield(asyncio.ensure_future(self._cancel()))

    async def ended(self, run: UUID) -> FlowRun:
        """The run, once it has ended, well or not."""
        future = self._waiting.setdefault(run, asyncio.get_running_loop().create_future())
        found = await future
        del self._waiting[run]
        return found

    async def _look(self) -> None:
        while True:
            asked = [run for run, future in self._waiting.items() if not future.done()]
            try:
                for start in range(0, len(asked), RUNS_A_LOOK):
                    for run in await self._runs(asked[start : start + RUNS_A_LOOK]):
                        if run.state is not None and run.state.is_final() and run.id in self._waiting:
                            future = self._waiting[run.id]
                            if not future.done():
                                future.set_result(run)
            except (PrefectHTTPStatusError, OSError) as error:
                tell(f"The Prefect server does not answer ({error}): looking again.")
            await asyncio.sleep(LOOK_SECONDS)

    async def _runs(self, ids: list[UUID]) -> list[FlowRun]:
        return await self._client.read_flow_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=ids)), limit=RUNS_A_LOOK
        )

    async def _cancel(self) -> None:
        # Who waited for one of them was cancelled, and the future with it.
        left = [run for run, future in self._waiting.items() if future.cancelled() or not future.done()]
        tell(f"Cancelling {len(left)} runs.")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CANCEL_SECONDS):
                for start in range(0, len(left), RUNS_A_LOOK):
                    for run in await self._runs(left[start : start + RUNS_A_LOOK]):
                        await self._cancel_one(run)

    async def _cancel_one(self, run: FlowRun) -> None:
        if run.state is None or run.state.is_final():
            return
        # A run that nobody has begun has nobody to stop it.
        waits = run.state.type == StateType.SCHEDULED
        wanted: State[None] = Cancelled() if waits else State(type=StateType.CANCELLING)
        with contextlib.suppress(PrefectHTTPStatusError, ObjectNotFound):
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
