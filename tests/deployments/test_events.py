"""What happens by itself on a real server: automations on the jobs' events, and runs for what arrives in a bucket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import pytest
import yaml
from loopback import S3Server
from nemo_server import NemoServer
from prefect import Flow
from prefect.automations import Automation, EventTrigger, Posture
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.events.actions import RunDeployment
from prefect.events.schemas.events import ResourceSpecification
from prefect.types.entrypoint import EntrypointType
from prefect_server import PrefectServer
from way import Way

from prefect_nemovideo.blocks import S3Archive
from prefect_nemovideo.flows import edit_batch, edit_video

DEPLOYMENTS = Path(__file__).parents[2] / "deployments"
#: What a server does in the background is done within seconds; only a hang takes so long.
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.2
#: A pool of its own: that of deployments/ may be on the server already.
POOL = "events"
JOBS = {"prefect.resource.id": "nemovideo.job.*"}


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """What `look` finds, once it finds something."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(LOOK_SECONDS)


@pytest.fixture
async def client(prefect_api: PrefectServer) -> AsyncIterator[PrefectClient]:
    """A client of the server, which forgets what this test has made there."""
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        yield client
        for automation in await client.read_automations():
            await client.delete_automation(automation.id)
        for deployment in await client.read_deployments(
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))
        ):
            await client.delete_deployment(deployment.id)
        await client.delete_work_pool(POOL)


async def deployed(flow: Flow[..., Any], name: str) -> UUID:
    """A deployment as deployments/prefect.yaml makes it."""
    deployment = await flow.ato_deployment(name, work_pool_name=POOL, entrypoint_type=EntrypointType.MODULE_PATH)
    return await deployment.aapply()


async def runs_of(client: PrefectClient, deployment: UUID) -> list[FlowRun]:
    return await client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])))


async def carried_out(client: PrefectClient, deployment: UUID, entrypoint: str, **parameters: Any) -> None:
    """A run of a deployment, in a process of its own as a worker starts it."""
    run = await client.create_flow_run_from_deployment(deployment, parameters=parameters)
    environment = {**os.environ, "PREFECT__FLOW_RUN_ID": str(run.id), "PREFECT_API_URL": str(client.api_url)}
    words = [sys.executable, "-m", "prefect.flow_engine", entrypoint]
    done = await asyncio.to_thread(subprocess.run, words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_job_s_event_starts_a_run_with_what_the_event_tells(
    client: PrefectClient, nemo: Callable[..., NemoServer], small_clip: Path, tmp_path: Path
) -> None:
    """An automation on each of the three events: its run is given the payload's words."""
    nemo(instant_renders=True, token_credits=500)
    following = await deployed(edit_video, "following")
    for what, told in (("completed", "uri"), ("failed", "next_step"), ("deferred", "message")):
        words = {"source": "{{ event.payload.source }}", "instructions": f"{what}: {{{{ event.payload.{told} }}}}"}
        await Automation(
            name=f"on {what}",
            trigger=EventTrigger(
                expect={f"nemovideo.job.{what}"}, match=ResourceSpecification(JOBS), posture=Posture.Reactive
            ),
            actions=[RunDeployment(deployment_id=following, parameters=words)],
        ).acreate()
    rows = [
        {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "256x144"},
        {"source": str(tmp_path / "none.mp4"), "instructions": "make it square", "resolution": "256x144"},
        {"source": str(small_clip), "instructions": "make it brighter|sharpen it", "resolution": "256x144"},
    ]
    out = tmp_path / "out"
    await edit_batch(rows, str(out), concurrency=1, max_credits=100)

    async def all_three() -> list[FlowRun]:
        found = await runs_of(client, following)
        return found if len(found) >= 3 else []

    given = {run.parameters["instructions"].partition(": "): run.parameters["source"] for run in await until(all_three)}
    assert {what: source for (what, _, _), source in given.items()} == {
        "completed": str(small_clip),
        "failed": str(tmp_path / "none.mp4"),
        "deferred": str(small_clip),
    }
    said = {what: words for what, _, words in given}
    assert said["completed"].startswith(f"file://{out}/")
    assert said["failed"].startswith("Check the path")
    assert "100" in said["deferred"]


async def test_a_queue_of_many_failures_is_paused(client: PrefectClient, tmp_path: Path) -> None:
    """By the automation of deployments/, after ten jobs of it have failed, and not after nine."""
    (wanted,) = [
        automation
        for automation in yaml.safe_load((DEPLOYMENTS / "automations.yaml").read_text())["automations"]
        if automation["name"] == "nemovideo-many-failures"
    ]
    await Automation.model_validate(wanted).acreate()
    chunk = await deployed(edit_batch, "chunk")
    queue = (await client.read_deployment(chunk)).work_queue_id
    assert queue is not None

    async def failing(count: int) -> None:
        missing = str(tmp_path / "none.mp4")
        rows = [{"source": missing, "instructions": f"cut it {number}"} for number in range(count)]
        given = {"manifest": rows, "archive": str(tmp_path / "out")}
        await carried_out(client, chunk, "prefect_nemovideo.flows.edit_batch.edit_batch", **given)

    async def paused() -> bool:
        return (await client.read_work_queue(queue)).is_paused

    await failing(9)
    assert not await paused()
    await failing(1)
    await until(paused)


async def test_what_arrives_in_a_bucket_is_edited_once(
    client: PrefectClient, ministack_s3: S3Server, small_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A video that the bucket tells of has a run at once; one whose message was lost is found by the list."""
    single = await deployed(edit_video, "single")
    for name, value in ministack_s3.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", ministack_s3.endpoint_url)
    bucket = ministack_s3.make_bucket()
    s3, sqs = ministack_s3.client(), boto3.client("sqs")
    queue = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    tells = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=tells)

    def put(key: str) -> None:
        s3.upload_file(str(small_clip), bucket, key)

    async def sources() -> list[str]:
        # Other tests of this server may have made runs of a deployment of this name.
        made = [run.parameters["source"] for run in await runs_of(client, single)]
        return sorted(source for source in made if source.startswith(f"s3://{bucket}/"))

    async def has(count: int) -> Any:
        return await until(lambda: _at_least(count, sources))

    await S3Archive(bucket=bucket, prefix="raw/done").asave("arrived", overwrite=True)
    parameters = {"instructions": "make it square", "archive": "arrived"}
    words = [f"s3://{bucket}/raw/", "--parameters", json.dumps(parameters)]
    command = [sys.executable, str(DEPLOYMENTS / "arrivals.py"), *words]
    environment = {**os.environ, "PREFECT_API_URL": str(client.api_url)}
    put("raw/before.mp4")
    watcher = await asyncio.create_subprocess_exec(*command, "--queue", queue, env=environment)
    try:
        await has(1)
        for key in ("raw/told of ä.mp4", "raw/notes.txt", "other/no.mp4", "raw/done/made.mp4", "raw/.new/on.mp4"):
            put(key)
        sqs.send_message(QueueUrl=queue, MessageBody="nothing of a bucket's")
        await has(2)
    finally:
        watcher.send_signal(signal.SIGINT)
        await watcher.wait()
    put("raw/missed.mov")
    sqs.purge_queue(QueueUrl=queue)
    assert await (await asyncio.create_subprocess_exec(*command, "--once", env=environment)).wait() == 0
    found = [f"s3://{bucket}/raw/{name}" for name in ("before.mp4", "missed.mov", "told of ä.mp4")]
    assert await sources() == found
    put("raw/before.mp4")
    assert await (await asyncio.create_subprocess_exec(*command, "--once", env=environment)).wait() == 0
    assert await sources() == found


async def _at_least(count: int, look: Callable[[], Awaitable[list[str]]]) -> list[str]:
    found = await look()
    return found if len(found) >= count else []


async def test_who_waits_for_videos_waits_for_the_bucket_too(
    client: PrefectClient, ministack_s3: S3Server, small_clip: Path
) -> None:
    """A bucket that does not answer for a while is told of, and listed when it does; what stays wrong ends it."""
    single = await deployed(edit_video, "single")
    bucket = ministack_s3.make_bucket()
    ministack_s3.client().upload_file(str(small_clip), bucket, "raw/waited for.mp4")
    environment = {**os.environ, **ministack_s3.environment(), "PREFECT_API_URL": str(client.api_url)}

    def begin(
        environment: dict[str, str], *words: str, parameters: str = '{"instructions": "cut it"}'
    ) -> Awaitable[asyncio.subprocess.Process]:
        command = [sys.executable, str(DEPLOYMENTS / "arrivals.py"), *words, "--parameters", parameters]
        return asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)

    async def sources() -> list[str]:
        made = [run.parameters["source"] for run in await runs_of(client, single)]
        return [source for source in made if source.startswith(f"s3://{bucket}/")]

    with Way(ministack_s3.endpoint_url) as way:
        await way.open()
        await way.close()
        away = {**environment, "AWS_ENDPOINT_URL_S3": way.api_url, "AWS_MAX_ATTEMPTS": "1"}
        watcher = await begin(away, f"s3://{bucket}/raw/", "--list-every", "1")
        assert watcher.stderr is not None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                said = (await watcher.stderr.readuntil(b"looks again every 1 s.")).decode()
            await way.open()
            assert await until(sources) == [f"s3://{bucket}/raw/waited for.mp4"]
        finally:
            watcher.send_signal(signal.SIGINT)
            said += (await watcher.stderr.read()).decode()
            await way.close()
    assert f"nobody answers at {way.api_url}" in said
    assert "Traceback" not in said
    assert await watcher.wait() == 130
    ends = {"": "makes no run of edit-video/single with these parameters", "-none": "the bucket does not exist"}
    for end, words in ends.items():
        ended = await begin(environment, f"s3://{bucket}{end}/raw/", parameters="{}")
        _, told = await ended.communicate()
        assert words in told.decode()
        assert "Traceback" not in told.decode()
        assert ended.returncode == 2


async def test_who_waits_for_videos_needs_the_deployment(client: PrefectClient) -> None:
    """Told before anything has arrived."""
    for deployment in await client.read_deployments():
        if deployment.name == "single":
            await client.delete_deployment(deployment.id)
    command = [sys.executable, str(DEPLOYMENTS / "arrivals.py"), "s3://films/raw/", "--parameters", "{}"]
    environment = {**os.environ, "PREFECT_API_URL": str(client.api_url)}
    ended = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
    assert "Error: The Prefect server has no deployment edit-video/single." in ended.stderr
    assert "Next: Make it there with: python deployments/set_up.py" in ended.stderr
    assert ended.returncode == 2
