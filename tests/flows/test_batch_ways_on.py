"""The ways on that messages of a batch name: `--resend`, `--restart`, `--answer`. Without them nothing is sent."""

from __future__ import annotations

import json
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

    async def run(words: str = "sharpen the details", size: str = "720p", **wishes: Any) -> Any:
        row = {"source": str(small_clip), "instructions": words, "resolution": size}
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


@pytest.mark.parametrize("mode", ["fan-out", "session"])
async def test_a_row_whose_session_is_gone_is_started_anew_when_that_is_asked_for(
    nemo: Nemo, batch: Callable[..., Any], mode: str
) -> None:
    service = nemo(instant_renders=True)
    service.fault("render_submit", "status", status=403, code=4030)
    assert (await batch(mode=mode)).error.code == "request_refused"
    async with httpx.AsyncClient() as control:
        assert (await control.post(f"{service.url}/_emulator/reset")).status_code == 200
    for _ in range(2):
        item = await batch(mode=mode)
        assert item.error.code == "session_gone"
        assert "--restart" in item.error.next_step
        assert service.writes().count("run_sse") == 0
    assert (await batch(mode=mode, restart=True)).status == "completed"
    assert service.writes().count("run_sse") == 1


@pytest.mark.parametrize("mode", ["fan-out", "session"])
async def test_a_question_is_in_the_row_and_in_the_report_until_it_is_answered(
    nemo: Nemo, batch: Callable[..., Any], tmp_path: Path, mode: str
) -> None:
    service = nemo(instant_renders=True)
    item = await batch("add a title", mode=mode)
    assert item.error.question
    assert item.error.question in item.error.message
    assert "--answer" in item.error.next_step
    (report,) = (tmp_path / "out").glob("*.batch.json")
    assert json.loads(report.read_text())["items"][0]["error"]["question"] == item.error.question
    assert service.charged() == 0
    made = await batch("add a title", mode=mode, answers=["add a title saying Paradise"])
    assert [edit.outcome for edit in made.edits] == ["question", "applied"]
    assert service.charged() == 50


async def test_a_row_that_is_not_as_requested_fails_where_that_was_asked_for(
    nemo: Nemo, batch: Callable[..., Any]
) -> None:
    """Even sizes are all that the service makes. Taken once, it is no better for whoever asks strictly."""
    service = nemo(instant_renders=True)
    for _ in range(2):
        failed = await batch(size="123x77", strict=True)
        assert (failed.status, failed.error.code) == ("failed", "not_as_requested")
        assert (await batch(size="123x77")).as_requested is False
    assert service.charged() == 50
