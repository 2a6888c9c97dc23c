"""The ways on that messages of a batch name: `--resend`, `--restart`, `--answer`. Without them nothing is sent."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from nemo_server import NemoServer

from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.results import FailedVideo, VideoResult

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


@pytest.fixture
def two(small_clip: Path, tmp_path: Path) -> list[dict[str, Any]]:
    other = tmp_path / "other.mp4"
    shutil.copy(small_clip, other)
    return [
        {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "720p"},
        {"source": str(other), "instructions": "make it brighter", "resolution": "720p"},
    ]


async def test_nobody_edits_in_the_session_of_an_edit_of_unknown_outcome(
    nemo: Nemo, two: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next video's edits would be taken for it: that one waits until a person has decided."""
    service = nemo(instant_renders=True)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service.fault("run_sse", "cut_stream", applied=False, times=1)
    for _ in range(2):
        result = await edit_batch(two, str(tmp_path / "out"), mode="session")
        assert [item.status for item in result.items] == ["failed", "deferred"]
        assert isinstance(result.items[1], FailedVideo)
        assert "--resend" in result.items[1].error.next_step
        assert service.writes().count("run_sse") == 1
    result = await edit_batch(two, str(tmp_path / "out"), mode="session", resend=True)
    assert [item.status for item in result.items] == ["completed", "completed"]
    assert isinstance(result.items[0], VideoResult)
    assert "small (0-1s)" in result.items[0].timeline
    assert service.writes().count("run_sse") == 3


async def test_a_forced_batch_is_gone_on_with_until_all_is_made(
    nemo: Nemo, two: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made anew is not made again, what is unknown is not sent again; the next time is another one."""
    service = nemo(instant_renders=True)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service.fault("run_sse", "cut_stream", applied=False, times=1)
    for made, skipped in ((1, 0), (0, 1)):
        result = await edit_batch(two, str(tmp_path / "out"), force=True)
        assert (result.completed, result.skipped, result.failed) == (made, skipped, 1)
        assert (service.writes().count("run_sse"), service.charged()) == (2, 50)
    result = await edit_batch(two, str(tmp_path / "out"), force=True, resend=True)
    assert (result.completed, result.skipped, service.charged()) == (1, 1, 100)
    result = await edit_batch(two, str(tmp_path / "out"), force=True)
    assert (result.completed, result.skipped, service.charged()) == (2, 0, 200)


async def test_a_chunk_of_a_forced_batch_is_that_batch_s_each_time(
    nemo: Nemo, two: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Whichever run of its parent asks for it."""
    service = nemo(instant_renders=True)
    for made in (2, 0):
        result = await edit_batch(two, str(tmp_path / "out"), part_of="tonight", once_more="the batch's")
        assert (result.completed, result.skipped) == (made, 2 - made)
    assert service.charged() == 100
