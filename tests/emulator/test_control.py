"""The control surface, and what the emulator says about what it doesn't know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from prefect_nemovideo.emulator.control import is_loopback

TRIM = "trim the first 1 second"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/unknown"),
        ("POST", "/api/state/nemo_agent/me/1/latest"),
        ("GET", "/run_sse"),
        ("GET", "/api/state/nemo_agent/somebody/1/latest"),
        ("GET", "/"),
        ("PUT", "/_emulator/faults"),
    ],
)
def test_what_isnt_imitated_is_501_and_named(emulate: Callable[..., Any], method: str, path: str) -> None:
    reply = emulate().http.request(method, path)

    assert reply.status_code == 501
    assert reply.json()["message"] == f"The emulator doesn't imitate {method} {path}."


def test_requests_are_listed_in_order_without_the_token(emulate: Callable[..., Any], clip: Path) -> None:
    caller = emulate().begin()
    caller.upload(clip)
    caller.say(TRIM)
    caller.http.get("/api/nothing?page=2")
    made, uploaded, said, unknown = caller.look("requests")

    assert [entry["endpoint"] for entry in (made, uploaded, said, unknown)] == [
        "create_session",
        "upload",
        "run_sse",
        "unknown",
    ]
    assert [entry["seq"] for entry in (made, uploaded, said, unknown)] == [1, 2, 3, 4]
    assert made["body"] == {"task_name": "project", "language": "en"}
    assert made["headers"]["authorization"] == "present"
    assert made["headers"]["x-skill-source"] == "video-4k"
    size, digest = clip.stat().st_size, hashlib.sha256(clip.read_bytes()).hexdigest()
    assert uploaded["body"] == {"files": [{"name": clip.name, "size": size, "sha256": digest}]}
    assert uploaded["bytes_in"] > size
    assert said["body"]["new_message"]["parts"][0]["text"] == TRIM
    assert (said["status"], said["bytes_out"] > 0, said["aborted"]) == (200, True, False)
    assert (unknown["status"], unknown["query"]) == (501, "page=2")
    assert "nmv_usr_test" not in json.dumps([made, uploaded, said, unknown])

    caller.http.delete("/_emulator/requests")
    assert caller.look("requests") == []


def test_options_can_be_read_and_changed(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    assert caller.look("options")["sse_dialect"] == "simple"
    changed = caller.http.patch("/_emulator/options", json={"sse_dialect": "adk", "tokens": ["nmv_usr_new"]})
    assert changed.json()["sse_dialect"] == "adk"
    assert httpx.get(
        caller.url + "/api/credits/balance/simple", headers={"Authorization": "Bearer nmv_usr_new"}
    ).json()["data"] == {"available": 10_000, "frozen": 0, "total": 10_000}


@pytest.mark.parametrize("change", [{"colour": "red"}, {"silent_share": 2}, {"sse_dialect": "morse"}, []])
def test_a_wrong_option_is_refused_and_changes_nothing(emulate: Callable[..., Any], change: Any) -> None:
    caller = emulate()
    before = caller.look("options")

    assert caller.http.patch("/_emulator/options", json=change).status_code == 400
    assert caller.look("options") == before


def test_the_clock_moves_on_request(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    before = caller.look("clock")["now"]
    after = caller.http.post("/_emulator/clock", json={"advance_seconds": 3600}).json()

    assert after["offset_seconds"] == 3600
    assert after["now"] - before >= 3600


def test_an_account_is_added_or_set(emulate: Callable[..., Any], caller_at: Callable[..., Any]) -> None:
    caller = emulate()
    for credits in (70, 20):
        caller.http.post("/_emulator/accounts", json={"token": "nmv_usr_late", "credits": credits})
        assert caller_at(caller.url, "nmv_usr_late").credits()["available"] == credits


def test_a_reset_forgets_everything_but_the_options(emulate: Callable[..., Any], clip: Path, tmp_path: Path) -> None:
    caller = emulate(instant_renders=True).begin()
    caller.upload(clip)
    caller.say(TRIM)
    caller.export("render_1")
    caller.http.patch("/_emulator/options", json={"gui_phrases": True})
    caller.fault(endpoint="*", action="status")

    assert caller.http.post("/_emulator/reset", json={}).status_code == 200
    assert [caller.look(what) for what in ("requests", "charges", "renders", "faults")] == [[], [], [], []]
    assert list((tmp_path / "data" / "files").iterdir()) == []
    assert caller.credits()["available"] == 10_000
    assert caller.look("options")["gui_phrases"] is True

    caller.http.post("/_emulator/reset", json={"options": True})
    assert caller.look("options")["gui_phrases"] is False


def test_health_needs_no_token(emulate: Callable[..., Any]) -> None:
    assert httpx.get(emulate().url + "/_emulator/health").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("peer", "ours"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.5", False),
        ("::ffff:10.0.0.5", False),
        ("fe80::1%eth0", False),
        ("", False),
        (None, False),
    ],
)
def test_only_loopback_is_this_machine(peer: str | None, ours: bool) -> None:
    assert is_loopback(peer) is ours


def test_a_web_page_cant_use_the_control_surface(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    headers = {"Origin": "https://example.com"}

    assert caller.http.post("/_emulator/reset", headers=headers).status_code == 403
    assert caller.http.get("/_emulator/requests", headers=headers).status_code == 403
