"""Blocking work beside the event loop, which ends when nobody waits for it any more.

A thread can't be cancelled. Who cancels a run waits for what it takes to clean up, and not for a bucket that does not
answer: on a worker, Prefect kills a run that has not ended after 30 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect_nemovideo.progress import Meter
from prefect_nemovideo.storage.threads import begin

P = ParamSpec("P")
R = TypeVar("R")

#: How long work may take to end that is told to, in seconds; several may follow one another.
PATIENCE_SECONDS = 4.0


async def in_thread(work: Callable[P, R], *args: P.args, **facts: P.kwargs) -> R:
    """Does blocking work in a thread of its own. When cancelled, a meter among its arguments stops it.

    Work that has not ended a little later is left to itself, and does not keep the process from ending.
    """
    doing = asyncio.wrap_future(begin(work, *args, **facts))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        for meter in (fact for fact in (*args, *facts.values()) if isinstance(fact, Meter)):
            meter.stop()
        # Whatever it ends with, nobody wants to know.
        doing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        await asyncio.wait([doing], timeout=PATIENCE_SECONDS)
        raise


async def taken_back(work: Callable[P, R], *args: P.args, **facts: P.kwargs) -> None:
    """Has something cleaned up in a thread, also at the end of a run that was cancelled: it is not waited for for long.

    Raises:
        Exception: What the work raised, if it has ended by then.
    """
    doing = asyncio.wrap_future(begin(work, *args, **facts))
    doing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    done, _ = await asyncio.wait([doing], timeout=PATIENCE_SECONDS)
    for ended in done:
        ended.result()
