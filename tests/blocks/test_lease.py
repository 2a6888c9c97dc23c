"""One holder at a time: a living one is waited for, a dead one is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from loopback import LOOPBACK
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_server import PrefectServer
from scripted import Request, Scripted

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.lease import Board, Note, PrefectBoard, only_run, refuse
from prefect_nemovideo.blocks.processes import Process
from prefect_nemovideo.tasks.leases import StorageBoard

pytestmark = pytest.mark.usefixtures("prefect_api")
ELSEWHERE = Process(machine="another", pid=1, started="1")
Boards = Callable[[], Board]


class Hindered(Scripted):
    """Hands requests on to a server, but for those that it refuses or whose reply it loses, by their method."""

    def __init__(self, behind: httpx.AsyncClient) -> None:
        super().__init__()
        self._behind = behind
        #: How many of a method are still refused, without being handed on.
        self.refusals: dict[str, int] = {}
        #: Methods of which one is handed on, and its reply not.
        self.lost: list[str] = []

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if self.refusals.get(request.method, 0):
            self.refusals[request.method] -= 1
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}")
            return
        sent = {"content-type": request.headers.get("content-type", "application/json")}
        reply = await self._behind.request(request.method, request.target, content=request.body, headers=sent)
        if request.method in self.lost:
            self.lost.remove(request.method)
            writer.close()
            return
        head = f"HTTP/1.1 {reply.status_code} x\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(reply.content)}\r\n\r\n".encode() + reply.content)


@pytest.fixture(params=["server", "storage"])
def board(request: pytest.FixtureRequest) -> Boards:
    """The board of one lease, anew for each who looks at it."""
    name = f"lease-{uuid4().hex}"
    return lambda: PrefectBoard(name) if request.param == "server" else StorageBoard(name)


@asynccontextmanager
async def held(board: Board, told: list[str] | None = None) -> AsyncIterator[bool]:
    heard = [] if told is None else told
    async with only_run(board, "a run", tell=lambda note: heard.append(str(note))) as waited:
        yield waited


def dead() -> Process:
    """A process of this machine that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    found = Process.this().model_copy(update={"pid": process.pid})
    process.communicate(b"\n")
    return found


async def test_one_after_another(board: Boards) -> None:
    """The second gets it when the first has ended, and knows that it had to wait."""
    order: list[tuple[str, bool]] = []
    seen = asyncio.Event()

    async def second() -> None:
        async with only_run(board(), "other", tell=lambda note: seen.set()) as waited:
            order.append(("second", waited))

    async with held(board()) as waited:
        order.append(("first", waited))
        waiting = asyncio.create_task(second())
        await seen.wait()
        order.append(("first goes", False))
    await waiting
    assert order == [("first", False), ("first goes", False), ("second", True)]


async def test_of_several_at_the_same_time_one_works(board: Boards) -> None:
    working, most = 0, 0

    async def run() -> None:
        nonlocal working, most
        async with held(board()):
            working += 1
            most = max(most, working)
            await asyncio.sleep(0.05)
            working -= 1

    await asyncio.gather(*(run() for _ in range(4)))
    assert (working, most) == (0, 1)


async def test_a_dead_process_of_this_machine_is_not_waited_for(board: Boards) -> None:
    """Its note is good for a minute still; but nobody is there."""
    assert await board().take(Note(holder="a run that was killed", process=dead()), None)
    told: list[str] = []
    async with held(board(), told):
        assert told == []


async def test_another_machine_is_waited_for_until_its_note_is_over(board: Boards) -> None:
    """Nobody here can know whether that process lives."""
    soon = datetime.now(UTC) + timedelta(seconds=1)
    assert await board().take(Note(holder="far", process=ELSEWHERE, good_until=soon), None)
    told: list[str] = []
    async with held(board(), told) as waited:
        assert waited
        assert datetime.now(UTC) >= soon
    assert told == ["far (process 1 on another)"]


async def test_where_waiting_is_wrong_a_living_holder_refuses(board: Boards) -> None:
    async with held(board()):
        with pytest.raises(BadInput, match="Another run works on this session now: a run"):
            async with only_run(board(), "other", tell=lambda note: None, meanwhile=refuse):
                raise AssertionError("it was let in")


@pytest.fixture
async def hindered(prefect_api: PrefectServer) -> AsyncIterator[Hindered]:
    """The Prefect server behind one that answers some requests itself, as SQLite has Prefect's do while it is busy."""
    async with httpx.AsyncClient(base_url=prefect_api.api_url.removesuffix("/api"), timeout=60) as behind:
        front = Hindered(behind)
        listening = await asyncio.start_server(lambda *ends: front.serve(*ends, front.answer), LOOPBACK, 0)
        async with listening:
            url = f"http://{LOOPBACK}:{listening.sockets[0].getsockname()[1]}/api"
            with temporary_settings({PREFECT_API_URL: url}):
                yield front


async def test_a_server_that_refuses_for_long_is_asked_until_it_does_not(hindered: Hindered) -> None:
    """SQLite refuses whoever began to read before another one wrote: more often than Prefect's client asks again."""
    name = f"lease-{uuid4().hex}"
    assert await PrefectBoard(name).take(Note(holder="a run that was killed", process=dead()), None)
    hindered.refusals = {"DELETE": 20, "POST": 12}
    async with held(PrefectBoard(name)) as waited:
        assert not waited
    assert hindered.refusals == {"DELETE": 0, "POST": 0}
    assert await PrefectBoard(name).find() is None


async def test_a_lease_whose_reply_was_lost_is_ours(hindered: Hindered) -> None:
    """The note is up, and the server's word of it did not come: it is no other run's."""
    name = f"lease-{uuid4().hex}"
    hindered.lost = ["POST"]
    told: list[str] = []
    async with held(PrefectBoard(name), told) as waited:
        assert (waited, told, hindered.lost) == (False, [], [])
    assert await PrefectBoard(name).find() is None


class Silent:
    """A board that takes a note, and never answers when it is to be given back."""

    async def find(self) -> Note | None:
        return None

    async def take(self, note: Note, over: Note | None) -> bool:
        return True

    async def renew(self, note: Note) -> None: ...

    async def give_back(self, note: Note) -> None:
        await asyncio.Event().wait()


async def test_a_board_that_does_not_answer_keeps_nobody() -> None:
    """The note is over in a minute by itself."""
    async with only_run(Silent(), "a run", tell=lambda note: None):
        pass
