"""A run that is stopped while it renders: who stopped it decides what becomes of the render at the service."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import command
import httpx
import pytest
from loopback import start, stop, wait_until
from nemo_server import NemoServer
from prefect.exceptions import TerminationSignal
from prefect_server import PrefectServer

from prefect_nemovideo.flows.cancelling import the_run
from prefect_nemovideo.flows.stopping import Rendering, ended_with_the_run
from prefect_nemovideo.progress import watch
from prefect_nemovideo.tasks import Job

Nemo = Callable[..., NemoServer]
PREFECT_YAML = Path(__file__).parents[2] / "deployments" / "prefect.yaml"
#: A worker looks for work more often here than where it has a server to spare.
EAGER = {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_WORKER_PREFETCH_SECONDS": "1"}


class Told:
    """Keeps what is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def told(self, text: str) -> None:
        self.lines.append(text)

    def moved(self, what: str, done: float, total: float) -> None: ...

    def heard(self, piece: str) -> None: ...


@pytest.fixture
def words(
    small_clip: Path, tmp_path: Path, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """A small job as it is typed."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.api_url)
    archive = str(tmp_path / "out")
    return [
        "edit",
        str(small_clip),
        "-i",
        "sharpen the details",
        "--resolution",
        "720p",
        "--archive",
        archive,
        "--json",
    ]


def cancellations(service: NemoServer) -> int:
    return service.writes().count("render_cancel")


def test_ctrl_c_cancels_the_render_once_and_says_what_was_spent(nemo: Nemo, words: list[str]) -> None:
    service = nemo(instant_renders=True, render_seconds=60)
    process = command.begin(*words)
    service.is_asked("render_status")
    process.send_signal(signal.SIGINT)
    ended = command.end(process)
    assert ended.code == 130, ended.err
    assert cancellations(service) == 1
    assert "Interrupted. 50 credits were spent; the edit made is kept." in ended.err


def test_ctrl_c_in_the_middle_of_an_edit_says_that_it_may_be_charged(nemo: Nemo, words: list[str]) -> None:
    service = nemo(instant_renders=True, edit_seconds=30)
    process = command.begin(*words)
    service.is_asked("run_sse")
    process.send_signal(signal.SIGINT)
    ended = command.end(process)
    assert ended.code == 130, ended.err
    assert cancellations(service) == 0
    assert "“sharpen the details” was being carried out and may be charged too." in ended.err


def test_a_run_that_is_told_to_end_leaves_its_render_to_the_next_one(nemo: Nemo, words: list[str]) -> None:
    """An eviction: SIGTERM, and nobody cancelled anything."""
    service = nemo(instant_renders=True, render_seconds=4)
    process = command.begin(*words)
    service.is_asked("render_status")
    process.send_signal(signal.SIGTERM)
    ended = command.end(process)
    assert ended.code != 0
    assert "is left for whoever goes on" in ended.err
    assert cancellations(service) == 0
    again = command.run(*words)
    assert (again.code, again.document["resumed"]) == (0, True), again.err
    assert service.writes().count("render_submit") == 1
    assert service.charged() == 50


def prefects_own(number: int, frame: FrameType | None) -> None:
    """What Prefect's engine answers to SIGTERM."""
    raise TerminationSignal(signal=number)


@pytest.fixture
def heeds_signals() -> Iterator[None]:
    """A process in which Prefect listens."""
    before = signal.signal(signal.SIGTERM, prefects_own)
    yield
    signal.signal(signal.SIGTERM, before)


async def render_until(stopped: Callable[[], object]) -> None:
    """Something renders until something stops it."""
    the_run.set(asyncio.current_task())
    asyncio.get_running_loop().call_soon(stopped)
    with pytest.raises(asyncio.CancelledError):
        async with ended_with_the_run(Job(), Rendering("render_1"), "leave"):
            await asyncio.Event().wait()


@pytest.mark.usefixtures("heeds_signals")
async def test_a_signal_that_strikes_where_nobody_hears_it_ends_the_run_all_the_same() -> None:
    """In a callback of the event loop: what Prefect's handler raises there goes no further."""
    told = Told()
    watch(told)
    await render_until(lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert told.lines == ["Told to end: the render render_1 is left for whoever goes on."]


@pytest.mark.usefixtures("heeds_signals", "prefect_api")
async def test_a_signal_is_none_to_a_run_that_begins_later(nemo: Nemo) -> None:
    """A process may outlive it, and have other runs, which people cancel."""
    service = nemo()
    await asyncio.create_task(render_until(lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert cancellations(service) == 0
    run = asyncio.create_task(render_until(lambda: run.cancel()))
    await run
    assert cancellations(service) == 1


def test_a_job_that_fails_for_good_cancels_its_render_if_it_was_told_so(nemo: Nemo, words: list[str]) -> None:
    service = nemo(instant_renders=True, render_seconds=60)
    late = command.run(*words, "--on-failure", "cancel", NEMO_RENDER_TIMEOUT_SECONDS="0.2")
    assert late.code == 6, late.err
    assert cancellations(service) == 1
    error = late.document["error"]
    assert "was cancelled at the service too" in error["message"]
    assert "goes on" not in error["message"]
    assert error["next_step"].startswith("Run the same command again to render anew, free of credits")


def test_a_command_s_run_that_is_cancelled_in_prefect_ends_and_cancels_its_render(
    nemo: Nemo, words: list[str], prefect_server: PrefectServer
) -> None:
    """No worker stands behind it that would pass the wish on: the run looks for itself."""
    service = nemo(instant_renders=True, render_seconds=60)
    process = command.begin(*words)
    service.is_asked("render_status")
    with httpx.Client(base_url=prefect_server.api_url + "/", timeout=60) as prefect:
        running = prefect.post(
            "flow_runs/filter", json={"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
        ).json()
        archive = words[words.index("--archive") + 1]
        (run,) = (f"flow_runs/{run['id']}" for run in running if archive in run["parameters"].values())
        prefect.post(f"{run}/set_state", json={"state": {"type": "CANCELLING"}}).raise_for_status()
        ended = command.end(process)
        assert prefect.get(run).json()["state"]["type"] == "CANCELLED"
    assert ended.code == 130, ended.err
    assert "Interrupted. 50 credits were spent; the edit made is kept." in ended.err
    assert [render["status"] for render in service.renders()] == ["cancelled"]
    assert cancellations(service) == 1
    assert "Traceback" not in ended.err


@pytest.fixture
def worker(prefect_server: PrefectServer, tmp_path: Path, nemo: Nemo) -> Iterator[NemoServer]:
    """A pool with the flows of `deployments/`, a worker at it, and the service that its jobs go to."""
    service = nemo(instant_renders=True, render_seconds=60)
    environment = {
        **service.environment(),
        **EAGER,
        "PREFECT_API_URL": prefect_server.api_url,
        "PREFECT_HOME": str(tmp_path / "worker"),
    }
    for line in (
        ["work-pool", "create", "nemovideo", "--type", "process"],
        ["--no-prompt", "deploy", "-n", "single", "--prefect-file", str(PREFECT_YAML)],
    ):
        command_line = [sys.executable, "-m", "prefect", *line]
        subprocess.run(command_line, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    log = tmp_path / "worker.log"
    process = start(
        [sys.executable, "-m", "prefect", "worker", "start", "--pool", "nemovideo"], log=log, environment=environment
    )
    try:
        yield service
    finally:
        stop(process)


def test_a_run_that_is_cancelled_in_prefect_cancels_its_render_once(
    worker: NemoServer, prefect_server: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """As `prefect flow-run cancel` and the UI do it, with a worker that passes it on."""
    parameters = {
        "source": str(small_clip),
        "instructions": "sharpen the details",
        "archive": str(tmp_path / "out"),
        "output": {"resolution": "720p"},
    }
    with httpx.Client(base_url=prefect_server.api_url + "/", timeout=60) as prefect:
        deployment = prefect.get("deployments/name/edit-video/single").raise_for_status().json()["id"]
        made = prefect.post(
            f"deployments/{deployment}/create_flow_run", json={"parameters": parameters, "state": {"type": "SCHEDULED"}}
        )
        flow_run = made.raise_for_status().json()["id"]
        run, its_log = f"flow_runs/{flow_run}", {"logs": {"flow_run_id": {"any_": [flow_run]}}}
        worker.is_asked("render_status")
        prefect.post(f"{run}/set_state", json={"state": {"type": "CANCELLING"}}).raise_for_status()
        wait_until(lambda: prefect.get(run).json()["state"]["type"] == "CANCELLED", {})
        # Its last lines are on their way still.
        wait_until(lambda: "Stopped. 50 credits were spent" in prefect.post("logs/filter", json=its_log).text, {})
    assert [render["status"] for render in worker.renders()] == ["cancelled"]
    assert cancellations(worker) == 1
