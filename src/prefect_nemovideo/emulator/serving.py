"""Putting the emulator on a socket: in a thread of its own, or as the program that runs."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType

from aiohttp import web

from prefect_nemovideo.emulator.app import make_app
from prefect_nemovideo.emulator.backend import Backend
from prefect_nemovideo.emulator.options import EmulatorOptions

SHUTDOWN_SECONDS = 1.0
"""How long replies that are under way may take once the emulator stops."""


class Listener:
    """The emulator's socket, which can stop listening for a while and then listens at the same port again."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        self._runner = runner
        self._host = host
        self._site = web.TCPSite(runner, host, port, reuse_address=True)
        self._absence: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._site.start()
        self.port: int = self._runner.addresses[0][1]

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def refuse(self, seconds: float) -> None:
        """Be away for some seconds; somebody who is away already just stays so."""
        if self._absence is None or self._absence.done():
            self._absence = asyncio.create_task(self._be_absent(seconds))

    async def _be_absent(self, seconds: float) -> None:
        await self._site.stop()
        for connection in list(self._runner.server.connections if self._runner.server else ()):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(seconds)
        self._site = web.TCPSite(self._runner, self._host, self.port, reuse_address=True)
        await self._site.start()

    async def close(self) -> None:
        if self._absence is not None:
            self._absence.cancel()


@asynccontextmanager
async def _serving(folder: Path, host: str, port: int, options: EmulatorOptions) -> AsyncIterator[str]:
    """Serve while the context is open; its value is the URL."""
    backend = Backend(folder, options)
    # The agent's server ends a run as its connection goes, so handlers are cancelled when theirs does.
    runner = web.AppRunner(
        make_app(backend), handler_cancellation=True, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
    )
    try:
        await runner.setup()
        listener = Listener(runner, host, port)
        await listener.start()
        backend.refuse_connections = listener.refuse
        backend.start()
        try:
            yield listener.url
        finally:
            await listener.close()
    finally:
        await runner.cleanup()
        await backend.close()


@contextmanager
def _data_folder(data_dir: Path | str | None) -> Iterator[Path]:
    """The folder that was named, or one that goes when the emulator does."""
    if data_dir is not None:
        yield Path(data_dir)
        return
    with tempfile.TemporaryDirectory(prefix="nemovideo-emulator-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


class Emulator:
    """A local NemoVideo, served from a background thread.

    Args:
        data_dir: Where everything is kept; a restart on it loses nothing, and several emulators may share it. None:
            a temporary folder that is removed at the end.
        options: How to behave.
        host: The address to listen at.
        port: The port; 0 takes a free one.

    Raises:
        OSError: From `start`: the port is taken, or the folder can't be written.

    Example:
        >>> with Emulator(options=EmulatorOptions(sse_dialect="adk")) as emulator:
        ...     print(emulator.url)
        http://127.0.0.1:40213
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        options: EmulatorOptions | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._data_dir = data_dir
        self._options = options or EmulatorOptions()
        self._host = host
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self.url = ""

    def start(self) -> Emulator:
        """Listen. When this returns, `url` answers."""
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="nemovideo-emulator", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Close the socket, stop runs and renders, and write down what isn't yet."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            with _data_folder(self._data_dir) as folder:
                asyncio.run(self._serve(folder))
        except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits in start()
            self._failure = failure
            self._ready.set()

    async def _serve(self, folder: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        async with _serving(folder, self._host, self._port, self._options) as url:
            self.url = url
            self._ready.set()
            await self._stopping.wait()


def serve_forever(
    data_dir: Path | str | None,
    host: str,
    port: int,
    options: EmulatorOptions,
    ready: Callable[[str], None],
) -> None:
    """Serve until the process is interrupted or terminated.

    Args:
        data_dir: Where everything is kept; None for a temporary folder.
        ready: Called once with the URL, when it answers.

    Raises:
        OSError: The port is taken, or the folder can't be written.
    """
    with _data_folder(data_dir) as folder:
        asyncio.run(_serve_until_told(folder, host, port, options, ready))


async def _serve_until_told(
    folder: Path, host: str, port: int, options: EmulatorOptions, ready: Callable[[str], None]
) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    async with _serving(folder, host, port, options) as url:
        ready(url)
        await told.wait()
