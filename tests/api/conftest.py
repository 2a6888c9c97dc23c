"""An emulator on a real socket, clients of it that write their waits down, and a server that says what it is told."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import bulk_servers
import httpx
import pytest
from scripted import Answer, Scripted, Service

from prefect_nemovideo.api import NemoVideo, Settings
from prefect_nemovideo.emulator import Emulator, EmulatorOptions

TOKEN = "nmv_usr_test"
#: A timeline of one clip of 3 s.
DRAFT = {"t": [{"tt": 0, "sg": [{"d": 3000}]}]}


class Waits:
    """A clock that only waiting moves: it writes down how long somebody wanted to wait, and goes on at once."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)

    def clock(self) -> float:
        return sum(self.seconds)


class Backend:
    """An emulator, as the person sees it who runs it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=f"{url}/_emulator", timeout=60)

    def fault(self, endpoint: str, action: str, **rule: Any) -> None:
        reply = self.http.post("/faults", json=[{"endpoint": endpoint, "action": action, **rule}])
        assert reply.status_code == 200, reply.text

    def options(self, **changes: Any) -> None:
        assert self.http.patch("/options", json=changes).status_code == 200

    def requests(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.http.get("/requests").json()
        return [request for request in listed if endpoint in (None, request["endpoint"])]

    def charges(self) -> int:
        return len(self.http.get("/charges").json())

    def forget(self) -> None:
        """Clears the list of requests."""
        assert self.http.delete("/requests").status_code == 200


@pytest.fixture
def emulate() -> Iterator[Callable[..., Backend]]:
    """Starts an emulator with the given options: edits say something and take no time unless told otherwise."""
    with ExitStack() as stack:

        def start(data_dir: Path | None = None, **options: Any) -> Backend:
            chosen = {"tokens": (TOKEN,), "silent_share": 0, "edit_seconds": 0, "instant_renders": True, **options}
            backend = Backend(stack.enter_context(Emulator(data_dir, EmulatorOptions(**chosen))).url)
            stack.callback(backend.http.close)
            return backend

        yield start


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def connect(waits: Waits) -> AsyncIterator[Callable[..., NemoVideo]]:
    """A client of an address; its waits are written down, not waited, unless it is given a `timing` of its own."""
    async with AsyncExitStack() as stack:

        def make(
            url: str, token: str | None = TOKEN, *, profile: str = "video-4k", timing: Any = None, **settings: Any
        ) -> NemoVideo:
            chosen = Settings(nemo_api_url=url, **settings)
            nemo = NemoVideo(token, profile=profile, settings=chosen, **(timing or {"sleep": waits}))
            stack.push_async_callback(nemo.close)
            return nemo

        yield make


@pytest.fixture
def nothing_listens(unused_tcp_port_factory: Callable[[], int]) -> str:
    """An address where connections are refused."""
    return f"http://127.0.0.1:{unused_tcp_port_factory()}"


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[[Answer], Awaitable[Scripted]]]:
    """Starts a server whose answers are written by a function: `await answer(request, writer)`."""
    async with AsyncExitStack() as stack:

        async def start(answer: Answer) -> Scripted:
            here = Scripted()
            tasks: set[asyncio.Task[None]] = set()

            def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                task = asyncio.create_task(here.serve(reader, writer, answer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

            async def stop() -> None:
                server.close()
                for task in list(tasks):
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            stack.push_async_callback(stop)
            here.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            return here

        yield start


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer in bytes; `content_type=` is the header Content-Type."""
    fields = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture(name="reply")
def reply_fixture() -> Callable[..., bytes]:
    return reply


@pytest.fixture
def begin(sample_clip: Path) -> Callable[[NemoVideo], Awaitable[str]]:
    """Opens a session that holds a clip of 3 s, and tells its id."""

    async def opened(nemo: NemoVideo) -> str:
        session = await nemo.sessions.create()
        await nemo.uploads.send(session.session_id, sample_clip)
        return session.session_id

    return opened


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, sample_clip: Path) -> tuple[Path, str]:
    """An emulator's data folder with a session that holds a clip of 3 s, and that session's id: uploading one for each
    test would take most of the tests' time."""
    folder = tmp_path_factory.mktemp("furnished") / "data"

    async def furnish() -> str:
        with Emulator(folder, EmulatorOptions(tokens=(TOKEN,))) as emulator:
            async with NemoVideo(TOKEN, settings=Settings(nemo_api_url=emulator.url)) as nemo:
                session = await nemo.sessions.create()
                await nemo.uploads.send(session.session_id, sample_clip)
                return session.session_id

    return folder, asyncio.run(furnish())


@pytest.fixture
def resume(
    emulate: Callable[..., Backend], furnished: tuple[Path, str], tmp_path: Path
) -> Callable[..., tuple[Backend, str]]:
    """Starts an emulator of its own on a copy of the furnished folder, and tells the id of the session there."""

    def start(**options: Any) -> tuple[Backend, str]:
        folder, session_id = furnished
        return emulate(shutil.copytree(folder, tmp_path / "data"), **options), session_id

    return start


@pytest.fixture
def editing(resume: Callable[..., Any], connect: Callable[..., Any]) -> Callable[..., Any]:
    """An emulator, a client of it and a session with footage."""

    async def start(timing: Any = None, settings: Any = None, **options: Any) -> Any:
        backend, session_id = resume(**options)
        return backend, connect(backend.url, timing=timing, **(settings or {})), session_id

    return start


@pytest.fixture
def answering(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> Callable[..., Any]:
    """A client of a server that answers a message as told, and whose timeline never changes."""

    async def start(answer: Any, timing: Any = None, **settings: Any) -> Any:
        async def serve(request: Any, writer: Any) -> None:
            if request.method == "POST":
                await answer(request, writer)
            else:
                writer.write(reply(body=json.dumps({"code": 0, "data": {"state": {"draft": DRAFT}}}).encode()))

        server = await scripted(serve)
        return connect(server.url, timing=timing, **settings), server

    return start


def stream(*payloads: Any) -> bytes:
    """A whole answer of `/run_sse`, in chunks."""
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    for payload in payloads:
        event = f"data: {json.dumps(payload)}\n\n".encode()
        answer += f"{len(event):x}\r\n".encode() + event + b"\r\n"
    return answer + b"0\r\n\r\n"


@pytest.fixture(name="stream")
def stream_fixture() -> Callable[..., bytes]:
    return stream


@pytest.fixture
def no_video(tmp_path: Path) -> Path:
    """A few bytes with the name of a video: enough for a server that does not look."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"not really a video" * 100)
    return path


@pytest.fixture
def swallowing() -> Iterator[str]:
    """A service that takes any upload and keeps nothing of it."""
    with bulk_servers.swallowing() as url:
        yield url


@pytest.fixture
def pouring() -> Iterator[str]:
    """A server with a file of as many zeros as the address says."""
    with bulk_servers.pouring() as url:
        yield url


@pytest.fixture
def serving(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., bytes],
    stream: Callable[..., bytes],
) -> Callable[..., Any]:
    """A client of a service whose answer to any message is given, and whose state and balance are made by functions.

    The answer is payloads, or bytes after which the connection closes.
    """

    async def start(
        state: Callable[[int, bool], dict[str, Any]],
        *said: Any,
        held: Callable[[int], float] = lambda asked: 0,
        spent: Callable[[int], float] = lambda asked: 0,
    ) -> Any:
        service = Service(state, held, spent)

        async def answer(request: Any, writer: Any) -> None:
            if request.method == "POST":
                service.messages += 1
                writer.write(b"".join(said) if isinstance(said[0], bytes) else stream(*said))
                if isinstance(said[0], bytes):
                    writer.close()
            else:
                data = service.answer_get(request.target)
                writer.write(reply(body=json.dumps({"code": 0, "data": data}).encode()))

        return connect((await scripted(answer)).url), service

    return start
