"""One queue for each account: while one call waits because the service asked it to, the others don't ask either."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary


class Queue:
    """The calls of one account in one event loop. Open, unless somebody was told that there are too many."""

    def __init__(self) -> None:
        self._waiting = 0
        self._open = asyncio.Event()
        self._open.set()

    async def turn(self) -> None:
        """Returns when nobody has been told to wait; at once, mostly."""
        await self._open.wait()

    async def pause(self, seconds: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Waits, and has everybody else wait."""
        self._waiting += 1
        self._open.clear()
        try:
            await sleep(seconds)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._open.set()


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Queue]] = WeakKeyDictionary()


def queue_of(account: str) -> Queue:
    """The queue of an account; one for all clients of this event loop."""
    return _queues.setdefault(asyncio.get_running_loop(), {}).setdefault(account, Queue())
