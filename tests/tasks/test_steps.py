"""Each step alone, in a flow of somebody's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import LOOPBACK
from nemo_server import NemoServer
from prefect import flow
from scripted import Request, Scripted, Service

from prefect_nemovideo.api import EditResult, OutputSpec
from prefect_nemovideo.api.errors import JobFailed, OutOfCredits
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
from prefect_nemovideo.tasks.edits import EditDone, look_for_edit
from prefect_nemovideo.tasks.intents import Intent
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


async def test_what_was_paid_before_the_credits_ran_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the work was charged, and then there was nothing left: not "nothing was charged"."""
    service = Service(lambda look, sent: {"draft": None}, lambda asked: 0, lambda asked: 0 if asked == 1 else 50)
    told = b'data: {"type": "error", "code": 2001, "message": "No credits."}\n\n'

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        is_message = request.target == "/run_sse"
        body = told if is_message else json.dumps({"code": 0, "data": service.answer_get(request.target)}).encode()
        kind = "text/event-stream" if is_message else "application/json"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    async with await asyncio.start_server(lambda *line: Scripted().serve(*line, answer), LOOPBACK) as server:
        monkeypatch.setenv("NEMO_API_URL", f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}")
        monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_poor")
        monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")

        @flow
        async def alone() -> None:
            await apply_edit(Job(), "1", "sharpen it")

        with pytest.raises(OutOfCredits) as refused:
            await alone()
    assert "The balance has 50 credits less than before." in str(refused.value) == refused.value.message


async def test_a_late_edit_that_was_found_and_not_told_is_told_by_the_next_try() -> None:
    """What was found was written, and the storage said that it was not: the step is tried again."""
    job, known = Job(key="0" * 32), EditResult(instruction="mute it", outcome="unchanged", reply="Done.")
    found = known.model_copy(update={"outcome": "applied", "changes": ["Muted"]})
    intent = Intent(job, apply_edit.name, 0, "1")
    await intent.declare({})
    await intent.end(EditDone(edit=found))

    @flow
    async def own() -> EditResult | None:
        return await look_for_edit(job, "1", known)

    assert await own() == found
