"""Prefect's own ways of running again: a retry of the run, a retry of a step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from nemo_server import NemoServer
from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import FlowRunSort
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry
from prefect_server import PrefectServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import RequestRefused
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.results import VideoResult

Nemo = Callable[..., NemoServer]

SMALL = OutputSpec(resolution="720p")


async def test_a_failed_run_that_is_retried_does_not_repeat_its_finished_steps(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """The same run again, as the UI's retry has a worker do it: from its stored parameters, with what is finished."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", "status", status=403, code=4030, message="Not now.")
    with pytest.raises(RequestRefused):
        await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)
    service.heal()
    async with get_client() as client:
        (failed,) = await client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)
        await client.set_flow_run_state(failed.id, AwaitingRetry(), force=True)
        run = await client.read_flow_run(failed.id)
    result = await run_flow_async(edit_video, flow_run=run, parameters=run.parameters)
    assert isinstance(result, VideoResult)
    assert result.resumed
    assert [service.writes().count(name) for name in ("create_session", "upload", "run_sse")] == [1, 1, 1]
    assert service.charged() == 50


async def test_a_step_is_tried_again_when_that_can_help(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """A service in trouble for longer than the client is patient: the step is tried again, the job goes through."""
    service = nemo(instant_renders=True)
    service.fault("credits", "status", status=503, times=6)
    result = await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)
    assert isinstance(result, VideoResult)
    assert service.charged() == 50
