"""One at a time, across the event loops of a process: each embedded emulator has its own."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager


class Turns:
    """First come, first served; whoever is cancelled while it waits leaves the queue.

    Example:
        >>> async with turns.take():
        ...     await render(…)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[Future[None]] = deque()
        """The first has the turn."""

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        mine: Future[None] = Future()
        with self._lock:
            self._queue.append(mine)
            self._let_first_go()
        try:
            await asyncio.wrap_future(mine)
            yield
        finally:
            with self._lock:
                self._queue.remove(mine)
                self._let_first_go()

    def _let_first_go(self) -> None:
        # One that was cancelled, but has not left yet, lets the next one go as it leaves.
        if self._queue and not self._queue[0].done() and self._queue[0].set_running_or_notify_cancel():
            self._queue[0].set_result(None)
