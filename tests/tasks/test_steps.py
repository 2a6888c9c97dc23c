"""Each step alone, in a flow of somebody's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from nemo_server import NemoServer
from prefect import flow

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import JobFailed
from prefect_nemovideo.media import MediaError
from prefect_nemovideo.tasks import (
    Job,
    apply_edit,
    download_video,
    open_session,
    read_timeline,
    submit_render,
    upload_video,
    verify_video,
    wait_for_render,
)
from prefect_nemovideo.tasks.downloads import Checked
from prefect_nemovideo.tasks.sources import inspect_source

Nemo = Callable[..., NemoServer]

pytestmark = pytest.mark.usefixtures("prefect_api")
SMALL = OutputSpec(resolution="720p")


async def test_the_steps_make_a_job_without_our_flow(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """Without a key nothing is kept: each call does what it says."""
    service = nemo(instant_renders=True)
    job = Job()

    @flow
    async def own() -> Checked:
        session = (await open_session(job)).session_id
        await upload_video(job, session, await inspect_source(str(small_clip)), str(tmp_path))
        done = await apply_edit(job, session, "sharpen the details")
        assert (done.edit.outcome, done.credits_spent) == ("applied", 50)
        assert (await read_timeline(job, session)).is_exportable
        started = await submit_render(job, session, SMALL)
        render = await wait_for_render(job, started.render_id)
        file = await download_video(job, render, str(tmp_path / "clip.mp4"))
        return await verify_video(file.path, SMALL, duration_seconds=1)

    for _ in range(2):
        checked = await own()
        assert (checked.width, checked.height, checked.differences) == (1280, 720, [])
    assert service.charged() == 100


async def test_an_empty_timeline_is_not_exported(nemo: Nemo) -> None:
    """Said before anything is submitted."""
    service = nemo()

    @flow
    async def own() -> None:
        session = (await open_session(Job())).session_id
        await submit_render(Job(), session, SMALL)

    with pytest.raises(JobFailed, match="There is nothing on the timeline to export"):
        await own()
    assert "render_submit" not in service.writes()


async def test_a_file_that_is_cut_short_is_not_verified(small_clip: Path, tmp_path: Path) -> None:
    """Players forgive what a delivery must not."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(small_clip.read_bytes()[:-2000])

    @flow
    async def own() -> None:
        await verify_video(str(cut), SMALL)

    with pytest.raises(MediaError):
        await own()
