"""A batch in one session, run again: each result holds its own footage, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from nemo_server import NemoServer
from session_batches import REFUSED, Rows, said, statuses

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.blocks.session import NemoVideoSession
from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.flows.delivery import of_other_videos
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.results import FailedVideo, VideoResult
from prefect_nemovideo.tasks.sources import Source

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


async def test_an_answer_is_given_to_the_video_that_was_asked_about(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    """Another video has had the timeline since: the answer first of all gives it back."""
    service = nemo(instant_renders=True)
    rows[0]["instructions"] = "add a title"
    first = await batch(rows)
    assert statuses(first) == ["failed", "completed"]
    again = await batch(rows, answers=["add a title saying Paradise"])
    assert statuses(again) == ["completed", "completed"]
    made = again.items[0]
    assert isinstance(made, VideoResult)
    assert said(service)[-1] == "Use only a.mp4. add a title saying Paradise"
    assert "a (0-1s)" in made.timeline
    assert made.duration_seconds == pytest.approx(1, abs=0.1)
    assert (made.as_requested, service.charged()) == (True, 100)


async def test_an_answer_in_the_same_run_is_given_to_the_row_s_own_video(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    """A question changes nothing: the timeline is still the video's before, also for the answer."""
    nemo(instant_renders=True)
    rows[1]["instructions"] = "add a title"
    made = (await batch(rows, answers=["add a title saying Paradise"])).items[1]
    assert isinstance(made, VideoResult)
    assert (made.duration_seconds, made.as_requested) == (pytest.approx(3, abs=0.1), True)


async def test_a_video_that_can_not_be_named_for_sure_is_not_edited_again(
    nemo: Nemo, clips: Path, rows: Rows, batch: Callable[..., Any]
) -> None:
    """Two files of one name: which of them the editor takes is its choice."""
    service = nemo(instant_renders=True)
    (clips / "deep").mkdir()
    rows[0]["instructions"] = "add a title"
    rows[1]["source"] = str(shutil.copy(clips / "b.mp4", clips / "deep" / "a.mp4"))
    await batch(rows)
    again = await batch(rows, answers=["add a title saying Paradise"])
    assert statuses(again) == ["failed", "completed"]
    assert "several files called a.mp4" in again.items[0].error.message
    assert service.charged() == 50


@pytest.mark.parametrize(
    ("endpoint", "trouble", "code"),
    [
        ("render_submit", REFUSED, "request_refused"),
        ("render_status", {"action": "set_field", "field": "status", "value": "failed"}, "render_failed"),
    ],
)
async def test_the_rows_after_a_video_that_is_not_rendered_wait_for_it(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any], endpoint: str, trouble: dict[str, Any], code: str
) -> None:
    """They would take its timeline. The same command renders it first, for free, and goes on with them."""
    service = nemo(instant_renders=True)
    service.fault(endpoint, **trouble)
    for _ in range(2):
        result = await batch(rows)
        assert statuses(result) == ["failed", "deferred"]
        assert result.items[0].error.code == code
        assert "Not started: a.mp4 was edited and is not delivered" in result.items[1].error.message
        assert service.charged() == 50
    service.heal()
    result = await batch(rows)
    assert statuses(result) == ["completed", "completed"]
    assert [item.duration_seconds for item in result.items] == pytest.approx([1, 3], abs=0.1)
    assert service.charged() == 100


async def test_a_video_that_was_made_elsewhere_meanwhile_lets_the_rows_after_it_go_on(
    nemo: Nemo, rows: Rows, tmp_path: Path, batch: Callable[..., Any]
) -> None:
    """The archive has it: nobody waits for its timeline any more."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", **REFUSED)
    assert statuses(await batch(rows)) == ["failed", "deferred"]
    service.heal()
    assert (await edit_batch(rows[:1], str(tmp_path / "out"), restart=True)).completed == 1
    assert statuses(await batch(rows)) == ["completed", "completed"]


async def test_a_video_that_was_made_elsewhere_and_will_not_do_lets_them_go_on_too(
    nemo: Nemo, rows: Rows, tmp_path: Path, batch: Callable[..., Any]
) -> None:
    """It is delivered, in a size that `strict` refuses."""
    service = nemo(instant_renders=True)
    rows[0]["resolution"] = "123x77"
    service.fault("render_submit", **REFUSED)
    assert statuses(await batch(rows)) == ["failed", "deferred"]
    service.heal()
    assert (await edit_batch(rows[:1], str(tmp_path / "out"), restart=True)).completed == 1
    again = await batch(rows, strict=True)
    assert again.items[0].error.code == "not_as_requested"
    assert statuses(again) == ["failed", "completed"]


async def test_the_video_that_has_the_timeline_goes_first(nemo: Nemo, rows: Rows, batch: Callable[..., Any]) -> None:
    """The row before it has an answer now; it would take the timeline of what is edited and not rendered."""
    service = nemo(instant_renders=True)
    rows[0]["instructions"] = "add a title"
    service.fault("render_submit", **REFUSED)
    assert statuses(await batch(rows)) == ["failed", "failed"]
    service.heal()
    again = await batch(rows, answers=["add a title saying Paradise"])
    assert statuses(again) == ["completed", "completed"]
    assert [item.duration_seconds for item in again.items] == pytest.approx([1, 3], abs=0.1)
    assert service.charged() == 100


async def test_a_video_whose_timeline_was_taken_is_neither_edited_nor_rendered_any_more(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    """Its first edit was made, its second asked something, and the next row came. An answer would edit that one's."""
    service = nemo(instant_renders=True)
    rows[0]["instructions"] = ["sharpen the details", "add a title"]
    assert statuses(await batch(rows)) == ["failed", "completed"]
    writes = service.writes()
    again = await batch(rows, answers=["add a title saying Paradise"])
    assert statuses(again) == ["failed", "completed"]
    error = again.items[0].error
    assert error.code == "job_failed"
    assert "b.mp4 has had the timeline since" in error.message
    assert "charged" in error.message
    assert "--force" in error.next_step
    assert (service.writes(), service.charged()) == (writes, 100)


async def test_a_render_that_goes_on_at_the_service_is_taken_though_others_were_made_since(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was begun from its own timeline, and needs it no more: the rows after it don't wait."""
    service = nemo(instant_renders=True, render_seconds=3)
    with monkeypatch.context() as hurry:
        hurry.setenv("NEMO_RENDER_TIMEOUT_SECONDS", "0.2")
        first = await batch(rows)
    assert first.items[0].error.code == "deadline_passed"
    assert "deferred" not in statuses(first)
    again = await batch(rows)
    assert statuses(again) == ["completed", "completed"]
    assert [item.duration_seconds for item in again.items] == pytest.approx([1, 3], abs=0.1)
    assert [item.as_requested for item in again.items] == [True, True]
    assert "a (0-1s)" in again.items[0].timeline
    assert (len(service.renders()), service.charged()) == (2, 100)


async def test_a_render_that_is_cancelled_is_not_begun_anew_from_another_video_s_timeline(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went on at the service, and came to nothing there; what is on the timeline now is another video."""
    service = nemo(instant_renders=True, render_seconds=60)
    with monkeypatch.context() as hurry:
        hurry.setenv("NEMO_RENDER_TIMEOUT_SECONDS", "0.2")
        running = asyncio.create_task(batch(rows))
        await asyncio.to_thread(service.is_asked, "run_sse", 2)
        service.options(render_seconds=0)
        await service.cancel_next_render()
        assert statuses(await running)[0] == "failed"
    again = await batch(rows)
    assert statuses(again) == ["failed", "completed"]
    assert "b.mp4 has had the timeline since" in again.items[0].error.message
    assert (len(service.renders()), service.charged()) == (2, 100)


async def test_what_is_missing_in_the_archive_is_fetched_once_more(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    """From its own render: the timeline is another video's by now."""
    service = nemo(instant_renders=True)
    first = await batch(rows)
    Path(unquote(urlsplit(first.items[0].uri).path)).unlink()
    again = await batch(rows)
    assert [item.sha256 for item in again.items] == [item.sha256 for item in first.items]
    assert again.items[0].timeline == first.items[0].timeline
    assert (len(service.renders()), service.charged()) == (2, 100)


async def test_a_video_that_was_edited_side_by_side_goes_on_in_its_own_session(
    nemo: Nemo, rows: Rows, tmp_path: Path, batch: Callable[..., Any]
) -> None:
    service = nemo(instant_renders=True)
    service.fault("render_submit", **REFUSED)
    await edit_batch(rows[:1], str(tmp_path / "out"))
    service.heal()
    assert statuses(await batch(rows)) == ["completed", "completed"]
    assert service.charged() == 100


async def test_a_row_that_failed_before_it_was_edited_holds_nobody_up(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    service = nemo(instant_renders=True)
    service.fault("run_sse", "envelope_error", code=4001, times=1)
    result = await batch(rows)
    assert isinstance(result.items[0], FailedVideo)
    assert statuses(result) == ["failed", "completed"]
    assert statuses(await batch(rows)) == ["completed", "completed"]
    assert said(service)[-1] == "Use only a.mp4. sharpen the details"


@pytest.mark.parametrize(
    ("clips", "told"),
    [
        (["b"], []),
        (["b", "a"], ["It is to hold b.mp4 alone, and holds a too."]),
        (["a.mp4"], ["It is to hold b.mp4 alone, and holds a.mp4 instead."]),
        (["made by the editor"], []),
    ],
)
def test_a_video_that_is_another_one_says_so(clips: list[str], told: list[str]) -> None:
    """Also where an earlier run, or somebody else, has uploaded that one: the session shows its name."""
    block = NemoVideoSession(session_id="1", account="me", profile="video-4k")
    source = Source(where="b.mp4", kind="file", name="b.mp4", bytes=1, identity="b")
    wishes = Wishes([source], ["sharpen"], OutputSpec(), None, "b-1.mp4", alone=True)
    assert of_other_videos(clips, wishes, Saved(None, block, "me", "video-4k"), ["a.mp4", "b.mp4"]) == told
