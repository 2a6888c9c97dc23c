"""Many videos by one call: a failure stays in its row, what is done is skipped, the budget holds."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nemo_server import TOKEN, NemoServer
from pydantic import SecretStr

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks import NemoVideoCredentials
from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.flows.plan_batch import plan_batch
from prefect_nemovideo.manifests import rows_given
from prefect_nemovideo.results import BatchReport, FailedVideo, VideoResult
from prefect_nemovideo.tasks.limits import read_limit, set_limit

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
Rows = list[dict[str, Any]]
WORDS = ("sharpen the details", "make it black and white", "make it brighter", "trim the first half second")


@pytest.fixture
def rows(small_clip: Path, tmp_path: Path) -> Rows:
    """Two clips that can be edited, and one file that isn't there."""
    other = tmp_path / "other.mp4"
    shutil.copy(small_clip, other)
    return [
        {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "720p"},
        {"source": str(other), "instructions": ["make it black and white"], "resolution": "720p"},
        {"source": str(tmp_path / "none.mp4"), "instructions": "make it square", "resolution": "720p"},
    ]


@pytest.fixture
def four(small_clip: Path) -> Rows:
    """Four jobs on one clip."""
    return [{"source": str(small_clip), "instructions": words, "resolution": "720p"} for words in WORDS]


def reports(rows: Rows, folder: Path) -> BatchReport:
    return BatchReport.model_validate_json((folder / f"{rows_given(rows).name}.batch.json").read_text())


async def test_a_failure_stays_in_its_row_and_the_rest_is_skipped_the_next_time(
    nemo: Nemo, rows: Rows, tmp_path: Path
) -> None:
    """Two are made and one is told; again, two are there already and nothing is sent for them."""
    server = nemo(instant_renders=True)
    first = await edit_batch(rows, str(tmp_path / "out"))
    assert (first.status, first.completed, first.skipped, first.failed) == ("partly", 2, 0, 1)
    assert first.credits_spent == 100
    assert [item.status for item in first.items] == ["completed", "completed", "failed"]
    # The balance moved by the documented price of both: then each one's is known.
    assert [item.credits_spent for item in first.items if isinstance(item, VideoResult)] == [50, 50]
    writes = server.writes()
    assert writes.count("upload") == 2
    again = await edit_batch(rows, str(tmp_path / "out"))
    assert (again.completed, again.skipped, again.failed, again.credits_spent) == (0, 2, 1, 0)
    # What each one cost then is not forgotten.
    assert [item.credits_spent for item in again.items if isinstance(item, VideoResult)] == [50, 50]
    assert server.writes() == writes
    assert server.charged() == 100


async def test_a_row_that_is_made_anew_has_not_the_price_of_then(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """The film is the same, byte for byte; what it cost this time is known of the whole alone."""
    server = nemo(instant_renders=True)
    first = await edit_batch(rows[:2], str(tmp_path / "out"))
    assert [item.credits_spent for item in first.items if isinstance(item, VideoResult)] == [50, 50]
    server.options(credits_per_edit=60)
    again = await edit_batch(rows[:2], str(tmp_path / "out"), force=True)
    videos = [item for item in again.items if isinstance(item, VideoResult)]
    assert [item.sha256 for item in videos] == [item.sha256 for item in first.items if isinstance(item, VideoResult)]
    assert again.credits_spent == 120
    assert [item.credits_spent for item in videos] == [None, None]


async def test_what_would_cross_the_budget_is_deferred(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """Side by side too: with credits for one edit, one video is made and the other is not started."""
    server = nemo(instant_renders=True)
    result = await edit_batch(rows[:2], str(tmp_path / "out"), max_credits=60)
    assert (result.status, result.completed, result.deferred) == ("partly", 1, 1)
    assert server.charged() == 50
    assert server.writes().count("create_session") == 1


async def test_what_a_failure_did_not_cost_is_spent_on_others(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """The first session is refused before any edit: its share of the budget makes the second video."""
    server = nemo(instant_renders=True)
    server.fault("upload", "envelope_error", code=4001, times=1)
    result = await edit_batch(rows[:2], str(tmp_path / "out"), max_credits=60)
    assert (result.completed, result.failed, result.deferred) == (1, 1, 0)
    assert server.charged() == 50


async def test_a_video_that_costs_more_than_one_may_is_deferred(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """Two edits at 50 credits are not started where 60 are allowed for one video."""
    server = nemo(instant_renders=True)
    given = [{"source": str(small_clip), "instructions": "|".join(WORDS[:2])}]
    result = await edit_batch(given, str(tmp_path / "out"), max_credits_per_video=60)
    (item,) = result.items
    assert isinstance(item, FailedVideo)
    assert (item.status, item.error.code) == ("deferred", "budget_reached")
    assert "--max-credits-per-video" in item.error.next_step
    assert server.writes() == []


async def test_an_empty_account_stops_new_work_and_finishes_what_runs(nemo: Nemo, four: Rows, tmp_path: Path) -> None:
    """Credits for two edits: two videos are delivered, the other two are deferred, and nothing is uploaded in vain."""
    server = nemo(instant_renders=True, token_credits=100)
    result = await edit_batch(four, str(tmp_path / "out"), concurrency=1)
    assert (result.completed, result.failed, result.deferred) == (2, 0, 2)
    codes = [item.error.code for item in result.items if isinstance(item, FailedVideo)]
    assert codes == ["out_of_credits", "out_of_credits"]
    assert server.writes().count("upload") == 2


async def test_a_plan_that_may_not_export_is_met_once(nemo: Nemo, four: Rows, tmp_path: Path) -> None:
    """The second video would be paid for and could not be had: it is not started."""
    server = nemo(instant_renders=True, plan="free")
    result = await edit_batch(four, str(tmp_path / "out"), concurrency=1)
    assert (result.failed, result.deferred) == (1, 3)
    assert server.charged() == 50
    told = [item.error.message for item in result.items if isinstance(item, FailedVideo) and item.status == "deferred"]
    assert all(message.startswith("Not started: Your plan may not export") for message in told)
    assert all(message.endswith("Nothing was charged.") and "spent" not in message for message in told)


async def test_too_many_requests_make_a_batch_wait_and_fail_nothing(nemo: Nemo, four: Rows, tmp_path: Path) -> None:
    """However long it lasts: longer here than the tries of a video's steps, which go on where they were."""
    server = nemo(instant_renders=True)
    server.fault("create_session", "retry_after", seconds=0.2, times=15)
    result = await edit_batch(four[:2], str(tmp_path / "out"))
    assert result.completed == 2
    assert server.writes().count("create_session") == 17
    assert server.charged() == 100


async def test_an_account_s_limit_holds_over_all_runs(nemo: Nemo, four: Rows, tmp_path: Path) -> None:
    """With one slot, two batches at once make one video after another."""
    server = nemo(instant_renders=True)
    account = NemoVideoCredentials(token=SecretStr(TOKEN)).account()
    await set_limit(account, 1)
    await asyncio.gather(*(edit_batch([row], str(tmp_path / "out")) for row in four[:2]))
    assert [write for write in server.writes() if write != "upload"] == [
        "create_session",
        "run_sse",
        "render_submit",
    ] * 2
    assert await read_limit(account) == (1, 0)


@pytest.mark.parametrize("at", [0, 2])
async def test_the_same_job_twice_is_done_once(nemo: Nemo, small_clip: Path, tmp_path: Path, at: int) -> None:
    """Also under another path; the other row gets the same result and says so. Another name is another file."""
    server = nemo(instant_renders=True)
    (tmp_path / "deep").mkdir()
    shutil.copy(small_clip, tmp_path / "deep" / small_clip.name)
    row = {"source": str(small_clip), "instructions": WORDS[0], "resolution": "720p"}
    given = [row, {**row, "source": str(tmp_path / "deep" / small_clip.name)}]
    given.insert(at, {**row, "name": "monday"})
    result = await edit_batch(given, str(tmp_path / "out"), concurrency=1)
    third = result.items.pop(at)
    first, second = result.items
    assert isinstance(first, VideoResult)
    assert isinstance(second, VideoResult)
    assert isinstance(third, VideoResult)
    assert second.uri == first.uri
    noted = first.warnings + second.warnings
    assert noted == [f"The same job as row {1 + (at == 0)}: it was made once."]
    assert Path(third.uri).name.startswith("monday-")
    assert third.sha256 == first.sha256
    assert server.charged() == 50
    assert server.writes().count("upload") == 1


async def test_a_name_that_two_rows_have_names_two_files(nemo: Nemo, four: Rows, tmp_path: Path) -> None:
    """The job's key in the name keeps them apart."""
    nemo(instant_renders=True)
    result = await edit_batch([{**row, "name": "monday"} for row in four[:2]], str(tmp_path / "out"))
    names = {Path(item.uri).name for item in result.items if isinstance(item, VideoResult)}
    assert result.completed == len(names) == 2


async def test_a_row_may_have_an_archive_and_a_language_of_its_own(nemo: Nemo, four: Rows, tmp_path: Path) -> None:
    """The video lies there; the session is opened in that language."""
    server = nemo(instant_renders=True)
    given = [{**four[0], "archive": str(tmp_path / "mine"), "language": "de"}]
    (item,) = (await edit_batch(given, str(tmp_path / "out"))).items
    assert isinstance(item, VideoResult)
    assert item.uri.startswith((tmp_path / "mine").as_uri())
    (request,) = server.requests("create_session")
    assert request["body"]["language"] == "de"


async def test_what_failed_is_tried_again_alone(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """By the report in the archive; the others keep their results there, and their footage isn't even looked at."""
    server = nemo(instant_renders=True)
    await edit_batch(rows, str(tmp_path / "out"))
    shutil.copy(rows[0]["source"], rows[2]["source"])
    Path(rows[1]["source"]).unlink()
    again = await edit_batch(rows, str(tmp_path / "out"), retry_failed=True)
    assert (again.status, again.completed, again.skipped, again.failed) == ("completed", 1, 2, 0)
    assert server.charged() == 150
    report = reports(rows, tmp_path / "out")
    assert [item.status for item in report.items] == ["completed"] * 3
    assert [row.source for row in report.rows] == [row["source"] for row in rows]


async def test_what_failed_is_not_told_by_a_report_alone(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """A video that is not in the archive any more is not called done."""
    nemo(instant_renders=True)
    (first, *_) = (await edit_batch(rows, str(tmp_path / "out"))).items
    assert isinstance(first, VideoResult)
    Path(first.uri.removeprefix("file://")).unlink()
    again = await edit_batch(rows, str(tmp_path / "out"), retry_failed=True)
    assert [item.status for item in again.items] == ["deferred", "completed", "failed"]


async def test_without_a_report_there_is_nothing_to_retry(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """Told before anything is sent."""
    server = nemo(instant_renders=True)
    with pytest.raises(BadInput, match="no report of an earlier run"):
        await edit_batch(rows, str(tmp_path / "out"), retry_failed=True)
    assert server.requests() == []


async def test_a_plan_sends_nothing(nemo: Nemo, rows: Rows, tmp_path: Path) -> None:
    """It tells sizes, prices, what is done and what will fail, by looking only."""
    server = nemo(instant_renders=True)
    await edit_batch(rows[:1], str(tmp_path / "out"))
    writes = server.writes()
    plan = await plan_batch([*rows, rows[1]], str(tmp_path / "out"))
    assert [row.status for row in plan.rows] == ["done", "to do", "failed", "same"]
    assert (plan.to_do, plan.done, plan.failed, plan.estimated_credits) == (1, 2, 1, 50)
    assert plan.bytes == Path(rows[1]["source"]).stat().st_size
    assert plan.estimated_seconds > 0
    assert plan.available_credits == 9_950
    assert server.writes() == writes
    assert json.loads(plan.model_dump_json())["rows"][0]["uri"]
