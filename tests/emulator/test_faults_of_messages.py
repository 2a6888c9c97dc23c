"""Each fault of a message and its stream, as a plain client meets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

TRIM = "trim the first 1 second"


def keep(reply: httpx.Response, pieces: list[bytes]) -> None:
    """Read a reply to its end, keeping what came even if that is a bad one."""
    for piece in reply.iter_raw():
        pieces.append(piece)


def test_reset_after_a_message_has_applied_and_charged_it(ready: Callable[..., Any]) -> None:
    caller = ready()
    caller.fault(endpoint="run_sse", action="reset_after")
    with pytest.raises(httpx.ReadError):
        caller.say(TRIM)

    assert caller.draft()["d"] == 1000
    assert len(caller.look("charges")) == 1


def test_reply_status_of_a_message_has_applied_it(ready: Callable[..., Any]) -> None:
    caller = ready()
    caller.fault(endpoint="run_sse", action="reply_status", status=502, html=True)

    assert caller.say(TRIM).status_code == 502
    assert caller.draft()["d"] == 1000


def test_a_stalled_stream_goes_on_when_released(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    """The run behind it doesn't wait: it is applied meanwhile."""
    caller = ready()
    caller.fault(endpoint="run_sse", action="stall", after_events=1)
    with httpx.stream(
        "POST", caller.url + "/run_sse", headers=caller.http.headers, json=caller.message(TRIM), timeout=30
    ) as reply:
        pieces = reply.iter_raw()
        assert b"tool_call" in next(pieces)
        until(lambda: caller.look("charges"))
        caller.http.delete("/_emulator/faults")
        assert b'"text"' in b"".join(pieces)


def test_malformed_json_in_a_stream(ready: Callable[..., Any]) -> None:
    """One broken event, and the good ones around it."""
    caller = ready()
    caller.fault(endpoint="run_sse", action="malformed_json", after_events=1)
    told = [event for event in caller.say(TRIM).content.split(b"\n\n") if event]

    assert told[1] == b'data: {"type":"text","content":'
    assert b"tool_call" in told[0]
    assert told[2].endswith(b"}")


def test_duplicate_events(ready: Callable[..., Any], events: Callable[..., Any]) -> None:
    caller = ready()
    caller.fault(endpoint="run_sse", action="duplicate_events")
    told = events(caller.say(TRIM).content)

    assert told[::2] == told[1::2]
    assert len(caller.look("charges")) == 1


@pytest.mark.parametrize(
    ("mode", "error"), [("rst", httpx.ReadError), ("mid_event", httpx.RemoteProtocolError), ("clean", None)]
)
@pytest.mark.parametrize("applied", [True, False])
def test_cut_stream(ready: Callable[..., Any], mode: str, error: type[Exception] | None, applied: bool) -> None:
    """After one event, in three ways, with the edit applied and charged or not at all."""
    caller = ready()
    caller.fault(endpoint="run_sse", action="cut_stream", after_events=1, mode=mode, applied=applied)
    pieces: list[bytes] = []
    with httpx.stream(
        "POST", caller.url + "/run_sse", headers=caller.http.headers, json=caller.message(TRIM), timeout=30
    ) as reply:
        assert reply.status_code == 200
        if error is None:
            received = reply.read()
        else:
            with pytest.raises(error):
                keep(reply, pieces)
            received = b"".join(pieces)

    complete = received.count(b"\n\n")
    assert complete == 1 or (mode == "rst" and complete == 0)
    assert len(received.split(b"\n\n")[-1]) > 0 or mode != "mid_event"
    assert caller.draft()["d"] == (1000 if applied else 2000)
    assert len(caller.look("charges")) == applied


def test_a_cut_with_a_detached_run_is_applied_in_the_end(ready: Callable[..., Any], until: Callable[..., Any]) -> None:
    caller = ready(run_survives_disconnect=True, edit_seconds=0.2)
    caller.fault(endpoint="run_sse", action="cut_stream", mode="clean")
    caller.say(TRIM)

    assert until(lambda: caller.look("charges"))
    assert caller.draft()["d"] == 1000


@pytest.mark.parametrize(
    ("generation", "last"),
    [
        ("2.13", b'"error_type": "RuntimeError"'),
        ("1.28", b'data: {"error": "503 \\"overloaded\\""}'),
        ("0.5", b'data: {"error": "503 "overloaded""}'),
        ("event", b'"errorCode":"RuntimeError"'),
    ],
)
def test_stream_error(ready: Callable[..., Any], generation: str, last: bytes) -> None:
    """The stream ends in order after an error in its generation's shape; the edit isn't applied."""
    caller = ready()
    caller.fault(endpoint="run_sse", action="stream_error", generation=generation, message='503 "overloaded"')
    told = caller.say(TRIM).content.strip().split(b"\n\n")

    assert len(told) == 2
    assert last in told[1]
    assert caller.look("charges") == []


def test_a_stream_error_after_the_edit_was_applied(ready: Callable[..., Any]) -> None:
    caller = ready()
    caller.fault(endpoint="run_sse", action="stream_error", applied=True)

    assert b'"error"' in caller.say(TRIM).content
    assert caller.draft()["d"] == 1000
    assert len(caller.look("charges")) == 1
