"""One holder at a time: a living one is waited for, a dead one is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.lease import Board, Note, PrefectBoard, only_run, refuse
from prefect_nemovideo.blocks.processes import Process
from prefect_nemovideo.tasks.leases import StorageBoard

pytestmark = pytest.mark.usefixtures("prefect_api")
ELSEWHERE = Process(machine="another", pid=1, started="1")
Boards = Callable[[], Board]


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
