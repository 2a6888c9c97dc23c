"""Exports: submit, follow, cancel, fetch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

SUBMIT = "/api/render/proxy/lambda"


@pytest.fixture
def ready(ready: Callable[..., Any]) -> Callable[..., Any]:
    """As everywhere, but renders are instant unless the test says otherwise."""

    def start(**options: Any) -> Any:
        return ready(**{"instant_renders": True, **options})

    return start


@pytest.mark.conformance("poll-render", "download-url")
def test_the_seed_dialect(ready: Callable[..., Any]) -> None:
    caller = ready(render_dialect="seed", render_seconds=1.0)
    assert caller.export("render_1").json() == {"id": "render_1", "status": "pending", "progress": 5}
    early = caller.status("render_1")
    late = caller.exported("render_1")

    assert early["taskId"] == "render_1"
    assert early["status"] in ("pending", "processing")
    assert "output" not in early
    assert (late["status"], late["progress"]) == ("completed", 100)
    assert set(late["output"]) == {"url", "duration", "size"}


def test_the_newer_dialect(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    caller = ready(render_dialect="envelope", render_seconds=0.2)
    submitted = caller.export("render_1").json()
    early = caller.status("render_1")["data"]
    late = until(lambda: (data := caller.status("render_1")["data"])["status"] == "completed" and data)

    assert submitted == {"success": True, "data": {"id": "render_1", "status": "pending", "progress": 5}}
    assert "completedAt" not in early
    assert late["completedAt"] >= late["createdAt"] > 1_500_000_000_000
    assert httpx.get(late["outputUrl"]).status_code == 200


def test_progress_moves_while_it_renders(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    caller = ready(render_seconds=1.5)
    caller.export("render_1")

    assert 5 < until(lambda: (seen := caller.status("render_1")["progress"]) > 5 and seen) < 100


@pytest.mark.conformance("header-missing")
@pytest.mark.parametrize("missing", ["X-Skill-Source", "X-Skill-Version", "X-Skill-Platform"])
def test_an_export_needs_every_attribution_header(ready: Callable[..., Any], missing: str) -> None:
    caller = ready()
    del caller.http.headers[missing]
    refused = caller.export("render_1")

    assert (refused.status_code, refused.json()["code"]) == (402, 402)
    assert missing in refused.json()["message"]


def test_the_free_plan_may_not_export(ready: Callable[..., Any], caller_at: Callable[..., Any]) -> None:
    caller = ready(plan="free")
    refused = caller.export("render_1")
    assert (refused.status_code, refused.json()["message"]) == (
        402,
        "Register or upgrade your plan to unlock export.",
    )

    account = {"token": "nmv_usr_test", "credits": 10, "plan": "pro"}
    caller.http.post("/_emulator/accounts", json=account)
    assert caller.export("render_1").status_code == 200


def test_an_id_is_taken_once(ready: Callable[..., Any]) -> None:
    """Whoever submits again, not knowing whether the first came through, learns that it did."""
    caller = ready()
    caller.export("render_1")
    again = caller.export("render_1")

    assert (again.status_code, again.json()["code"]) == (409, 4090)
    assert "render_1 exists" in again.json()["message"]
    assert [render["id"] for render in caller.look("renders")] == ["render_1"]


def test_a_session_is_exported_once_at_a_time(ready: Callable[..., Any]) -> None:
    caller = ready(render_seconds=30)
    caller.export("render_1")
    second = caller.export("render_2")
    assert (second.status_code, second.json()["code"]) == (409, 4091)

    caller.http.post(f"{SUBMIT}/render_1/cancel")
    caller.http.patch("/_emulator/options", json={"render_seconds": 0})
    assert caller.export("render_2").status_code == 200
    assert caller.exported("render_2")["status"] == "completed"


def test_a_pending_render_can_be_cancelled(ready: Callable[..., Any], clip: Path, until: Callable[..., Any]) -> None:
    """One renders at a time: another session's waits as pending, and never begins once cancelled."""
    caller = ready(render_seconds=30)
    caller.export("render_1")
    until(lambda: caller.status("render_1")["status"] == "processing")
    caller.begin().upload(clip)
    caller.export("render_2")
    assert caller.status("render_2")["status"] == "pending"

    assert caller.http.post(f"{SUBMIT}/render_2/cancel").json()["status"] == "cancelled"
    assert caller.status("render_2")["status"] == "cancelled"
    assert caller.status("render_1")["status"] == "processing"


def test_a_cancelled_render_stops_ffmpeg_and_leaves_no_file(
    ready: Callable[..., Any],
    until: Callable[..., Any],
    tmp_path: Path,
    unfinished: Callable[[], list[Path]],
) -> None:
    """A 4K render of a long, slowed clip is stopped in the middle; then the next one gets its turn."""
    caller = ready(instant_renders=False)
    caller.say("make it 4K and slow it down to half speed")
    caller.export("render_1")
    until(lambda: caller.status("render_1")["status"] == "processing")
    caller.http.post(f"{SUBMIT}/render_1/cancel")
    caller.http.patch("/_emulator/options", json={"instant_renders": True})
    caller.export("render_2")

    assert caller.exported("render_2")["status"] == "completed"
    assert caller.status("render_1")["status"] == "cancelled"
    assert len(list((tmp_path / "data" / "files").glob("render_*"))) == 1
    assert unfinished() == []


def test_a_finished_render_stays_what_it_is(ready: Callable[..., Any]) -> None:
    caller = ready()
    caller.export("render_1")
    caller.exported("render_1")

    assert caller.http.post(f"{SUBMIT}/render_1/cancel").json()["status"] == "completed"
    assert caller.status("render_1")["status"] == "completed"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "no spaces please"},
        {"id": None},
        {"draft": None},
        {"draft": {}},
        {"output": {"format": "gif"}},
        {"output": {"resolution": "enormous"}},
    ],
)
def test_a_wrong_request_is_refused_at_once(ready: Callable[..., Any], change: dict[str, Any]) -> None:
    caller = ready()
    body = {"id": "render_1", "sessionId": caller.session_id, "draft": caller.draft(), "output": {}}
    refused = caller.http.post(SUBMIT, json={**body, **change})

    assert (refused.status_code, refused.json()["code"]) == (400, 4000)
    assert refused.json()["success"] is False
    assert caller.look("renders") == []


def test_an_empty_draft_is_refused(emulate: Callable[..., Any]) -> None:
    assert emulate().begin().export("render_1").json()["code"] == 4000


def test_an_unknown_render_is_not_found(ready: Callable[..., Any]) -> None:
    caller = ready()
    for path in (f"{SUBMIT}/render_x", "/api/render/proxy/render_x/download"):
        reply = caller.http.get(path)
        assert (reply.status_code, reply.json()["code"]) == (404, 4004)


def test_only_a_completed_render_can_be_downloaded(ready: Callable[..., Any]) -> None:
    caller = ready(render_seconds=30)
    caller.export("render_1")

    assert caller.http.get("/api/render/proxy/render_1/download").json()["code"] == 4092


def test_an_instant_render_has_the_shape_and_length_of_the_draft(ready: Callable[..., Any]) -> None:
    """The emulator's own probe of it says so, when it is uploaded again."""
    caller = ready()
    caller.export("render_1", resolution="640x360", fps=50)
    url = caller.exported("render_1")["output"]["url"]
    body = {"urls": [url], "source_type": "url"}
    caller.http.patch("/_emulator/options", json={"allow_private_urls": True})
    reply = caller.http.post(f"/api/upload-video/nemo_agent/me/{caller.session_id}", json=body)
    [file] = reply.json()["data"]["files"]

    assert (file["width"], file["height"], file["fps"]) == (640, 360, 50)
    assert file["duration"] == pytest.approx(2, abs=0.1)


def test_a_render_of_a_file_that_is_gone_fails_and_says_why(ready: Callable[..., Any], tmp_path: Path) -> None:
    caller = ready(instant_renders=False)
    for path in (tmp_path / "data" / "files").iterdir():
        path.unlink()
    caller.export("render_1")
    shown = caller.exported("render_1")

    assert shown["status"] == "failed"
    assert shown["error"]
