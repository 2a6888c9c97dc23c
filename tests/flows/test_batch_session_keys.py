"""Jobs and sessions of a batch in one session: what they are told by, so that nothing is paid twice."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nemo_server import NemoServer
from session_batches import REFUSED, Rows, said, statuses

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import JobFailed
from prefect_nemovideo.flows import edit_batch, edit_video

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


async def test_a_file_that_comes_before_yesterday_s_pays_for_itself_alone(
    nemo: Nemo, clips: Path, tmp_path: Path, batch: Callable[..., Any]
) -> None:
    """A video's place in the folder is no part of its job."""
    service = nemo(instant_renders=True)
    (clips / "a.mp4").rename(tmp_path / "a.mp4")
    wishes = {"instructions": "sharpen the details"}
    await batch(str(clips), **wishes)
    (tmp_path / "a.mp4").rename(clips / "a.mp4")
    result = await batch(str(clips), **wishes)
    assert (result.completed, result.skipped, service.charged()) == (1, 1, 100)
    assert said(service)[-1] == "sharpen the details"
    archived = sorted(path.name[:2] for path in (tmp_path / "out").glob("*.mp4"))
    assert archived == ["a-", "b-"]


async def test_a_job_that_two_rows_ask_for_is_done_once(nemo: Nemo, rows: Rows, batch: Callable[..., Any]) -> None:
    service = nemo(instant_renders=True)
    result = await batch([rows[0], rows[0]])
    assert statuses(result) == ["completed", "completed"]
    assert result.items[0].uri == result.items[1].uri
    assert service.writes().count("run_sse") == 1


async def test_the_same_files_elsewhere_are_the_same_batch(
    nemo: Nemo, clips: Path, rows: Rows, tmp_path: Path, batch: Callable[..., Any]
) -> None:
    """An edited video that is not delivered is gone on with, in its session."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", **REFUSED)
    await batch(rows[:1])
    service.heal()
    shutil.copytree(clips, tmp_path / "moved")
    rows[0]["source"] = str(tmp_path / "moved" / "a.mp4")
    assert statuses(await batch(rows[:1])) == ["completed"]
    assert (service.writes().count("create_session"), service.charged()) == (1, 50)


async def test_an_edited_video_goes_on_in_its_session_when_another_row_s_words_change(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    """The row with other words begins in a session of its own."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", **REFUSED)
    assert statuses(await batch(rows)) == ["failed", "deferred"]
    service.heal()
    rows[1]["instructions"] = "make it darker"
    result = await batch(rows)
    assert statuses(result) == ["completed", "completed"]
    assert [item.duration_seconds for item in result.items] == pytest.approx([1, 3], abs=0.1)
    assert service.charged() == 100


async def test_a_session_of_an_earlier_batch_that_is_gone_is_told_before_it_is_paid_again(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    """The row with other words has nothing in it, and is made."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", **REFUSED)
    await batch(rows)
    service.reset()
    rows[1]["instructions"] = "make it darker"
    result = await batch(rows)
    assert [getattr(item, "error", None) and item.error.code for item in result.items] == ["session_gone", None]
    assert "--restart" in result.items[0].error.next_step
    assert service.charged() == 50
    assert statuses(await batch(rows, restart=True)) == ["completed", "completed"]
    assert service.charged() == 100


async def test_what_was_edited_in_a_batch_s_session_is_not_edited_by_itself_too(
    nemo: Nemo, rows: Rows, tmp_path: Path, batch: Callable[..., Any]
) -> None:
    """Until somebody says that it is to be made anew."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", **REFUSED)
    await batch(rows[:1])
    service.heal()
    wishes = {**rows[0], "archive": str(tmp_path / "out")}
    output = OutputSpec(resolution=wishes.pop("resolution"))
    with pytest.raises(JobFailed, match=r"a\.mp4 was edited before in the session of a batch") as caught:
        await edit_video(**wishes, output=output)
    assert "--mode session" in caught.value.next_step
    side_by_side = await edit_batch(rows[:1], str(tmp_path / "out"))
    assert (statuses(side_by_side), service.charged()) == (["failed"], 50)
    assert (await edit_video(**wishes, output=output, force=True)).credits_spent == 50
    assert (statuses(await batch(rows[:1])), service.charged()) == (["completed"], 100)


async def test_two_runs_at_once_open_one_session_and_edit_once(
    nemo: Nemo, rows: Rows, batch: Callable[..., Any]
) -> None:
    service = nemo(instant_renders=True)
    both = await asyncio.gather(batch(rows), batch(rows))
    assert [statuses(result) for result in both] == [["completed", "completed"]] * 2
    assert service.writes().count("create_session") == 1
    assert (service.writes().count("run_sse"), service.charged()) == (2, 100)
