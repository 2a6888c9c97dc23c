"""/run_sse: what a message does, what it costs, and what becomes of it when nobody listens."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

TRIM = "trim the first 1 second"


def test_the_simple_dialect(ready: Callable[..., Any], events: Callable[..., Any]) -> None:
    """Tool calls, their results, then the text in pieces."""
    told = events(ready().say(TRIM).content)
    kinds = [event["type"] for event in told]

    assert kinds[0] == "tool_call"
    assert kinds == sorted(kinds, key=["tool_call", "tool_result", "text"].index)
    assert told[0]["name"] == next(event for event in told if event["type"] == "tool_result")["name"]
    assert "".join(event["content"] for event in told if event["type"] == "text")


def test_the_adk_dialect(ready: Callable[..., Any], events: Callable[..., Any]) -> None:
    """Partial events, then the whole turn again; a call twice with one id; the draft in the state delta."""
    caller = ready(sse_dialect="adk")
    told = events(caller.say(TRIM).content)
    parts = [(event.get("partial"), event["content"]["parts"][0]) for event in told]
    calls = [part["functionCall"]["id"] for _, part in parts if "functionCall" in part]
    deltas = "".join(part["text"] for partial, part in parts if "text" in part and partial)
    whole = [part["text"] for partial, part in parts if "text" in part and not partial]
    [response] = [event for event in told if "functionResponse" in event["content"]["parts"][0]]

    assert len(calls) == 2
    assert len(set(calls)) == 1
    assert whole == [deltas]
    assert response["content"]["role"] == "user"
    assert response["actions"]["stateDelta"]["draft"] == caller.draft()
    assert {event["author"] for event in told} == {"nemo_agent"}
    assert len({event["invocationId"] for event in told}) == 1


@pytest.mark.parametrize("dialect", ["simple", "adk"])
def test_a_silent_edit_says_nothing_and_is_applied(
    ready: Callable[..., Any], events: Callable[..., Any], dialect: str
) -> None:
    caller = ready(sse_dialect=dialect, silent_share=1)
    body = caller.say(TRIM).content

    assert events(body)
    assert b'"text"' not in body
    assert caller.draft()["d"] == 1000
    assert len(caller.look("charges")) == 1


def test_the_seed_decides_which_edits_are_silent(emulate: Callable[..., Any], clip: Path) -> None:
    """About a third are, and after a reset the same ones again."""
    caller = emulate(silent_share=0.3, seed=4)

    def silent_edits() -> list[bool]:
        caller.begin().upload(clip)
        instructions = ["make it black and white", "mute the audio", "rotate 90 degrees", TRIM] * 3
        return [b'"text"' not in caller.say(instruction).content for instruction in instructions]

    first = silent_edits()
    caller.http.post("/_emulator/reset", json={})
    assert silent_edits() == first
    assert any(first)
    assert not all(first)


def test_a_question_or_a_refusal_costs_nothing(ready: Callable[..., Any]) -> None:
    caller = ready()
    before = caller.draft()
    for instruction in ("add a title", "remove the background", TRIM.replace("1 second", "50 seconds")):
        assert b'"text"' in caller.say(instruction).content

    assert caller.draft() == before
    assert caller.look("charges") == []
    assert caller.credits()["available"] == 10_000


def test_an_edit_is_charged_once(ready: Callable[..., Any]) -> None:
    caller = ready()
    caller.say(TRIM)
    [charge] = caller.look("charges")

    assert charge["session_id"] == caller.session_id
    assert (charge["instruction"], charge["credits"], charge["applied"]) == (TRIM, 50, True)
    assert caller.credits() == {"available": 9950, "frozen": 0, "total": 9950}


@pytest.mark.conformance("credits-call")
def test_credits_are_frozen_while_an_edit_runs(ready: Callable[..., Any]) -> None:
    caller = ready(edit_seconds=30)
    with caller.http.stream("POST", "/run_sse", json=caller.message(TRIM)) as reply:
        pieces = reply.iter_raw()
        assert next(pieces)
        assert caller.credits() == {"available": 9950, "frozen": 50, "total": 10_000}


def test_held_credits_cant_be_spent_twice(ready: Callable[..., Any]) -> None:
    """With credits for one edit, a second one is refused while the first still runs."""
    caller = ready(edit_seconds=30)
    caller.http.post("/_emulator/accounts", json={"token": "nmv_usr_test", "credits": 60})
    with caller.http.stream("POST", "/run_sse", json=caller.message(TRIM)) as reply:
        pieces = reply.iter_raw()
        assert next(pieces)
        refused = caller.say("mute the audio")

    assert refused.json()["code"] == 2001
    assert "10 are available" in refused.json()["message"]


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("json", b'data: {"type":"heartbeat"}\n\n'), ("empty", b"data:\n\n"), ("comment", b": heartbeat\n\n")],
)
def test_heartbeats_come_while_nothing_else_does(ready: Callable[..., Any], kind: str, sent: bytes) -> None:
    body = ready(heartbeat=kind, heartbeat_seconds=0.02, edit_seconds=0.2).say(TRIM).content

    assert body.count(sent) >= 2


def test_without_heartbeats_nothing_comes(ready: Callable[..., Any]) -> None:
    body = ready(heartbeat="none", heartbeat_seconds=0.02, edit_seconds=0.1).say(TRIM).content

    assert body.count(b"\n\n") == body.count(b"data: {")


def test_a_dropped_connection_aborts_the_run(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    """As with a stock agent server: nothing is applied, nothing is charged, the credits are free again."""
    caller = ready(edit_seconds=30)
    before = caller.draft()
    with caller.http.stream("POST", "/run_sse", json=caller.message(TRIM)) as reply:
        next(reply.iter_raw())
    until(lambda: caller.credits()["frozen"] == 0)

    assert caller.draft() == before
    assert caller.look("charges") == []
    assert [entry["aborted"] for entry in caller.look("requests") if entry["endpoint"] == "run_sse"] == [True]


def test_closing_only_the_sending_half_aborts_the_run_too(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    caller = ready(edit_seconds=30)
    body = json.dumps(caller.message(TRIM)).encode()
    host, port = caller.url.removeprefix("http://").split(":")
    head = (
        f"POST /run_sse HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer nmv_usr_test\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        assert connection.recv(1)
        connection.shutdown(socket.SHUT_WR)
        until(lambda: caller.credits()["frozen"] == 0)

    assert caller.look("charges") == []


def test_a_detached_run_goes_on_and_is_charged(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    caller = ready(edit_seconds=0.3, run_survives_disconnect=True)
    with caller.http.stream("POST", "/run_sse", json=caller.message(TRIM)) as reply:
        next(reply.iter_raw())
    until(lambda: caller.look("charges"))

    assert caller.draft()["d"] == 1000
    assert caller.credits()["frozen"] == 0


def test_gui_phrases_and_noise_are_added_on_request(ready: Callable[..., Any]) -> None:
    plain = ready().say(TRIM).content
    noisy = ready(trailing_noise=True, gui_phrases=True).say("make it black and white").content

    assert b"temporary issue" not in plain
    assert noisy.rstrip().endswith(b'again."}')
    assert b"encountered a" in noisy


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"app_name": "other"}, 404, "Agent not found: 'other'"),
        ({"app_name": None}, 400, "app_name is required"),
        ({"user_id": None}, 422, "userId"),
        ({"session_id": None}, 422, "sessionId"),
        ({"new_message": None}, 422, "newMessage"),
        ({"new_message": {"parts": []}}, 422, "newMessage"),
    ],
)
def test_a_wrong_body_is_refused_as_an_agent_server_does(
    ready: Callable[..., Any], change: dict[str, Any], status: int, detail: str
) -> None:
    caller = ready()
    reply = caller.http.post("/run_sse", json={**caller.message(TRIM), **change})

    assert reply.status_code == status
    assert detail in str(reply.json()["detail"])
    assert caller.look("charges") == []


def test_camel_case_is_understood_too(ready: Callable[..., Any]) -> None:
    caller = ready()
    body = {
        "appName": "nemo_agent",
        "userId": "me",
        "sessionId": caller.session_id,
        "newMessage": {"parts": [{"text": TRIM}]},
    }

    assert caller.http.post("/run_sse", json=body).status_code == 200
    assert caller.draft()["d"] == 1000


def test_messages_of_one_session_build_on_each_other(ready: Callable[..., Any]) -> None:
    """Two at once: neither edit is lost, both are charged."""
    caller = ready(edit_seconds=0.3)
    with (
        httpx.Client(base_url=caller.url, headers=caller.http.headers, timeout=60) as second,
        second.stream("POST", "/run_sse", json=caller.message("make it black and white")) as one,
        caller.http.stream("POST", "/run_sse", json=caller.message(TRIM)) as two,
    ):
        one.read()
        two.read()
    segment = caller.draft()["t"][0]["sg"][0]

    assert (segment["d"], segment["m"]["grayscale"]) == (1000, True)
    assert len(caller.look("charges")) == 2
