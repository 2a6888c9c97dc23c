"""What deployments/ has, at work in a cluster: schedules, and the small form of `make cluster-test`."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cluster_trial
import pytest
from cluster import BUCKET, Cluster, cluster
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import IntervalSchedule
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


def test_no_job_is_lost_or_done_twice_when_a_worker_dies(running: Cluster) -> None:
    """Its runs are called crashed by the automation of deployments/, and scheduled again by the batch."""
    counted = cluster_trial.survive(running, 20, chunk=5, kill_parent=False)
    assert counted == cluster_trial.wanted(20)
