"""Blocking work in threads that nobody has to wait for: a server that doesn't answer keeps them, not the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: Set where nobody waits any more for the work in this context: it is left to itself, and is to change nothing.
left: ContextVar[threading.Event | None] = ContextVar("left", default=None)
#: How often whoever waits looks whether the result is still wanted, in seconds.
LOOK_SECONDS = 0.25


def begin(work: Callable[P, R], *args: P.args, **facts: P.kwargs) -> Future[R]:
    """Starts work in a thread of its own. Python waits for the threads of a pool before it ends, and not for these."""
    future: Future[R] = Future()
    future.set_running_or_notify_cancel()
    context = copy_context()

    def run() -> None:
        try:
            result = context.run(work, *args, **facts)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name="nemovideo-blocking", daemon=True).start()
    return future


def landed(flying: Iterable[Future[R]], look: Callable[[], None]) -> set[Future[R]]:
    """Waits until one of several has ended, and returns those that have not.

    Args:
        look: Called now and then meanwhile; may raise where nobody wants them any more.

    Raises:
        BaseException: What one of them ended with.
    """
    while True:
        look()
        done, rest = wait(flying, timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
        for one in done:
            one.result()
        if done:
            return rest


def result_of(work: Future[R], look: Callable[[], None]) -> R:
    """What one of them comes to; see `landed`."""
    landed([work], look)
    return work.result()
