"""Runs that a parent waits for, on a way to the Prefect server that breaks, and that holds answers back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from loopback import LOOK_AGAIN_SECONDS, LOOPBACK
from nemo_server import NemoServer
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Completed, Failed, Pending, Running, Scheduled
from prefect.types.entrypoint import EntrypointType
from prefect_server import PrefectServer
from pydantic import ValidationError
from way import Way

from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.flows.children import Children, RunGone
from prefect_nemovideo.progress import watch
from prefect_nemovideo.results import FailedVideo

Nemo = Callable[..., NemoServer]


class Told:
    """Hears what is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Event()

    def told(self, text: str) -> None:
        self.lines.append(text)
        self._more.set()

    def moved(self, what: str, done: float, total: float) -> None: ...

    def heard(self, piece: str) -> None: ...

    async def says(self, beginning: str) -> None:
        """Returns once a line begins like this."""
        while not any(line.startswith(beginning) for line in self.lines):
            self._more.clear()
            await self._more.wait()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def way(prefect_api: PrefectServer) -> AsyncIterator[Way]:
    with Way(prefect_api.api_url) as way:
        await way.open()
        yield way
        way.go_on()
        # What Prefect tells of a run has its own time, and takes the way that the run has taken.
        for teller in (APILogWorker, EventsWorker):
            await asyncio.to_thread(teller.drain_all)
        await way.close()


def tries(count: int) -> Any:
    """With no more than one, Prefect's client gives up at once, as after minutes without an answer."""
    return temporary_settings({PREFECT_CLIENT_MAX_RETRIES: count - 1})


@contextlib.asynccontextmanager
async def client_by(api_url: str) -> AsyncIterator[PrefectClient]:
    with temporary_settings({PREFECT_API_URL: api_url}):
        async with get_client() as client:
            yield client


@pytest.fixture
async def straight(prefect_api: PrefectServer) -> AsyncIterator[PrefectClient]:
    """The test's own way to the server."""
    async with client_by(prefect_api.api_url) as client:
        yield client


async def scheduled(client: PrefectClient) -> FlowRun:
    return await client.create_flow_run(edit_batch, parameters={"manifest": []}, state=Scheduled())


async def type_of(client: PrefectClient, run: UUID) -> StateType | None:
    state = (await client.read_flow_run(run)).state
    return state.type if state else None


async def test_a_server_that_was_away_is_looked_at_again(way: Way, straight: PrefectClient, told: Told) -> None:
    watch(told)
    run = await scheduled(straight)
    async with client_by(way.api_url) as client:
        await way.close()
        with tries(1):
            children = await Children(client).__aenter__()
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_exit(children)
            waiting = asyncio.create_task(children.ended(run.id))
            await told.says("The Prefect server does not answer")
            await straight.set_flow_run_state(run.id, Completed(), force=True)
            await way.open()
            assert (await waiting).id == run.id
    assert len([line for line in told.lines if "does not answer" in line]) == 1


async def test_a_run_that_is_deleted_is_not_waited_for_any_more(
    way: Way, straight: PrefectClient, deployment: tuple[str, UUID], rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Its videos have failed, with the reason and what to do; the batch ends."""
    name, of = deployment
    with temporary_settings({PREFECT_API_URL: way.api_url}):
        batch = asyncio.create_task(edit_batch(rows, str(tmp_path / "out"), deployment=name))
        for run in await runs_of(straight, of):
            await straight.delete_flow_run(run.id)
        result = await batch
    assert [item.status for item in result.items] == ["failed"] * len(rows)
    for item in result.items:
        assert isinstance(item, FailedVideo)
        assert "was deleted in Prefect. " in item.error.message
        assert item.error.next_step == "Run the same command again: what is done is skipped."


async def test_a_run_that_was_deleted_can_t_be_scheduled_again(straight: PrefectClient) -> None:
    run = await scheduled(straight)
    async with Children(straight) as children:
        await straight.delete_flow_run(run.id)
        with pytest.raises(RunGone):
            await children.again(run.id)


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that answers everything with a flow run that is none."""
    while await reader.readline():
        length = 0
        while (line := await reader.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n[{}]")
    writer.close()


@pytest.mark.usefixtures("prefect_api")
async def test_an_answer_that_nobody_can_read_ends_the_waiting_with_its_error() -> None:
    """For who waits already, and for who asks later; and it stops no one from leaving."""
    async with await asyncio.start_server(nonsense, LOOPBACK) as server:
        port = server.sockets[0].getsockname()[1]
        async with client_by(f"http://{LOOPBACK}:{port}/api") as client, Children(client) as children:
            for _ in range(2):
                with pytest.raises(ValidationError):
                    await children.ended(uuid4())


async def test_a_cancellation_is_not_hindered_by_the_error_that_ended_the_looking(
    way: Way, straight: PrefectClient
) -> None:
    """Its runs are cancelled all the same."""
    run = await scheduled(straight)
    is_blind = asyncio.Event()

    async def parent() -> None:
        async with client_by(way.api_url) as client, Children(client) as children:
            with pytest.raises(ValidationError):
                await children.ended(run.id)
            is_blind.set()
            await asyncio.Event().wait()

    there = way.server
    async with await asyncio.start_server(nonsense, LOOPBACK) as server:
        way.server = server.sockets[0].getsockname()
        work = asyncio.create_task(parent())
        await is_blind.wait()
    await way.close()
    way.server = there
    await way.open()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await type_of(straight, run.id) == StateType.CANCELLED


async def test_runs_are_cancelled_once_a_server_that_was_away_is_there_again(
    way: Way, straight: PrefectClient, told: Told
) -> None:
    watch(told)
    waits, works = await scheduled(straight), await scheduled(straight)
    for state in (Pending(), Running()):
        await straight.set_flow_run_state(works.id, state, force=True)

    async def parent() -> None:
        async with client_by(way.api_url) as client:
            await way.close()
            with tries(1):
                async with Children(client) as children:
                    await asyncio.gather(children.ended(waits.id), children.ended(works.id))

    work = asyncio.create_task(parent())
    await told.says("The Prefect server does not answer")
    work.cancel()
    await told.says("Cancelling 2 runs.")
    await way.open()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await type_of(straight, waits.id) == StateType.CANCELLED
    assert await type_of(straight, works.id) == StateType.CANCELLING


@pytest.fixture
async def deployment(straight: PrefectClient) -> tuple[str, UUID]:
    """A deployment whose pool has no worker."""
    name = f"pool-{uuid4().hex[:8]}"
    await straight.create_work_pool(WorkPoolCreate(name=name, type="process"))
    kind = EntrypointType.MODULE_PATH
    made: Any = await edit_batch.ato_deployment(name, work_pool_name=name, entrypoint_type=kind)
    return f"edit-batch/{name}", await made.aapply()


@pytest.fixture
def rows(small_clip: Path) -> list[dict[str, Any]]:
    words = [f'add a title saying "{word}"' for word in "abcdef"]
    return [{"source": str(small_clip), "instructions": line, "resolution": "256x144"} for line in words]


async def runs_of(client: PrefectClient, deployment: UUID) -> list[FlowRun]:
    """The runs of a deployment, once there are some."""
    while True:
        of = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
        if found := await client.read_flow_runs(deployment_filter=of):
            return found
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def ended_by_cancelling(batch: asyncio.Task[Any], way: Way, told: Told) -> None:
    """Cancels a batch while an answer is held back, and lets that go on when the batch is about to end its runs."""
    await way.holds()
    batch.cancel()
    await told.says("Cancelling")
    way.go_on()
    with pytest.raises(asyncio.CancelledError):
        await batch


async def test_runs_that_are_being_made_when_their_parent_is_cancelled_are_cancelled_too(
    nemo: Nemo, way: Way, straight: PrefectClient, deployment: Any, rows: Any, tmp_path: Path, told: Told
) -> None:
    """The server has made them, and the parent has not heard of it yet."""
    nemo()
    name, of = deployment
    watch(told)
    way.held_back = b"/create_flow_run"
    with temporary_settings({PREFECT_API_URL: way.api_url}):
        batch = asyncio.create_task(edit_batch(rows, str(tmp_path / "out"), deployment=name, chunk=1))
        await ended_by_cancelling(batch, way, told)
    assert {run.state.type for run in await runs_of(straight, of) if run.state} == {StateType.CANCELLED}


async def test_a_run_that_is_scheduled_again_when_its_parent_is_cancelled_is_cancelled_too(
    nemo: Nemo, way: Way, straight: PrefectClient, deployment: Any, rows: Any, tmp_path: Path, told: Told
) -> None:
    nemo()
    name, of = deployment
    watch(told)
    with temporary_settings({PREFECT_API_URL: way.api_url}):
        batch = asyncio.create_task(edit_batch(rows[:1], str(tmp_path / "out"), deployment=name))
        (run,) = await runs_of(straight, of)
        way.held_back = b'"type":"SCHEDULED"'
        await straight.set_flow_run_state(run.id, Failed(message="no disk"), force=True)
        await ended_by_cancelling(batch, way, told)
    assert await type_of(straight, run.id) == StateType.CANCELLED
