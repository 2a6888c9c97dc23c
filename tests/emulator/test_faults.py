"""Each fault, as a plain client meets it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

CREDITS = "/api/credits/balance/simple"


def keep(reply: httpx.Response, pieces: list[bytes]) -> None:
    """Read a reply to its end, keeping what came even if that is a bad one."""
    for piece in reply.iter_raw():
        pieces.append(piece)


def create(caller: Any) -> httpx.Response:
    reply: httpx.Response = caller.http.post("/api/tasks/me/with-session/nemo_agent", json={})
    return reply


def sessions_made(caller: Any, tmp_path: Path) -> int:
    with sqlite3.connect(tmp_path / "data" / "emulator.db") as database:
        count: int = database.execute("SELECT COUNT(*) FROM sessions").fetchone()[0]
    return count


def test_reset_before(emulate: Callable[..., Any], tmp_path: Path) -> None:
    """The connection is reset and nothing was done."""
    caller = emulate()
    caller.fault(endpoint="create_session", action="reset_before", times=1)
    with pytest.raises(httpx.ReadError):
        create(caller)

    assert sessions_made(caller, tmp_path) == 0
    assert create(caller).status_code == 200


def test_reset_after(emulate: Callable[..., Any], tmp_path: Path) -> None:
    """The reply is lost, but it was done."""
    caller = emulate()
    caller.fault(endpoint="create_session", action="reset_after", times=1)
    with pytest.raises(httpx.ReadError):
        create(caller)

    assert sessions_made(caller, tmp_path) == 1


def test_lose_reply(emulate: Callable[..., Any], tmp_path: Path) -> None:
    """It was done, and the connection ends in order where the reply should begin."""
    caller = emulate()
    caller.fault(endpoint="create_session", action="lose_reply", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        create(caller)

    assert sessions_made(caller, tmp_path) == 1


def test_status_with_an_error_page(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(
        endpoint="credits",
        action="status",
        status=502,
        html=True,
        message="Bad Gateway",
        headers={"X-Cache": "MISS"},
    )
    reply = caller.http.get(CREDITS)

    assert (reply.status_code, reply.headers["x-cache"]) == (502, "MISS")
    assert reply.headers["content-type"].startswith("text/html")
    assert "502 Bad Gateway" in reply.text


def test_status_with_a_body(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="status", status=503, body={"busy": True})

    assert (caller.http.get(CREDITS).status_code, caller.http.get(CREDITS).json()) == (503, {"busy": True})


def test_reply_status(emulate: Callable[..., Any], tmp_path: Path) -> None:
    """It was done, and the answer says that it failed."""
    caller = emulate()
    caller.fault(endpoint="create_session", action="reply_status", status=504)

    assert create(caller).status_code == 504
    assert sessions_made(caller, tmp_path) == 1


def test_envelope_error(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="envelope_error", code=9999, message="Odd.")
    reply = caller.http.get(CREDITS)

    assert (reply.status_code, reply.json()) == (200, {"code": 9999, "message": "Odd.", "data": None})


def test_retry_after(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="retry_after", seconds=7, times=1)
    reply = caller.http.get(CREDITS)

    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert caller.http.get(CREDITS).status_code == 200


@pytest.mark.parametrize("endpoint", ["credits", "run_sse"])
def test_slow_first_byte(ready: Callable[..., Any], endpoint: str) -> None:
    """A client with less patience than that gives up without an answer; a patient one gets it."""
    caller = ready()
    caller.fault(endpoint=endpoint, action="slow_first_byte", seconds=0.5)
    call = {"credits": lambda: caller.http.get(CREDITS), "run_sse": lambda: caller.say("mute the audio")}[endpoint]
    patience, caller.http.timeout = caller.http.timeout, httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        call()
    caller.http.timeout = patience

    assert call().status_code == 200


def test_stall(emulate: Callable[..., Any]) -> None:
    """A part of the reply comes, the rest when the faults are cleared."""
    caller = emulate()
    caller.fault(endpoint="credits", action="stall", at_bytes=5)
    with httpx.stream("GET", caller.url + CREDITS, headers=caller.http.headers, timeout=30) as reply:
        pieces = reply.iter_raw()
        first = next(pieces)
        caller.http.delete("/_emulator/faults")
        rest = b"".join(pieces)

    assert len(first) == 5
    assert first + rest == caller.http.get(CREDITS).content


def test_truncate(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="truncate")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.http.get(CREDITS)


@pytest.mark.parametrize(("mode", "error"), [({}, httpx.RemoteProtocolError), ({"mode": "rst"}, httpx.ReadError)])
def test_a_truncated_file_ends_at_the_byte(
    ready: Callable[..., Any], clip: Path, mode: dict[str, str], error: type[Exception]
) -> None:
    caller = ready()
    url = caller.state()["state"]["video_infos"][0]["cdn_url"]
    caller.fault(endpoint="cdn", action="truncate", at_bytes=1000, **mode)
    pieces: list[bytes] = []
    with httpx.stream("GET", url) as reply:
        assert reply.headers["content-length"] == str(clip.stat().st_size)
        with pytest.raises(error):
            keep(reply, pieces)
    received = b"".join(pieces)

    # A reset may overtake the last bytes; an orderly end may not.
    assert received == clip.read_bytes()[: len(received)]
    assert len(received) == 1000 or mode


def test_malformed_json(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="malformed_json")
    reply = caller.http.get(CREDITS)

    assert reply.status_code == 200
    with pytest.raises(ValueError, match="char"):
        reply.json()


def test_fields_can_be_dropped_and_set(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="drop_field", field="data.frozen", times=1)
    caller.fault(endpoint="credits", action="set_field", field="data.available", value="many")

    assert set(caller.http.get(CREDITS).json()["data"]) == {"available", "total"}
    assert caller.http.get(CREDITS).json()["data"]["available"] == "many"


def test_fields_inside_lists_can_be_set_and_absent_ones_are_left(ready: Callable[..., Any]) -> None:
    caller = ready()
    caller.fault(endpoint="state", action="set_field", field="data.state.video_infos.0.hash", value="another", times=1)
    caller.fault(endpoint="state", action="set_field", field="data.nowhere.at.all", value=1)
    first, second = caller.state(), caller.state()

    assert first["state"]["video_infos"][0]["hash"] == "another"
    assert second["state"]["video_infos"][0]["hash"] != "another"
    assert "nowhere" not in second


def test_a_render_can_be_shown_in_an_unknown_state(ready: Callable[..., Any]) -> None:
    caller = ready(instant_renders=True)
    caller.export("render_1")
    caller.exported("render_1")
    caller.fault(endpoint="render_status", action="set_field", field="status", value="queued", times=1)

    assert [caller.status("render_1")["status"] for _ in range(2)] == ["queued", "completed"]


def test_refuse(emulate: Callable[..., Any], until: Callable[..., Any]) -> None:
    """For a while nobody listens; then the same port answers again."""
    caller = emulate()
    caller.fault(endpoint="credits", action="refuse", seconds=0.5, times=1)
    with pytest.raises(httpx.ReadError):
        caller.http.get(CREDITS)

    def refused() -> bool:
        try:
            httpx.get(caller.url + "/_emulator/health")
        except httpx.ConnectError:
            return True
        return False

    assert until(refused)
    assert until(lambda: not refused())
    assert caller.http.get(CREDITS).status_code == 200


def test_after_times_and_share_are_counted(emulate: Callable[..., Any]) -> None:
    """Two pass, two are struck, the rest pass; a share of one half is the same half each time."""
    caller = emulate()
    caller.fault(endpoint="credits", action="status", status=500, after=2, times=2)
    assert [caller.http.get(CREDITS).status_code for _ in range(6)] == [200, 200, 500, 500, 200, 200]
    [report] = caller.look("faults")
    assert (report["matched"], report["struck"]) == (6, 2)

    def halves() -> list[int]:
        caller.http.delete("/_emulator/faults")
        caller.fault(endpoint="*", action="status", status=500, share=0.5, seed=3)
        return [caller.http.get(CREDITS).status_code for _ in range(20)]

    first = halves()
    assert first == halves()
    assert 4 < first.count(500) < 16


def test_the_list_of_requests_names_the_fault(emulate: Callable[..., Any]) -> None:
    caller = emulate()
    caller.fault(endpoint="credits", action="reset_before", times=1)
    with pytest.raises(httpx.ReadError):
        caller.http.get(CREDITS)
    caller.http.get(CREDITS)

    asked = caller.look("requests")
    assert [(entry["fault"], entry["status"], entry["aborted"]) for entry in asked] == [
        ("reset_before", None, True),
        (None, 200, False),
    ]


@pytest.mark.parametrize(
    "rule",
    [{"endpoint": "credits"}, {"endpoint": "x", "action": "stall"}, {"endpoint": "credits", "action": "explode"}],
)
def test_an_unknown_rule_is_refused(emulate: Callable[..., Any], rule: dict[str, str]) -> None:
    caller = emulate()
    reply = caller.http.post("/_emulator/faults", json=[rule])

    assert reply.status_code == 400
    assert reply.json()["problems"]
    assert caller.look("faults") == []
