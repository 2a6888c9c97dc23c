"""Prefect's own ways of running again: a retry of the run, a retry of a step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from nemo_server import NemoServer
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry
from prefect_server import PrefectServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import RequestRefused
from prefect_nemovideo.flows import edit_video, refine_session
from prefect_nemovideo.results import VideoResult

Nemo = Callable[..., NemoServer]

SMALL = OutputSpec(resolution="720p")


async def last_run() -> FlowRun:
    """The run that was begun last."""
    async with get_client() as client:
        (run,) = await client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)
    return run


async def retried(flow: Any, run: FlowRun) -> VideoResult:
    """What the same run comes to once more."""
    async with get_client() as client:
        await client.set_flow_run_state(run.id, AwaitingRetry(), force=True)
        run = await client.read_flow_run(run.id)
    result = await run_flow_async(flow, flow_run=run, parameters=run.parameters)
    assert isinstance(result, VideoResult)
    return result


async def test_a_failed_run_that_is_retried_does_not_repeat_its_finished_steps(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """The same run again, as the UI's retry has a worker do it: from its stored parameters, with what is finished."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", "status", status=403, code=4030, message="Not now.")
    with pytest.raises(RequestRefused):
        await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)
    service.heal()
    result = await retried(edit_video, await last_run())
    assert result.resumed
    assert [service.writes().count(name) for name in ("create_session", "upload", "run_sse")] == [1, 1, 1]
    assert service.charged() == 50


async def test_a_retry_is_its_own_job_whatever_was_edited_since(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """In a saved session the same words later are another job; the same run is not."""
    service = nemo(instant_renders=True)
    name, out = f"retried-{uuid4().hex[:8]}", str(tmp_path / "out")
    await edit_video(str(small_clip), "sharpen the details", out, session=name, output=SMALL)
    service.fault("render_submit", "status", status=403, code=4030, message="Not now.")
    with pytest.raises(RequestRefused):
        await refine_session(name, "make it brighter", out, output=SMALL)
    failed = await last_run()
    service.heal()
    await refine_session(name, "add a title saying Hi", out, output=SMALL)
    assert service.charged() == 150
    assert (await retried(refine_session, failed)).resumed
    assert service.charged() == 150


async def test_a_step_is_tried_again_when_that_can_help(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """A service in trouble for longer than the client is patient: the step is tried again, the job goes through."""
    service = nemo(instant_renders=True)
    service.fault("state", "status", status=503, times=6)
    result = await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)
    assert isinstance(result, VideoResult)
    assert service.charged() == 50
