"""The ways on that messages of a batch name: `--resend` and `--restart`, and nothing is sent again without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from nemo_server import NemoServer

from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.results import FailedVideo

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


@pytest.fixture
def batch(small_clip: Path, tmp_path: Path) -> Callable[..., Any]:
    """A batch of one row, in either mode."""
    row = {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "720p"}

    async def run(**wishes: Any) -> Any:
        return (await edit_batch([row], str(tmp_path / "out"), **wishes)).items[0]

    return run


@pytest.mark.parametrize("mode", ["fan-out", "session"])
async def test_a_row_of_unknown_outcome_is_sent_again_when_that_is_asked_for(
    nemo: Nemo, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    service = nemo(instant_renders=True)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service.fault("run_sse", "cut_stream", applied=False, times=1)
    for _ in range(2):
        item = await batch(mode=mode)
        assert isinstance(item, FailedVideo)
        assert item.error.code == "edit_unknown"
        assert "--resend" in item.error.next_step
        assert service.writes().count("run_sse") == 1
    assert (await batch(mode=mode, resend=True)).status == "completed"
    assert service.writes().count("run_sse") == 2


async def test_a_row_whose_session_is_gone_is_started_anew_when_that_is_asked_for(
    nemo: Nemo, batch: Callable[..., Any]
) -> None:
    service = nemo(instant_renders=True)
    service.fault("render_submit", "status", status=403, code=4030)
    assert (await batch()).error.code == "request_refused"
    async with httpx.AsyncClient() as control:
        assert (await control.post(f"{service.url}/_emulator/reset")).status_code == 200
    for _ in range(2):
        item = await batch()
        assert item.error.code == "session_gone"
        assert "--restart" in item.error.next_step
        assert service.writes().count("run_sse") == 0
    assert (await batch(restart=True)).status == "completed"
    assert service.writes().count("run_sse") == 1
