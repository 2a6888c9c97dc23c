"""What becomes of a render at the service when its run stops before the render has ended.

A person who cancels has it cancelled too. A run that is only moved (an eviction, a worker that restarts: SIGTERM)
leaves it to whoever goes on, as a run that dies does. What fails for good leaves it as well, unless told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any, Literal
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run

from prefect_nemovideo.api.errors import DeadlinePassed, NemoVideoError
from prefect_nemovideo.flows.cancelling import the_run
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.renders import cancel_render

#: What to do with a render when its job fails for good.
OnFailure = Literal["leave", "cancel"]
#: Prefect kills a cancelled run after 30 s: to be asked, and to cancel (20 s), both have to fit.
ASK_SECONDS = 5.0


class Rendering:
    """A render that the run is at.

    Args:
        render_id: Its id, known before it is sent.
    """

    def __init__(self, render_id: str) -> None:
        self.render_id = render_id
        self.is_submitted = False


@contextlib.asynccontextmanager
async def ended_with_the_run(job: Job, rendering: Rendering, on_failure: OnFailure) -> AsyncIterator[None]:
    """While the context is open, whoever stops the run decides over the render; it is cancelled at most once."""
    with hearing_the_end() as is_told_to_end:
        try:
            yield
        except (asyncio.CancelledError, TerminationSignal):
            if await is_only_moved(is_told_to_end):
                tell(f"Told to end: the render {rendering.render_id} is left for whoever goes on.")
            else:
                await cancel_render(job, rendering.render_id)
            raise
        except NemoVideoError as error:
            wanted = on_failure == "cancel" and rendering.is_submitted
            if wanted and await cancel_render(job, rendering.render_id) and isinstance(error, DeadlinePassed):
                raise DeadlinePassed(
                    f"The render {rendering.render_id} did not finish in the time allowed, and was cancelled at the "
                    "service too, as a failure was to do.",
                    next_step="Run the same command again to render anew, free of credits; "
                    "NEMO_RENDER_TIMEOUT_SECONDS allows more time.",
                    **error.facts,
                ) from error
            raise


async def is_only_moved(is_told_to_end: Callable[[], bool]) -> bool:
    """Whether the run that ends is one that somebody else goes on with, and not one that a person cancelled.

    Args:
        is_told_to_end: What `hearing_the_end` gave.
    """
    # Heard: who decides now over a render, or over other runs, is not to be cancelled itself.
    _signal.heard_by.add(the_run.get())
    return is_told_to_end() and not await _is_cancelled_by_somebody()


async def _is_cancelled_by_somebody() -> bool:
    """Whether somebody cancelled the run in Prefect; a process ends by the same signal for other reasons too."""
    if (run := flow_run.get_id()) is None:
        return False
    with contextlib.suppress(Exception):
        # Whatever goes wrong here: left is what can still be put right.
        async with asyncio.timeout(ASK_SECONDS), get_client() as client:
            state = (await client.read_flow_run(UUID(run))).state
            return state is not None and state.type in (StateType.CANCELLING, StateType.CANCELLED)
    return False


class _Signal:
    """Whether this process was told to end, while Prefect's own answer to that stays what it is: it raises.

    Where the signal strikes in a callback of the event loop, what is raised is swallowed, and the run would go on as if
    nothing had been said. So the runs at work are cancelled too, as they are when it leaves the loop.
    """

    def __init__(self) -> None:
        self.came = False
        self.at_work: list[asyncio.Task[Any]] = []
        self.heard_by: set[asyncio.Task[Any] | None] = set()
        self.before: Callable[[int, FrameType | None], object] | int | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        for run in set(self.at_work):
            run.get_loop().call_soon_threadsafe(self._end, run)
        if callable(self.before):
            self.before(number, frame)

    def _end(self, run: asyncio.Task[Any]) -> None:
        if run not in self.heard_by:
            run.cancel()


_signal = _Signal()


@contextlib.contextmanager
def hearing_the_end() -> Iterator[Callable[[], bool]]:
    """Has a signal to end reach the run in this context, wherever it strikes; gives what tells whether it came."""
    # A process has one answer to a signal, and several jobs side by side: the first puts it there, the last takes it.
    is_main, run = threading.current_thread() is threading.main_thread(), the_run.get()
    if not is_main or run is None or not (_signal.at_work or callable(signal.getsignal(signal.SIGTERM))):
        yield lambda: False
        return
    if not _signal.at_work:
        # A signal that came before was told to others: this process has outlived it.
        _signal.came = False
        _signal.before = signal.signal(signal.SIGTERM, _signal.note)
    _signal.at_work.append(run)
    try:
        yield lambda: _signal.came
    finally:
        _signal.at_work.remove(run)
        _signal.heard_by.discard(run)
        if not _signal.at_work and signal.getsignal(signal.SIGTERM) == _signal.note:
            signal.signal(signal.SIGTERM, _signal.before)
