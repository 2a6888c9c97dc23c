"""A batch over machines: what the parent makes of its runs, and what it does when they end. The test is the worker."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from nemo_server import NemoServer
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Abort
from prefect.settings import PREFECT_API_URL, PREFECT_LOCAL_STORAGE_PATH
from prefect.states import AwaitingRetry, Cancelled, Cancelling, Completed, Crashed, Failed, Pending, Running
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.engine import propose_state

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.flows import edit_batch, edit_video
from prefect_nemovideo.results import FailedVideo, VideoResult

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
Rows = list[dict[str, Any]]


def begin(run: FlowRun) -> subprocess.Popen[bytes]:
    """Carries a run out as a worker does: in a process of its own."""
    own = {"PREFECT_API_URL": PREFECT_API_URL.value(), "PREFECT__FLOW_RUN_ID": str(run.id)}
    kept = {"PREFECT_LOCAL_STORAGE_PATH": str(PREFECT_LOCAL_STORAGE_PATH.value())}
    command = [sys.executable, "-m", "prefect.flow_engine", "prefect_nemovideo.flows.edit_batch.edit_batch"]
    return subprocess.Popen(command, env={**os.environ, **own, **kept}, stderr=subprocess.DEVNULL)


class Pool:
    """A deployment on a work pool of which the test is the worker."""

    def __init__(self, client: PrefectClient, deployment: UUID, name: str) -> None:
        self.client, self.name = client, name
        self.of = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))

    async def runs(self, *kinds: StateType) -> list[FlowRun]:
        """The runs, once they are in states of these kinds, by name."""
        async with asyncio.timeout(120):
            while True:
                found = await self.any_runs()
                if [run.state and run.state.type for run in found] == list(kinds):
                    return found
                await asyncio.sleep(0.1)

    async def any_runs(self) -> list[FlowRun]:
        """The runs, once there are some, by name."""
        while True:
            if found := await self.client.read_flow_runs(deployment_filter=self.of):
                return sorted(found, key=lambda run: run.name)
            await asyncio.sleep(0.1)

    async def become(self, run: FlowRun, *states: Any) -> None:
        """The run goes through these states."""
        for state in states:
            await self.client.set_flow_run_state(run.id, state, force=True)


async def deployed(client: PrefectClient, flow: Any) -> Pool:
    name = f"pool-{uuid4().hex[:8]}"
    await client.create_work_pool(WorkPoolCreate(name=name, type="process"))
    kind = EntrypointType.MODULE_PATH
    made = await flow.ato_deployment(name, work_pool_name=name, entrypoint_type=kind)
    return Pool(client, await made.aapply(), f"{flow.name}/{name}")


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with get_client() as client:
        yield await deployed(client, edit_batch)


@pytest.fixture
def four(small_clip: Path) -> Rows:
    rows = [f'add a title saying "{word}"' for word in "abcd"]
    return [{"source": str(small_clip), "instructions": words, "resolution": "256x144"} for words in rows]


WAITS = StateType.SCHEDULED
WORKERS_SECOND_WORD_SECONDS = 4


async def test_a_batch_is_cut_into_runs_that_are_scheduled_again_and_collected(
    nemo: Nemo, pool: Pool, four: Rows, tmp_path: Path
) -> None:
    """One crashes and makes its videos the next time; one fails for good, and its rows with it."""
    server = nemo(instant_renders=True)
    wishes = {"deployment": pool.name, "chunk": 2, "max_credits": 900}
    batch = asyncio.create_task(edit_batch(four, str(tmp_path / "out"), **wishes))
    first, second = await pool.runs(WAITS, WAITS)
    assert [row["instructions"] for row in first.parameters["manifest"]] == [[row["instructions"]] for row in four[:2]]
    assert first.parameters["max_credits"] == 100
    named = FlowRunFilter(name=FlowRunFilterName(any_=["batch of 4"]))
    parents = await pool.client.read_flow_runs(flow_run_filter=named)
    assert [run.state.is_running() for run in parents if run.state].count(True) == 1
    await pool.become(first, Pending(), Running(), Crashed(message="the process is gone"))
    # A worker says it twice: when it sees it, and when it has loaded the flow for its hooks.
    await asyncio.sleep(WORKERS_SECOND_WORD_SECONDS)
    with pytest.raises(Abort):
        await propose_state(pool.client, Crashed(message="the process is gone"), flow_run_id=first.id)
    first, second = await pool.runs(WAITS, WAITS)
    process = begin(first)
    for _ in range(2):
        await pool.become(second, Failed(message="no disk"))
        await pool.runs(StateType.COMPLETED, WAITS)
    assert process.wait() == 0
    names = [run.name for run in await pool.runs(StateType.COMPLETED, WAITS)]
    assert names == [first.name, second.name]
    await pool.become(second, Failed(message="no disk"))
    result = await batch
    assert (result.completed, result.failed, result.credits_spent) == (2, 2, 100)
    assert [isinstance(item, VideoResult) for item in result.items] == [True, True, False, False]
    assert isinstance(result.items[2], FailedVideo)
    assert "ended as Failed: no disk. What it was charged can't be told here" in result.items[2].error.message
    assert server.writes().count("run_sse") == 2


async def test_a_run_that_is_retried_has_no_new_budget(nemo: Nemo, pool: Pool, four: Rows, tmp_path: Path) -> None:
    """What it spent before it died counts; a run of its own has its own."""
    server = nemo(instant_renders=True)
    given = {"manifest": four, "archive": str(tmp_path / "out"), "max_credits": 100, "concurrency": 1}
    (deployment,) = await pool.client.read_deployments(deployment_filter=pool.of)
    for attempts, charged in ((2, 100), (1, 200)):
        run = await pool.client.create_flow_run_from_deployment(deployment.id, parameters=given)
        for attempt in range(attempts):
            if attempt:
                await pool.become(run, AwaitingRetry())
            assert await asyncio.to_thread(begin(run).wait) == 0
            assert server.charged() == charged


async def test_a_parent_that_was_killed_finds_the_runs_that_it_made(
    nemo: Nemo, pool: Pool, four: Rows, tmp_path: Path
) -> None:
    """Retried, it makes no others, and waits for these."""
    nemo(instant_renders=True)
    wishes = {"manifest": four, "archive": str(tmp_path / "out"), "deployment": pool.name, "chunk": 2}
    parent = await pool.client.create_flow_run(edit_batch, parameters=wishes)
    process = begin(parent)
    first, second = await pool.runs(WAITS, WAITS)
    process.kill()
    process.wait()
    await pool.become(parent, Crashed(), AwaitingRetry())
    process = begin(parent)
    await pool.become(first, Completed())
    await pool.become(second, Completed())
    assert await asyncio.to_thread(process.wait) == 0
    assert [run.id for run in await pool.runs(StateType.COMPLETED, StateType.COMPLETED)] == [first.id, second.id]
    assert (await pool.client.read_flow_run(parent.id)).run_count == 2


async def test_a_parent_that_is_only_told_to_end_leaves_its_runs_at_work(
    nemo: Nemo, pool: Pool, four: Rows, tmp_path: Path
) -> None:
    """An eviction: SIGTERM, and nobody cancelled anything."""
    nemo(instant_renders=True)
    wishes = {"manifest": four, "archive": str(tmp_path / "out"), "deployment": pool.name, "chunk": 2}
    process = begin(await pool.client.create_flow_run(edit_batch, parameters=wishes))
    first, _ = await pool.runs(WAITS, WAITS)
    await pool.become(first, Pending(), Running())
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait)
    await pool.runs(StateType.RUNNING, WAITS)


async def test_runs_that_were_cancelled_with_their_parent_are_scheduled_again_when_it_is_retried(
    nemo: Nemo, pool: Pool, four: Rows, tmp_path: Path
) -> None:
    """Once: a person who then cancels them means them."""
    nemo(instant_renders=True)
    wishes = {"manifest": four, "archive": str(tmp_path / "out"), "deployment": pool.name, "chunk": 2}
    parent = await pool.client.create_flow_run(edit_batch, parameters=wishes)
    process = begin(parent)
    first, second = await pool.runs(WAITS, WAITS)
    # As a worker passes on that somebody cancelled it.
    await pool.become(parent, Cancelling())
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait)
    await pool.runs(StateType.CANCELLED, StateType.CANCELLED)
    await pool.become(parent, Cancelled(), AwaitingRetry())
    process = begin(parent)
    again = await pool.runs(WAITS, WAITS)
    assert [run.id for run in again] == [first.id, second.id]
    for run in again:
        await pool.become(run, Cancelled())
    assert await asyncio.to_thread(process.wait) == 0
    await pool.runs(StateType.CANCELLED, StateType.CANCELLED)


async def test_a_parent_that_is_cancelled_cancels_its_runs(nemo: Nemo, pool: Pool, four: Rows, tmp_path: Path) -> None:
    """What nobody has begun is cancelled at once; what a worker has begun is left to it to stop."""
    nemo(instant_renders=True)
    batch = asyncio.create_task(edit_batch(four, str(tmp_path / "out"), deployment=pool.name, chunk=2))
    first, _ = await pool.runs(WAITS, WAITS)
    await pool.become(first, Pending(), Running())
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    await pool.runs(StateType.CANCELLING, StateType.CANCELLED)


async def test_a_parent_that_is_cancelled_while_it_makes_its_runs_leaves_none_to_the_workers(
    nemo: Nemo, pool: Pool, small_clip: Path, tmp_path: Path
) -> None:
    nemo(instant_renders=True)
    rows = [{"source": str(small_clip), "instructions": f'add a title saying "{at}"'} for at in range(12)]
    batch = asyncio.create_task(edit_batch(rows, str(tmp_path / "out"), deployment=pool.name, chunk=1))
    await pool.any_runs()
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    assert {run.state.type for run in await pool.any_runs() if run.state} == {StateType.CANCELLED}


async def test_a_deployment_that_won_t_do_is_told_before_anything_is_sent(
    nemo: Nemo, four: Rows, tmp_path: Path
) -> None:
    """One that isn't there, and one of another flow."""
    server = nemo()
    async with get_client() as client:
        other = await deployed(client, edit_video)
    for name, sentence in {"edit-batch/none": "There is no deployment", other.name: "is not one of edit_batch"}.items():
        with pytest.raises(BadInput, match=sentence):
            await edit_batch(four, str(tmp_path / "out"), deployment=name)
    assert server.writes() == []
