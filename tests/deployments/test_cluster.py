"""What deployments/ has, at work in a cluster: schedules, and the small form of `make cluster-test`."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cluster_trial
import psutil
import pytest
from cluster import BUCKET, Cluster, cluster
from cluster_trial import CREDITS_PER_EDIT
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.deployments import arun_deployment
from prefect.events.filters import EventFilter, EventNameFilter, EventRelatedFilter
from prefect.settings import PREFECT_API_URL, temporary_settings

#: The first start of everything, on a machine that is busy with other tests.
pytestmark = pytest.mark.timeout(400)
ARCHIVE = f"s3://{BUCKET}/scheduled"
LOOK_SECONDS = 0.5


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with all deployments of deployments/prefect.yaml."""
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(folder, dead_after_seconds=cluster_trial.DEAD_AFTER_SECONDS) as it:
        yield it


async def first_scheduled_run(client: PrefectClient, name: str, parameters: dict[str, Any]) -> FlowRun:
    """The first run that a schedule of a deployment makes, at its end."""
    deployment = (await client.read_deployment_by_name(name)).id
    # The services look for new schedules every few seconds: should they be late, the next minute does as well.
    soon = IntervalSchedule(interval=timedelta(minutes=1), anchor_date=datetime.now(UTC) + timedelta(seconds=10))
    (schedule,) = await client.create_deployment_schedules(deployment, [(soon, True)], parameters=parameters)
    ended: list[FlowRun] = []
    while not ended:
        await asyncio.sleep(LOOK_SECONDS)
        runs = await client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])))
        ended = [run for run in runs if run.state is not None and run.state.is_final()]
    await client.delete_deployment_schedule(deployment, schedule.id)
    return ended[0]


async def test_a_scheduled_run_of_each_deployment_completes(running: Cluster, small_clip: Path) -> None:
    """`prefect deploy --all` made them; the services make runs by their schedules, and workers do these."""
    clip = shutil.copy(small_clip, running.folder / "clip.mp4")
    wishes = {"archive": ARCHIVE, "output": {"resolution": "256x144"}, "session": "nightly"}
    rows = [{"source": str(clip), "instructions": "make it brighter", "resolution": "256x144"}]
    given = {
        "edit-video/single": {"source": str(clip), "instructions": "make it square", **wishes},
        "edit-batch/batch": {"manifest": rows, "archive": ARCHIVE},
        "edit-batch/chunk": {"manifest": rows, "archive": ARCHIVE, "part_of": "another batch"},
        "refine-session/refine": {"instructions": "make it darker", **wishes},
    }
    with temporary_settings({PREFECT_API_URL: running.api_urls[0]}):
        async with get_client() as client:
            made = {deployment.name for deployment in await client.read_deployments()}
            assert made == {name.partition("/")[2] for name in given}
            # What is refined is what the first of them saves.
            refined = given.pop("refine-session/refine")
            runs = await asyncio.gather(*(first_scheduled_run(client, *each) for each in given.items()))
            runs.append(await first_scheduled_run(client, "refine-session/refine", refined))
            for run in runs:
                assert run.auto_scheduled
                assert run.state is not None
                assert run.state.is_completed(), f"{run.name}: {run.state}"


async def test_prefects_own_retry_goes_on_where_a_killed_run_was(running: Cluster, small_clip: Path) -> None:
    """Killed in its second edit, called crashed by its worker, `prefect flow-run retry`: nothing is done again."""
    clip = shutil.copy(small_clip, running.folder / "retried.mp4")
    wishes: dict[str, Any] = {"archive": f"s3://{BUCKET}/retried", "output": {"resolution": "256x144"}}
    words = ["sharpen the details", 'add a title saying "Paradise Found"']
    running.nemo.options(edit_seconds=1.0, run_survives_disconnect=True)
    before, charged = Counter(running.nemo.writes()), running.nemo.charged()
    with temporary_settings({PREFECT_API_URL: running.api_urls[0]}):
        async with get_client() as client:
            wishes |= {"source": str(clip), "instructions": words}
            run = await arun_deployment("edit-video/single", parameters=wishes, timeout=0)
            await asyncio.to_thread(running.nemo.is_asked, "run_sse", before["run_sse"] + len(words))
            (process,) = (each for each in psutil.process_iter() if run_of(each) == str(run.id))
            process.kill()
            crashed = await ended(client, run)
            assert crashed.is_crashed(), crashed
            await reported(client, run)
            await asyncio.to_thread(running.python, "-m", "prefect", "flow-run", "retry", run.id)
            retried = await ended(client, run)
            assert retried.is_completed(), retried
    running.nemo.options(edit_seconds=0, run_survives_disconnect=False)
    once = dict.fromkeys(("create_session", "upload", "render_submit"), 1)
    assert Counter(running.nemo.writes()) - before == {**once, "run_sse": len(words)}
    assert running.nemo.charged() - charged == len(words) * CREDITS_PER_EDIT
    listed = running.s3.client().list_objects_v2(Bucket=BUCKET, Prefix="retried/")["Contents"]
    assert len([item for item in listed if item["Key"].endswith(".mp4")]) == 1


async def test_a_run_whose_process_died_is_scheduled_once_more_by_its_batch(running: Cluster) -> None:
    """Its worker lives and tells of the death twice: that is one death, and one more attempt."""
    batch = cluster_trial.Batch(running, "process", 2, chunk=2)
    running.nemo.options(edit_seconds=1.0, run_survives_disconnect=True)
    before, charged = Counter(running.nemo.writes()), running.nemo.charged()
    parent = batch.begin()
    try:
        await asyncio.to_thread(running.nemo.is_asked, "run_sse", before["run_sse"] + batch.jobs)
        with temporary_settings({PREFECT_API_URL: running.api_urls[0]}):
            async with get_client() as client:
                named = FlowRunFilter(name=FlowRunFilterName(any_=[f"{batch.name} 1"]))
                (run,) = await client.read_flow_runs(flow_run_filter=named)
                (process,) = (each for each in psutil.process_iter() if run_of(each) == str(run.id))
                process.kill()
                result = await asyncio.to_thread(batch.end, parent)
                states = await client.read_flow_run_states(run.id)
    finally:
        parent.kill()
    running.nemo.options(edit_seconds=0, run_survives_disconnect=False)
    assert result["completed"] == batch.jobs
    assert Counter(state.type for state in states)[StateType.CRASHED] == 1, states
    assert (Counter(running.nemo.writes()) - before)["run_sse"] == batch.jobs
    assert running.nemo.charged() - charged == batch.jobs * CREDITS_PER_EDIT


def run_of(process: psutil.Process) -> str | None:
    """The run for which a worker started this process."""
    try:
        return process.environ().get("PREFECT__FLOW_RUN_ID")
    except psutil.Error:
        return None


async def reported(client: PrefectClient, run: FlowRun) -> None:
    """Waits until the worker has said all it has to say of a run that died: its second word strikes a schedule out."""
    while True:
        about = EventFilter(
            event=EventNameFilter(name=["prefect.worker.executed-flow-run"]),
            related=EventRelatedFilter(id=[f"prefect.flow-run.{run.id}"]),
        )
        if (await client.read_events(about, limit=1)).events:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def ended(client: PrefectClient, run: FlowRun) -> State[Any]:
    """The state in which a run comes to an end."""
    while True:
        state = (await client.read_flow_run(run.id)).state
        if state is not None and state.is_final():
            return state
        await asyncio.sleep(LOOK_SECONDS)


def test_no_job_is_lost_or_done_twice_when_a_worker_dies(running: Cluster) -> None:
    """Its runs are called crashed by the automation of deployments/, and scheduled again by the batch."""
    counted = cluster_trial.survive(running, 20, chunk=5, kill_parent=False)
    assert counted == cluster_trial.wanted(20)
