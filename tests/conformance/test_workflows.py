"""The workflows that the documentation names: several files in one session, rough cut and refinement, delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import DeadlinePassed, NotAsRequested
from prefect_nemovideo.flows import edit_batch, edit_video, refine_session

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., Any]


@pytest.mark.conformance("batch-style")
async def test_files_of_one_session_are_made_one_by_one_each_with_its_own_render(
    nemo: Nemo, small_clip: Path, sample_clip: Path, tmp_path: Path
) -> None:
    """One session, an upload, an instruction and a render each; the second video has nothing of the first."""
    service = nemo()
    rows = [
        {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "320x180"},
        {"source": str(sample_clip), "instructions": 'add the title "Second"', "resolution": "320x180"},
    ]
    batch = await edit_batch(rows, str(tmp_path / "out"), mode="session")
    assert (batch.completed, batch.failed) == (2, 0)
    first, second = batch.items
    assert first.session_id == second.session_id
    assert first.render_id != second.render_id
    assert (first.duration_seconds, second.duration_seconds) == pytest.approx((1, 3), abs=0.1)
    assert ("Second" in first.timeline, "Second" in second.timeline) == (False, True)
    assert "small" not in second.timeline
    in_turn = ["upload", "run_sse", "render_submit"]
    assert service.writes() == ["create_session", *in_turn, *in_turn]


@pytest.mark.conformance("batch-style", "footage-formats", "smoothest-formats")
async def test_footage_of_every_recommended_format_is_edited(
    nemo: Nemo, footage: Callable[[str], Path], tmp_path: Path
) -> None:
    """MP4, MOV, AVI, MKV and WebM go in side by side; an MP4 of each comes out."""
    nemo(instant_renders=True)
    rows = [
        {"source": str(footage(ending)), "instructions": "sharpen the details", "resolution": "320x180"}
        for ending in ("mp4", "mov", "avi", "mkv", "webm")
    ]
    batch = await edit_batch(rows, str(tmp_path / "out"))
    assert (batch.completed, batch.failed) == (5, 0), batch.items
    assert {(item.video_codec, item.uri[-4:]) for item in batch.items} == {("h264", ".mp4")}


@pytest.mark.conformance("iterative", "session-keeps-state")
async def test_a_rough_cut_is_looked_at_refined_and_exported(
    nemo: Nemo, sample_clip: Path, tmp_path: Path, name: str
) -> None:
    """The preview is a small file of the same timeline; the refinement goes on from it, and the export is full size."""
    service = nemo()
    archive = str(tmp_path / "out")
    preview = OutputSpec(quality="preview")
    rough = await edit_video(str(sample_clip), "trim the first second", archive, session=name, output=preview)
    assert (rough.width, rough.height) == (640, 360)
    assert rough.as_requested
    final = await refine_session(name, 'add the title "Final"', archive, output=OutputSpec(resolution="720p"))
    assert (final.width, final.height) == (1280, 720)
    assert final.duration_seconds == rough.duration_seconds == pytest.approx(2, abs=0.1)
    assert "Final" in final.timeline
    assert service.writes().count("upload") == 1


@pytest.mark.conformance("size-limit", "4k-by-default")
async def test_less_than_asked_for_is_told_and_under_strict_a_failure(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """A service that keeps to even sizes delivers 122×76 for 123×77: measured, told, and refused where that matters."""
    service = nemo(instant_renders=True)
    archive = tmp_path / "out"
    odd = OutputSpec(resolution="123x77")
    with pytest.raises(NotAsRequested, match="The video is not as requested") as refused:
        await edit_video(str(small_clip), "sharpen the details", str(archive), output=odd, strict=True)
    assert "without --strict" in refused.value.next_step
    assert list(archive.glob("*")) == []
    taken = await edit_video(str(small_clip), "sharpen the details", str(archive), output=odd)
    assert not taken.as_requested
    assert "123×77" in taken.differences[0]
    assert service.charged() == 50


async def test_an_export_waits_for_another_one_of_its_session(
    nemo: Nemo, small_clip: Path, tmp_path: Path, name: str, small: OutputSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time: the second is refused by the service while the first is at work, and made when that has ended."""
    service = nemo(instant_renders=True, render_seconds=60)
    archive = str(tmp_path / "out")
    with monkeypatch.context() as hurry:
        hurry.setenv("NEMO_RENDER_TIMEOUT_SECONDS", "0.2")
        with pytest.raises(DeadlinePassed):
            await edit_video(str(small_clip), "sharpen the details", archive, session=name, output=small)
    refining = asyncio.create_task(refine_session(name, "make it brighter", archive, output=small))
    await asyncio.to_thread(service.is_asked, "render_submit", 2)
    service.options(render_seconds=0)
    await service.cancel_next_render()
    refined = await refining

    assert refined.status == "completed"
    assert [render["status"] for render in service.renders()] == ["cancelled", "completed"]
    assert service.charged() == 100
