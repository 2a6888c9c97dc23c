"""A run that is cancelled in Prefect and has nobody to end it: a command's or a script's, without a worker.

Prefect calls such a run "cancelling" and waits for a worker to act on it. Here the run looks for itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import Abort
from prefect.runtime import flow_run
from prefect.states import Cancelled

from prefect_nemovideo.progress import tell

#: How often a run asks whether it is cancelled; Prefect's workers look every 10 s.
LOOK_SECONDS = 5.0
#: Set by workers, which end their runs themselves.
BY_A_WORKER = "PREFECT__FLOW_RUN_ID"


#: The task of the flow's own; those that it starts have it too.
the_run: ContextVar[asyncio.Task[Any] | None] = ContextVar("run", default=None)


@contextlib.asynccontextmanager
async def heeding_cancellation() -> AsyncIterator[None]:
    """Ends what runs in this context when somebody cancels its flow run.

    Raises:
        Abort: It was cancelled, and Prefect knows that it has ended.
    """
    run, work = flow_run.get_id(), asyncio.current_task()
    the_run.set(work)
    if run is None or work is None or BY_A_WORKER in os.environ:
        yield
        return
    is_cancelled = False

    async def watch() -> None:
        nonlocal is_cancelled
        while not is_cancelled:
            await asyncio.sleep(LOOK_SECONDS)
            is_cancelled = await _is_to_end(UUID(run))
        tell("The run was cancelled in Prefect: ending.")
        work.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not is_cancelled:
            raise
        work.uncancel()
        ended = await _say_cancelled(UUID(run))
        raise _abort(ended) from None
    finally:
        watcher.cancel()


async def _is_to_end(run: UUID) -> bool:
    # Whatever is wrong with the server: the work itself will meet it, if it matters.
    with contextlib.suppress(Exception):
        async with get_client() as client:
            state = (await client.read_flow_run(run)).state
        return state is not None and state.type is StateType.CANCELLING
    return False


async def _say_cancelled(run: UUID) -> State[None]:
    state: State[None] = Cancelled(message="Cancelled in Prefect, and ended by the run itself.")
    with contextlib.suppress(Exception):
        async with get_client() as client:
            await client.set_flow_run_state(run, state, force=True)
    return state


def _abort(state: State[None]) -> Abort:
    """What makes Prefect's engine leave a run as it is."""
    error = Abort("The run was cancelled in Prefect.")
    error.state = state  # type: ignore[attr-defined]
    return error
