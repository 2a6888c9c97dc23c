"""One job from the token to the file, as a client without an account does it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.mark.parametrize("dialect", ["simple", "adk"])
def test_a_clip_goes_in_and_an_edited_video_comes_out(
    emulate: Callable[..., Any], caller_at: Callable[..., Any], clip: Path, dialect: str
) -> None:
    """Token, session, upload, message, state, export, status and download work together."""
    url = emulate(sse_dialect=dialect, tokens=()).url
    issued = httpx.post(f"{url}/api/auth/anonymous-token", headers={"X-Client-Id": "a-client"}).json()["data"]
    caller = caller_at(url, issued["token"]).begin()

    uploaded = caller.upload(clip).json()["data"]
    [file] = uploaded["files"]
    assert uploaded["session_state_applied"] is True
    assert (file["filename"], file["file_type"]) == (clip.name, "video")
    assert (file["width"], file["height"], file["fps"], file["duration"]) == (320, 180, 25.0, 2.0)
    assert file["hash"] == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert httpx.get(file["cdn_url"]).content == clip.read_bytes()

    reply = caller.say("trim the first 1 second")
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert caller.draft()["d"] == 1000
    assert caller.credits() == {"available": 50, "frozen": 0, "total": 50}

    assert caller.export("render_1").json() == {"id": "render_1", "status": "pending", "progress": 5}
    shown = caller.exported("render_1")
    assert shown["status"] == "completed", shown
    assert (shown["taskId"], shown["progress"]) == ("render_1", 100)

    from_cdn = httpx.get(shown["output"]["url"]).content
    assert len(from_cdn) == shown["output"]["size"]
    assert shown["output"]["duration"] == pytest.approx(1.0, abs=0.1)
    assert from_cdn[4:8] == b"ftyp"
    assert caller.http.get("/api/render/proxy/render_1/download").content == from_cdn
    assert caller.credits()["available"] == 50
