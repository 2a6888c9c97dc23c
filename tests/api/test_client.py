"""The whole job by the client alone, in every dialect and under both profiles."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api import NemoVideo, OutputSpec, Settings

PAID = ("upload", "run_sse", "render_submit")


@pytest.mark.parametrize("sse_dialect", ["simple", "adk"])
@pytest.mark.parametrize("render_dialect", ["seed", "envelope"])
@pytest.mark.parametrize("profile", ["video-4k", "4k-with-session"])
@pytest.mark.parametrize("token", ["nmv_usr_test", None], ids=["registered", "anonymous"])
async def test_a_clip_goes_in_and_a_file_comes_out(
    emulate: Callable[..., Any],
    connect: Callable[..., Any],
    begin: Callable[..., Any],
    tmp_path: Path,
    sse_dialect: str,
    render_dialect: str,
    profile: str,
    token: str | None,
) -> None:
    """Each paid step is one request, the edit is charged once, and the file is the one that was rendered."""
    backend = emulate(sse_dialect=sse_dialect, render_dialect=render_dialect)
    timing = {"sleep": asyncio.sleep}
    nemo = connect(backend.url, token, profile=profile, timing=timing, nemo_poll_interval_seconds=0.05)
    session_id = await begin(nemo)
    edit = await nemo.edits.apply(session_id, "trim the first 1 second")
    state = await nemo.sessions.state(session_id)
    await nemo.renders.submit("render_1", session_id, state.draft, OutputSpec(resolution="720p"))
    done = await nemo.renders.wait("render_1")
    file = await nemo.downloads.fetch(done.url, tmp_path / "clip.mp4", render_id="render_1", expected_bytes=done.size)
    [served] = [request for request in backend.requests() if request["endpoint"] in ("cdn", "download")]

    assert (edit.outcome, edit.silent, edit.changes) == ("applied", False, ["Trimmed to 2 s"])
    assert file.sha256 == hashlib.sha256((tmp_path / "clip.mp4").read_bytes()).hexdigest()
    assert file.bytes == served["bytes_out"]
    assert served["headers"]["authorization"] is None
    assert backend.charges() == 1
    assert all(len(backend.requests(endpoint)) == 1 for endpoint in PAID)
    asked = [request for request in backend.requests() if request["endpoint"] != "cdn"]
    assert {request["headers"].get("x-skill-source") for request in asked} == {profile}


async def test_a_session_outlives_the_client_that_opened_it(emulate: Callable[..., Any]) -> None:
    settings = Settings(nemo_api_url=emulate().url)
    async with NemoVideo("nmv_usr_test", settings=settings) as nemo:
        session = await nemo.sessions.create()
    async with NemoVideo("nmv_usr_test", settings=settings) as again:
        assert (await again.sessions.state(session.session_id)).session_id == session.session_id
