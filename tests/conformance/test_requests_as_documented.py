"""A whole job of each skill asks what the documentation says, word for word, as the service saw it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.profiles import PROFILES
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.results import VideoResult

pytestmark = pytest.mark.usefixtures("prefect_api")

#: What a file's address is asked with: no account.
OUTSIDE = "cdn"


def one(service: Any, endpoint: str) -> dict[str, Any]:
    """The only request of an endpoint."""
    (request,) = service.requests(endpoint)
    return dict(request)


def check_headers(service: Any, skill: Any) -> None:
    """The token of the environment and all three attribution headers, on every call of the API and on no other."""
    calls = [request for request in service.requests() if request["endpoint"] != OUTSIDE]
    assert {call["headers"]["x-skill-source"] for call in calls} == {skill.profile}
    assert {call["headers"]["x-skill-version"] for call in calls} == {PROFILES[skill.profile].version}
    assert {call["headers"]["x-skill-platform"] for call in calls} == {"unknown"}
    assert {call["headers"]["authorization"] for call in calls} == {"present"}
    assert {call["status"] for call in calls} == {200}
    assert [file["headers"]["authorization"] for file in service.requests(OUTSIDE)] == [None]


def check_session(service: Any, skill: Any, result: VideoResult) -> None:
    """Its body is the skill's own, and its id is in every later call that names a session."""
    assert service.requests()[0]["endpoint"] == "create_session"
    created = one(service, "create_session")
    assert (created["method"], created["path"]) == ("POST", "/api/tasks/me/with-session/nemo_agent")
    assert created["headers"]["content-type"] == "application/json"
    language = {"language": "en"} if skill.sends_language else {}
    assert created["body"] == {"task_name": "project", **language}
    assert result.session_id
    assert result.task_id
    for endpoint in ("upload", "state"):
        assert {result.session_id in request["path"] for request in service.requests(endpoint)} == {True}
    assert one(service, "run_sse")["body"]["session_id"] == result.session_id
    assert one(service, "render_submit")["body"]["sessionId"] == result.session_id


def check_footage_and_words(service: Any, skill: Any, result: VideoResult) -> None:
    """Multipart to the session's address, then one message whose only part is the instruction as it was typed."""
    uploaded = one(service, "upload")
    assert (uploaded["method"], uploaded["path"]) == ("POST", f"/api/upload-video/nemo_agent/me/{result.session_id}")
    assert uploaded["headers"]["content-type"].startswith("multipart/form-data")
    message = one(service, "run_sse")
    assert (message["method"], message["path"]) == ("POST", "/run_sse")
    assert message["body"] == {
        "app_name": "nemo_agent",
        "user_id": "me",
        "session_id": result.session_id,
        "new_message": {"parts": [{"text": skill.example}]},
    }
    assert {request["path"] for request in service.requests("state")} == {
        f"/api/state/nemo_agent/me/{result.session_id}/latest"
    }
    assert {request["path"] for request in service.requests("credits")} == {"/api/credits/balance/simple"}


def check_export(service: Any, result: VideoResult) -> None:
    """The draft of the state under an id of our own; no credits; asked until it is completed; an MP4 with H.264."""
    export = one(service, "render_submit")
    assert (export["method"], export["path"]) == ("POST", "/api/render/proxy/lambda")
    assert set(export["body"]) == {"id", "sessionId", "draft", "output"}
    assert export["body"]["id"] == result.render_id
    assert result.render_id.startswith("render_")
    assert export["body"]["draft"]["t"][0]["sg"]
    wanted = export["body"]["output"]
    assert (wanted["format"], wanted["quality"]) == ("mp4", "high")
    polls = service.requests("render_status")
    assert {poll["path"] for poll in polls} == {f"/api/render/proxy/lambda/{result.render_id}"}
    assert service.charged() == 50, "the edit's price, nothing for the export"
    assert one(service, OUTSIDE)["seq"] > polls[-1]["seq"]
    assert result.uri.endswith(".mp4")
    assert result.video_codec == "h264"
    assert result.workspace_url.startswith("https://nemovideo.com/workspace/claim?ct=clm_")


@pytest.mark.conformance(
    "every-call",
    "skill-source",
    "skill-version",
    "token-of-environment",
    "code-0",
    "session-request",
    "create-session",
    "connect-first",
    "session-id-kept",
    "send-message",
    "upload-file",
    "state-call",
    "credits-call",
    "export-request",
    "export-free",
    "poll-render",
    "download-url",
    "mp4-h264",
    "composited-h264",
)
async def test_every_request_of_a_job_is_the_documented_one(
    nemo: Callable[..., Any], skill: Any, small_clip: Path, tmp_path: Path, small: OutputSpec
) -> None:
    """Addresses, headers and bodies of a whole job in each skill's own words, as the service received them."""
    service = nemo()
    result = await edit_video(
        str(small_clip), skill.example, str(tmp_path / "out"), profile=skill.profile, output=small
    )
    check_headers(service, skill)
    check_session(service, skill, result)
    check_footage_and_words(service, skill, result)
    check_export(service, result)


@pytest.mark.conformance("create-session")
async def test_the_session_is_told_the_language_of_the_instruction(
    nemo: Callable[..., Any], small_clip: Path, tmp_path: Path, small: OutputSpec
) -> None:
    """The editor answers in the language that it is spoken to in."""
    service = nemo(instant_renders=True)
    await edit_video(str(small_clip), "把视频变亮一点", str(tmp_path / "out"), output=small)
    assert one(service, "create_session")["body"]["language"] == "zh"
