"""Blocking work beside the event loop, which ends when nobody waits for it any more.

A thread can't be cancelled. Who cancels a run waits for what it takes to clean up, and not for a bucket that does not
answer: on a worker, Prefect kills a run that has not ended after 30 s.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

from prefect_nemovideo.progress import Meter
from prefect_nemovideo.storage.threads import begin, left

P = ParamSpec("P")
R = TypeVar("R")

#: How long work may take to end that is told to, in seconds; several may follow one another.
PATIENCE_SECONDS = 4.0


async def in_thread(work: Callable[P, R], *args: P.args, **facts: P.kwargs) -> R:
    """Does blocking work in a thread of its own. When cancelled, a meter among its arguments stops it.

    Work that has not ended a little later is left to itself: it does not keep the process from ending, and sends
    nothing to a bucket any more that would change it.
    """
    doing, is_left = _begun(work, *args, **facts)
    try:
        await asyncio.wait([doing])
    except asyncio.CancelledError:
        for meter in (fact for fact in (*args, *facts.values()) if isinstance(fact, Meter)):
            meter.stop()
        try:
            await asyncio.wait([doing], timeout=PATIENCE_SECONDS)
        finally:
            # Whoever cancels twice does not wait that long either.
            is_left.set()
        raise
    return doing.result()


async def taken_back(work: Callable[P, R], *args: P.args, **facts: P.kwargs) -> None:
    """Has something cleaned up in a thread. At the end of a run that was cancelled it is not waited for for long.

    Raises:
        TimeoutError: It has not ended by then.
        Exception: What the work raised.
    """
    doing, is_left = _begun(work, *args, **facts)
    this = asyncio.current_task()
    is_stopped = this is not None and this.cancelling() > 0
    await asyncio.wait([doing], timeout=PATIENCE_SECONDS if is_stopped else None)
    if not doing.done():
        is_left.set()
        raise TimeoutError("It did not end in time.")
    doing.result()


def _begun(work: Callable[P, R], *args: P.args, **facts: P.kwargs) -> tuple[asyncio.Future[R], threading.Event]:
    """The work, begun, and what tells it that it is left to itself."""
    is_left = threading.Event()
    token = left.set(is_left)
    try:
        begun: Future[R] = begin(work, *args, **facts)
    finally:
        left.reset(token)
    doing = asyncio.wrap_future(begun)
    # Whatever it ends with when nobody asks any more, nobody is to be told.
    doing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return doing, is_left
