"""Blocking work over connections, in a thread of its own, which ends when whoever waits for it is cancelled.

A synchronous client moves bytes at the speed of curl, an asynchronous one at half of it, and keeps the event loop
from everything else meanwhile: encryption alone takes a whole processor at some hundred MB a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """Raised in the thread, where nobody waits for its work any more."""


class Line:
    """One piece of blocking work over a connection, or from one connection to another.

    Give `trace` to each request, as httpx's extension of that name.

    Example:
        ```python
        line = Line()
        await line.run(lambda: client.send(client.build_request("GET", url, extensions={"trace": line.trace})))
        ```
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._connections: list[Any] = []

    async def run(self, work: Callable[[], T]) -> T:
        """Does the work in a thread of its own: the loop's are few, and short work would wait behind it."""
        with _thread() as thread:
            task = asyncio.get_running_loop().run_in_executor(thread, work)
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                self._stop()
                await asyncio.wait([task])
                if not task.cancelled():
                    task.exception()
                raise
            return task.result()

    def check(self) -> None:
        """To be called by the work, now and then.

        Raises:
            Stopped: Nobody waits for it any more.
        """
        if self._stopped.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """To be called by the work instead of sleeping.

        Raises:
            Stopped: Nobody waits for it any more.
        """
        self._stopped.wait(seconds)
        self.check()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Learns of httpx which connections there are."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._connections.append(info["return_value"])
            self.check()

    def _stop(self) -> None:
        """What waits for bytes, or for room to send some, is woken by the end of its connection."""
        self._stopped.set()
        for connection in self._connections:
            connected = connection.get_extra_info("socket")
            if connected is not None:
                # The plain socket's own: that of a TLS socket would take its state away under the working thread.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connected, socket.SHUT_RDWR)


@contextlib.contextmanager
def _thread() -> Any:
    pool = ThreadPoolExecutor(1, thread_name_prefix="nemovideo-line")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False)
