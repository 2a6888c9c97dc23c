"""Tokens, credits, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

ANONYMOUS = "/api/auth/anonymous-token"
WEEK_SECONDS = 7 * 86_400


@pytest.mark.conformance("free-credits")
def test_an_anonymous_token_has_credits_and_a_week(emulate: Callable[..., Any]) -> None:
    reply = httpx.post(emulate().url + ANONYMOUS, headers={"X-Client-Id": "one"}).json()

    assert reply["code"] == 0
    assert reply["data"]["user_id"].startswith("anon_")
    assert reply["data"]["credits"] == 100
    assert reply["data"]["expires_at"].endswith("Z")


@pytest.mark.conformance("code-400")
@pytest.mark.parametrize("headers", [{}, {"X-Client-Id": "x" * 65}])
def test_a_token_needs_a_client_id(emulate: Callable[..., Any], headers: dict[str, str]) -> None:
    reply = httpx.post(emulate().url + ANONYMOUS, headers=headers)

    assert (reply.status_code, reply.json()["code"]) == (400, 400)


def test_a_client_gets_one_token_a_week(emulate: Callable[..., Any]) -> None:
    """The second ask is told to wait 30 s; a week later the same client is the same user."""
    caller = emulate()
    first = caller.http.post(ANONYMOUS, headers={"X-Client-Id": "one"}).json()["data"]
    second = caller.http.post(ANONYMOUS, headers={"X-Client-Id": "one"})
    assert (second.status_code, second.headers["retry-after"]) == (429, "30")

    caller.http.post("/_emulator/clock", json={"advance_seconds": WEEK_SECONDS + 1})
    later = caller.http.post(ANONYMOUS, headers={"X-Client-Id": "one"}).json()["data"]
    assert later["user_id"] == first["user_id"]
    assert later["token"] != first["token"]


def test_an_address_gets_ten_tokens(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    asked = [caller.http.post(ANONYMOUS, headers={"X-Client-Id": f"client-{n}"}).status_code for n in range(11)]

    assert asked == [200] * 10 + [429]


def test_a_token_expires_by_the_emulators_clock(emulate: Callable[..., Any], caller_at: Callable[..., Any]) -> None:
    caller = emulate()
    token = caller.http.post(ANONYMOUS, headers={"X-Client-Id": "one"}).json()["data"]["token"]
    anonymous = caller_at(caller.url, token)
    assert anonymous.credits()["available"] == 100

    caller.http.post("/_emulator/clock", json={"advance_seconds": WEEK_SECONDS + 1})
    refused = anonymous.http.get("/api/credits/balance/simple")
    assert (refused.status_code, refused.json()["code"]) == (401, 1001)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/tasks/me/with-session/nemo_agent"),
        ("POST", "/api/upload-video/nemo_agent/me/1"),
        ("POST", "/run_sse"),
        ("GET", "/api/state/nemo_agent/me/1/latest"),
        ("GET", "/api/credits/balance/simple"),
        ("POST", "/api/render/proxy/lambda"),
        ("GET", "/api/render/proxy/lambda/render_1"),
        ("POST", "/api/render/proxy/lambda/render_1/cancel"),
        ("GET", "/api/render/proxy/render_1/download"),
        ("POST", "/api/auth/claim-token"),
    ],
)
def test_no_endpoint_answers_a_stranger(emulate: Callable[..., Any], method: str, path: str) -> None:
    """Without a token, and with one that nobody was given, the code is 1001."""
    url = emulate().url + path
    for headers in ({}, {"Authorization": "Bearer nmv_usr_unknown"}):
        reply = httpx.request(method, url, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (401, 1001)


def test_a_session_belongs_to_its_account(emulate: Callable[..., Any], caller_at: Callable[..., Any]) -> None:
    owner = emulate(tokens=("nmv_usr_test", "nmv_usr_other")).begin()
    other = caller_at(owner.url, "nmv_usr_other")
    other.session_id = owner.session_id

    assert owner.http.get(f"/api/state/nemo_agent/me/{owner.session_id}/latest").status_code == 200
    refused = other.http.get(f"/api/state/nemo_agent/me/{owner.session_id}/latest")
    assert (refused.status_code, refused.json()["code"]) == (404, 1002)
    assert other.say("trim the first second").json()["code"] == 1002


def test_errors_can_come_with_http_200(emulate: Callable[..., Any]) -> None:
    """In the envelope style only the code tells, except for what is an HTTP status by itself."""
    caller = emulate(error_style="envelope")
    reply = httpx.get(caller.url + "/api/credits/balance/simple")
    assert (reply.status_code, reply.json()["code"]) == (200, 1001)
    assert httpx.post(caller.url + ANONYMOUS).status_code == 400


def test_without_credits_no_edit_begins(emulate: Callable[..., Any], caller_at: Callable[..., Any], clip: Path) -> None:
    """100 credits are two edits; the third is refused with 2001 before anything happens."""
    seed = emulate()
    token = seed.http.post(ANONYMOUS, headers={"X-Client-Id": "one"}).json()["data"]["token"]
    caller = caller_at(seed.url, token).begin()
    caller.upload(clip)
    for instruction in ("make it black and white", "mute the audio"):
        assert caller.say(instruction).status_code == 200
    before = caller.draft()

    refused = caller.say("trim the first 1 second")
    assert (refused.status_code, refused.json()["code"]) == (403, 2001)
    assert caller.draft() == before
    assert [charge["credits"] for charge in caller.look("charges")] == [50, 50]


def test_a_claim_token_opens_no_api(emulate: Callable[..., Any], caller_at: Callable[..., Any]) -> None:
    caller = emulate().begin()
    body = {"task_id": caller.task_id, "session_id": caller.session_id}
    data = caller.http.post("/api/auth/claim-token", json=body).json()["data"]

    assert data["claim_token"].startswith("clm_")
    assert data["expires_in"] == WEEK_SECONDS
    stranger = caller_at(caller.url, data["claim_token"])
    assert stranger.http.get("/api/credits/balance/simple").json()["code"] == 1001
