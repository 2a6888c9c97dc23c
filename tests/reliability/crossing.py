"""A proxy in front of a server that counts the requests of a job, and kills the job at one of them.

It is how a request boundary is known without a hook in the code under test: a request that is held here has not been
sent yet, and a reply that is held here has not been received.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from loopback import LOOPBACK

When = Literal["before", "during", "unanswered", "answered"]

#: As the kernel's table of connections writes "established".
ESTABLISHED = "01"
#: The kernel's table changes while it is read, and a line can be passed over.
READS_OF_THE_TABLE = 5
LONGEST_HEAD_BYTES = 1 << 20
WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class Point:
    """An instant of a job: the `number`-th request of this name, counted from 1.

    Args:
        when: `before` it is sent; `during`: the reply has begun; `unanswered`: it was carried out, and nothing of the
            reply was received; `answered`: the moment after its last byte.
    """

    request: str
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.request} {self.number} {self.when}"


class Gate:
    """Counts what passes on the proxies of one job, and knows at which request the job is to die."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forgets what it has counted and what it was told."""
        with self._lock:
            self.passed: list[str] = []
            self._counts: Counter[str] = Counter()
            self._point: Point | None = None
            self._away_seconds: float | None = None
            self.killed: int | None = None

    @property
    def kills(self) -> bool:
        """Whether it is the job that is struck, and not the way to the server."""
        return self._away_seconds is None

    def kill_at(self, point: Point) -> None:
        """The job that comes to this point dies there."""
        self._point, self._away_seconds = point, None

    def refuse_after(self, request: str, number: int, seconds: float) -> None:
        """Once this request is answered, nobody listens for so long, and open connections are closed."""
        self._point, self._away_seconds = Point(request, number, "answered"), seconds

    def refuse_from(self, request: str, number: int, seconds: float) -> None:
        """The same as soon as this request comes: it is not sent on."""
        self._point, self._away_seconds = Point(request, number, "before"), seconds

    def meet(self, request: str) -> When | None:
        """Counts a request, and says whether and when the job dies at it."""
        with self._lock:
            self._counts[request] += 1
            self.passed.append(request)
            point = self._point
            if point is None or (point.request, point.number) != (request, self._counts[request]):
                return None
            self._point = None
            return point.when

    def strike(self, process: int, crossing: Crossing) -> None:
        """SIGKILL to the process at the other end of the connection; or the way is closed."""
        if self._away_seconds is not None:
            crossing.refuse(self._away_seconds)
        else:
            os.kill(process, signal.SIGKILL)
            self.killed = process


class Crossing:
    """The proxy, in a thread of its own while the context is open.

    Args:
        upstream: The address of the server.
        gate: Told of each request.
        name: A request's name, from its method and target.
    """

    def __init__(self, upstream: str, gate: Gate, name: Callable[[str, str], str]) -> None:
        self._upstream = urlsplit(upstream).hostname, urlsplit(upstream).port
        self._gate = gate
        self._name = name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._coming_back: asyncio.TimerHandle | None = None
        self.url = ""

    def __enter__(self) -> Crossing:
        self._thread.start()
        serving = asyncio.start_server(self._serve, LOOPBACK, 0, limit=LONGEST_HEAD_BYTES)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{LOOPBACK}:{self._port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def refuse(self, seconds: float) -> None:
        """Nobody listens for so long, and open connections are closed; from within the proxy's own thread."""
        self._server.close()
        for writer in list(self._open):
            writer.close()
        self._coming_back = self._loop.call_later(seconds, lambda: asyncio.ensure_future(self._listen_again()))

    def refuse_now(self, seconds: float) -> None:
        """The same from another thread; when this returns, nobody listens."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (self.refuse(seconds), done.set()))
        done.wait()

    def listen_now(self) -> None:
        """Somebody listens again, if nobody does; from another thread."""
        asyncio.run_coroutine_threadsafe(self._listen_again(), self._loop).result()

    async def _listen_again(self) -> None:
        if self._coming_back is None:
            return
        self._coming_back.cancel()
        self._coming_back = None
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self._port, limit=LONGEST_HEAD_BYTES)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, and one to the server beside it."""
        port = writer.get_extra_info("peername")[1]
        self._open.add(writer)
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while True:
                head, body = await _request(reader, writer)
                method, target = head.split(b" ", 2)[:2]
                when = self._gate.meet(self._name(method.decode(), target.decode()))
                # Looked up at once: after its last byte the other end may have hung up already.
                process = owner_of(port) if when and self._gate.kills else 0
                if when == "before":
                    return self._gate.strike(process, self)
                there = there or await asyncio.open_connection(*self._upstream, limit=LONGEST_HEAD_BYTES)
                there[1].write(head + body)
                await there[1].drain()
                reply_head = await there[0].readuntil(b"\r\n\r\n")
                if when == "during":
                    return self._gate.strike(process, self)
                reply = await _reply_body(there[0], method, reply_head)
                if when == "unanswered":
                    return self._gate.strike(process, self)
                writer.write(reply_head + reply)
                await writer.drain()
                if when == "answered":
                    return self._gate.strike(process, self)
                if b"close" in (_field(head, b"connection"), _field(reply_head, b"connection")):
                    return None
        except (asyncio.IncompleteReadError, OSError):
            return None
        finally:
            self._open.discard(writer)
            for end in (writer, there[1] if there else None):
                if end is not None:
                    with suppress(OSError):
                        end.close()


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    if _field(head, b"expect"):
        # boto3 asks before it sends a body.
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"expect:")]
        head = b"\r\n".join(lines)
    return head, await _body(reader, head) or b""


async def _reply_body(reader: asyncio.StreamReader, method: bytes, head: bytes) -> bytes:
    if method == b"HEAD" or int(head.split(b" ", 2)[1]) in WITHOUT_BODY:
        return b""
    body = await _body(reader, head)
    return await reader.read() if body is None else body


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes | None:
    """The bytes after a head as they stand on the wire; None where the head tells no length."""
    if b"chunked" in _field(head, b"transfer-encoding"):
        raw = b""
        while True:
            size = await reader.readuntil(b"\r\n")
            raw += size + await reader.readexactly(int(size.split(b";")[0], 16) + 2)
            if int(size.split(b";")[0], 16) == 0:
                return raw
    length = _field(head, b"content-length")
    return await reader.readexactly(int(length)) if length else None


def _field(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        given, _, value = line.partition(b":")
        if given.strip().lower() == name:
            return value.strip().lower()
    return b""


def owner_of(port: int) -> int:
    """The process that holds the connection from this loopback port."""
    for _ in range(READS_OF_THE_TABLE):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == ESTABLISHED and int(columns[1].split(":")[1], 16) == port:
                socket = f"socket:[{columns[9]}]"
                for process in Path("/proc").glob("[0-9]*"):
                    with suppress(OSError):
                        if any(os.readlink(handle) == socket for handle in (process / "fd").iterdir()):
                            return int(process.name)
    raise LookupError(f"Nobody holds the connection from port {port}.")
