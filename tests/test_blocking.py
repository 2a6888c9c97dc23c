"""Blocking work whose run is cancelled: stopped where it can be, and left where it can't."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from prefect_nemovideo.blocking import PATIENCE_SECONDS, in_thread, taken_back
from prefect_nemovideo.progress import Meter, NotWanted, watch


async def cancelled(work: asyncio.Task[None], when: asyncio.Event) -> None:
    """Cancels work once something has happened."""
    await when.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_work_that_tells_how_far_it_is_ends_with_its_run() -> None:
    """Before the run does, so that what it began is taken back."""
    begun, loop, ends = asyncio.Event(), asyncio.get_running_loop(), list[str]()

    def work(progress: Callable[[float, float], None]) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            while True:
                progress(0, 1)
        except NotWanted:
            ends.append("stopped")
            raise

    await cancelled(asyncio.create_task(in_thread(work, progress=Meter("Checking"))), begun)
    assert ends == ["stopped"]


async def test_work_that_ends_as_it_should_is_waited_for_a_little() -> None:
    """A last request that is on its way is not left in the middle."""
    begun, loop, told = asyncio.Event(), asyncio.get_running_loop(), threading.Event()
    ends = list[str]()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        told.wait()
        ends.append("done")

    running = asyncio.create_task(in_thread(work))
    begun_waiting = asyncio.create_task(cancelled(running, begun))
    await begun.wait()
    loop.call_later(0.1, told.set)
    await begun_waiting
    assert ends == ["done"]


async def test_what_the_work_ends_with_is_handed_on() -> None:
    assert await in_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 7, 0)
    with pytest.raises(ZeroDivisionError):
        await taken_back(divmod, 7, 0)


async def test_what_cleans_up_is_waited_for_where_nobody_is_stopped() -> None:
    """However long it takes: what is not taken back may be paid for, or be in the way of what comes next."""
    loop, told = asyncio.get_running_loop(), threading.Event()
    loop.call_later(PATIENCE_SECONDS + 0.5, told.set)
    await taken_back(told.wait)
    assert told.is_set()


async def test_what_cleans_up_is_not_waited_for_for_long_by_a_run_that_is_stopped() -> None:
    """And it is said that it has not ended."""
    begun, never, said = asyncio.Event(), threading.Event(), list[str]()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            try:
                await taken_back(never.wait)
            except TimeoutError as error:
                said.append(str(error))

    await cancelled(asyncio.create_task(work()), begun)
    never.set()
    assert said == ["It did not end in time."]


def test_a_step_is_told_once() -> None:
    """Work that waits looks again and again whether it is wanted."""
    steps: list[tuple[str, float, float]] = []

    class Watching:
        def told(self, text: str) -> None: ...

        def moved(self, what: str, done: float, total: float) -> None:
            steps.append((what, done, total))

        def heard(self, piece: str) -> None: ...

    def work() -> None:
        watch(Watching())
        meter = Meter("Archiving")
        for done in (1, 1, 2, 2):
            meter(done, 2)

    contextvars.copy_context().run(work)
    assert steps == [("Archiving", 1, 2), ("Archiving", 2, 2)]


NEVER_ENDS = """
import asyncio, threading
from prefect_nemovideo import blocking

async def main():
    work = asyncio.create_task(blocking.in_thread(threading.Event().wait))
    await asyncio.sleep(0)
    work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        print("cancelled")

asyncio.run(main())
"""


def test_work_that_never_ends_does_not_keep_the_process() -> None:
    """Such as a request to a server that keeps its answer back."""
    run = subprocess.run([sys.executable, "-c", NEVER_ENDS], capture_output=True, text=True, timeout=120)
    assert (run.stdout.split(), run.stderr) == (["cancelled"], "")
