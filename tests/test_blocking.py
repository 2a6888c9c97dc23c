"""Blocking work whose run is cancelled: stopped where it can be, and left where it can't."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from prefect_nemovideo.blocking import in_thread, taken_back
from prefect_nemovideo.progress import Meter, NotWanted


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
    await blocking.taken_back(threading.Event().wait)
    print("left")

asyncio.run(main())
"""


def test_work_that_never_ends_does_not_keep_the_process() -> None:
    """Such as a request to a server that keeps its answer back."""
    run = subprocess.run([sys.executable, "-c", NEVER_ENDS], capture_output=True, text=True, timeout=120)
    assert (run.stdout.split(), run.stderr) == (["cancelled", "left"], "")
