"""A way to a server that breaks, and that holds answers back."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Self

import httpx
from loopback import LOOPBACK

PIECE_BYTES = 65536


class Way:
    """A way to a server: it can be closed and opened again, and can hold back the answers to some requests.

    It has a thread of its own: Prefect's engine has requests that keep the caller's event loop waiting.
    """

    def __init__(self, api_url: str) -> None:
        address = httpx.URL(api_url)
        self.server: Any = (address.host, address.port)
        self._path = address.path.rstrip("/")
        self._port = 0
        self._open: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        #: What stands in a request whose answer is held back.
        self.held_back: bytes | None = None
        #: What stands in the beginning of a request whose rest is held back.
        self.held_up: bytes | None = None
        self._holds, self._may_go_on = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def api_url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}{self._path}"

    async def open(self) -> None:
        await self._there(self._opened())

    async def close(self) -> None:
        await self._there(self._closed())

    async def holds(self) -> None:
        """Returns once the server has done something of which nobody hears, or has only heard the beginning of it."""
        await self._there(self._holds.wait())

    def go_on(self) -> None:
        self._loop.call_soon_threadsafe(self._may_go_on.set)

    async def _there(self, work: Coroutine[Any, Any, Any]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _opened(self) -> None:
        self._open = await asyncio.start_server(self._passed, LOOPBACK, self._port)
        self._port = self._open.sockets[0].getsockname()[1]

    async def _closed(self) -> None:
        assert self._open is not None
        self._open.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        there, answers = await asyncio.open_connection(*self.server)
        is_held = asyncio.Event()
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(self._asked(reader, answers, is_held), self._answered(there, writer, is_held))
        except asyncio.CancelledError:
            # Closed: that is what the test asked for.
            pass
        finally:
            self._passing.discard(task)
            answers.close()
            writer.close()

    async def _asked(self, reader: asyncio.StreamReader, there: asyncio.StreamWriter, is_held: asyncio.Event) -> None:
        while piece := await reader.read(PIECE_BYTES):
            if self.held_back is not None and self.held_back in piece:
                is_held.set()
            there.write(piece)
            if self.held_up is not None and self.held_up in piece:
                self._holds.set()
                await self._may_go_on.wait()
        there.close()

    async def _answered(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, is_held: asyncio.Event
    ) -> None:
        while piece := await there.read(PIECE_BYTES):
            if is_held.is_set():
                # The server has done what it was asked for.
                self._holds.set()
                await self._may_go_on.wait()
            writer.write(piece)
        writer.close()
