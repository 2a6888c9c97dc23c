"""Streams that break, stall, lie or never begin: the timeline tells, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.api.errors import RequestRefused

TRIM = "trim the first 1 second"
TRIMMED = ["Trimmed to 2 s"]
#: As documented: 30 s, then four times 60 s.
RECOVERY = [30, 60, 60, 60, 60]


def messages(server: Any) -> int:
    return len([request for request in server.requests if request.method == "POST"])


CUTS = pytest.mark.parametrize(
    ("dialect", "mode", "after_events"),
    [
        ("simple", "rst", 0),
        ("simple", "mid_event", 0),
        ("simple", "rst", 1),
        ("adk", "mid_event", 1),
        ("adk", "rst", 2),
        ("adk", "mid_event", 2),
    ],
)


@CUTS
async def test_a_cut_stream_of_a_run_that_was_aborted_ends_as_unknown(
    editing: Callable[..., Any], waits: Any, dialect: str, mode: str, after_events: int
) -> None:
    """Five looks, as documented, then that: not sent again, not charged, and no exception."""
    backend, nemo, session_id = await editing(sse_dialect=dialect)
    backend.fault("run_sse", "cut_stream", mode=mode, after_events=after_events, applied=False)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.changes) == ("unknown", [])
    assert result.warnings
    assert waits.seconds == RECOVERY
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == 0


@pytest.mark.parametrize("code", [4001, 4002])
async def test_a_code_of_the_contracts_says_that_the_edit_did_not_begin(
    editing: Callable[..., Any], waits: Any, code: int
) -> None:
    backend, nemo, session_id = await editing()
    backend.fault("run_sse", "envelope_error", code=code)
    with pytest.raises(RequestRefused, match=f"refused the instruction with code {code}"):
        await nemo.edits.apply(session_id, TRIM)
    assert len(backend.requests("run_sse")) == 1


@pytest.mark.parametrize("code", [5000, -1, 3])
async def test_a_code_that_nobody_explains_leaves_open_whether_the_edit_began(
    editing: Callable[..., Any], waits: Any, code: int
) -> None:
    """Only a refusal of the contract's, or one of HTTP's own (4xx), says that nothing was started."""
    backend, nemo, session_id = await editing()
    backend.fault("run_sse", "envelope_error", code=code)
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == "unknown"
    assert f"code {code}" in result.warnings[0]
    assert waits.seconds == RECOVERY
    assert len(backend.requests("run_sse")) == 1


@CUTS
async def test_a_cut_stream_of_a_run_that_went_on_is_found_applied(
    editing: Callable[..., Any], waits: Any, dialect: str, mode: str, after_events: int
) -> None:
    """Seen at the first look; then once more, that it has come to rest."""
    backend, nemo, session_id = await editing(sse_dialect=dialect)
    backend.fault("run_sse", "cut_stream", mode=mode, after_events=after_events, applied=True)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.changes) == ("applied", TRIMMED)
    assert waits.seconds == [30, 2]
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == 1


@pytest.mark.parametrize("mode", ["rst", "mid_event", "clean"])
async def test_a_run_that_outlives_its_stream_is_waited_for(editing: Callable[..., Any], mode: str) -> None:
    """The cut comes before the edit: nothing has changed at first, and then it has."""

    async def hurried(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.05))

    timing = {"sleep": hurried}
    settings = {"nemo_recovery_delays_seconds": (30,) * 100}
    backend, nemo, session_id = await editing(
        timing, settings, run_survives_disconnect=True, edit_seconds=0.3, token_credits=100
    )
    backend.fault("run_sse", "cut_stream", mode=mode, after_events=1)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.changes) == ("applied", TRIMMED)
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == 1


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        ({"action": "reset_before"}, False),
        ({"action": "reset_after"}, True),
        ({"action": "status", "status": 500}, False),
        ({"action": "status", "status": 502, "html": True}, False),
        ({"action": "status", "status": 503, "headers": {"Retry-After": "1"}}, False),
        ({"action": "reply_status", "status": 500}, True),
        ({"action": "reply_status", "status": 504, "html": True}, True),
        ({"action": "reply_status", "status": 408}, True),
        ({"action": "reply_status", "status": 499, "html": True}, True),
        ({"action": "envelope_error", "code": 500}, False),
        ({"action": "status", "status": 200, "html": True}, False),
        ({"action": "reply_status", "status": 200, "html": True}, True),
        ({"action": "status", "status": 200, "body": '{"code":'}, False),
        ({"action": "status", "status": 200, "body": {"code": 0, "data": {}}}, False),
        ({"action": "reply_status", "status": 200, "body": {"code": 0, "data": {}}}, True),
        ({"action": "status", "status": 307, "headers": {"Location": "/elsewhere"}, "body": ""}, False),
        ({"action": "malformed_json"}, True),
    ],
    ids=str,
)
async def test_whatever_comes_instead_of_a_stream_nothing_is_sent_twice(
    editing: Callable[..., Any], waits: Any, fault: dict[str, Any], applied: bool
) -> None:
    """The message may have arrived: the timeline tells, no error says that it may be sent again."""
    backend, nemo, session_id = await editing()
    backend.fault("run_sse", **fault)
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == ("applied" if applied else "unknown")
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == applied
    assert applied or waits.seconds == RECOVERY


async def test_an_address_that_leads_elsewhere_is_told_with_the_way_on(editing: Callable[..., Any], waits: Any) -> None:
    backend, nemo, session_id = await editing()
    backend.fault("run_sse", "status", status=307, headers={"Location": "/elsewhere"}, body="")
    (told,) = (await nemo.edits.apply(session_id, TRIM)).warnings

    assert "HTTP 307, a redirect that is not followed. Set NEMO_API_URL to the address that it redirects to." in told


@pytest.mark.conformance("heartbeats", "still-working")
@pytest.mark.parametrize("heartbeat", [b'data: {"type":"heartbeat"}\n\n', b"data:\n\n", b": ping\n\n"])
async def test_the_state_is_read_before_a_stalled_stream_is_closed(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], heartbeat: bytes
) -> None:
    """Closing can abort the run. What it had done by then counts; "still working" is told meanwhile."""
    order: list[str] = []

    async def answer(request: Any, writer: Any) -> None:
        if "/credits/" in request.target:
            writer.write(reply(body=b'{"code":0,"data":{"available":100}}'))
            return
        if request.method == "GET":
            # Long enough for the stream to notice that nobody listens any more, if that is so.
            await asyncio.sleep(0.1)
            order.append("state")
            # What is there while the stream is still open is all there will ever be.
            draft = {"t": [{"tt": 0, "sg": [{"d": 1000 if len(order) < 3 else 2000}]}]}
            writer.write(reply(body=json.dumps({"data": {"state": {"draft": draft}}}).encode()))
            return
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        try:
            while True:
                writer.write(heartbeat)
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            order.append("closed")
            raise

    server = await scripted(answer)
    heard: list[Any] = []
    nemo = connect(server.url, nemo_edit_idle_timeout_seconds=0.6, nemo_still_working_seconds=0.1)
    result = await nemo.edits.apply("1", "mute it", on_event=heard.append)

    assert order[:4] == ["state", "state", "state", "closed"]
    assert result.outcome == "applied"
    assert heard.count(STILL_WORKING) >= 2
    assert messages(server) == 1


async def test_an_answer_that_never_begins_is_timed_too(answering: Callable[..., Any], waits: Any) -> None:
    """A gateway may hold everything back: no headers, no bytes."""

    async def answer(request: Any, writer: Any) -> None:
        await asyncio.Event().wait()

    heard: list[Any] = []
    nemo, server = await answering(answer, nemo_edit_idle_timeout_seconds=0.3, nemo_still_working_seconds=0.1)
    result = await nemo.edits.apply("1", "mute it", on_event=heard.append)

    assert (result.outcome, result.warnings) == ("unknown", ["The editor did not finish in the time allowed."])
    assert STILL_WORKING in heard
    assert waits.seconds == RECOVERY
    assert messages(server) == 1


@pytest.mark.conformance("fifteen-minutes")
async def test_an_edit_that_talks_on_and_on_ends_after_fifteen_minutes(
    answering: Callable[..., Any], waits: Any
) -> None:
    """The cap holds however lively the stream is."""
    minutes = 0.0

    def clock() -> float:
        return minutes * 60

    async def answer(request: Any, writer: Any) -> None:
        nonlocal minutes
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while True:
            minutes += 1
            writer.write(b'data: {"type":"text","content":"on "}\n\n')
            await writer.drain()
            await asyncio.sleep(0.001)

    nemo, server = await answering(answer, {"clock": clock, "sleep": waits})
    result = await nemo.edits.apply("1", "mute it")

    assert result.outcome == "unknown"
    assert minutes >= 15
    assert messages(server) == 1


async def test_an_event_without_end_leaves_the_outcome_open(answering: Callable[..., Any]) -> None:
    """An event beyond 32 MiB is not read on; the run may go on, so nothing is concluded from it."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ")
        for _ in range(33):
            writer.write(b"x" * (1 << 20))
            await writer.drain()
        writer.close()

    nemo, _ = await answering(answer)
    assert (await nemo.edits.apply("1", "mute it")).outcome == "unknown"


async def test_a_timeline_that_cant_be_read_is_no_unchanged_one(editing: Callable[..., Any], waits: Any) -> None:
    """The reply said "done", both looks failed: it is looked for as after a broken stream, and found."""
    backend, nemo, session_id = await editing()
    backend.fault("state", "status", status=500, after=2, times=8)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.changes) == ("applied", TRIMMED)
    assert waits.seconds == [0, 0.5, 1, 2, 2, 0.5, 1, 2, 30, 2]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 500},
        {"action": "malformed_json"},
        {"action": "drop_field", "field": "data.state"},
        {"action": "drop_field", "field": "data.state.draft"},
        {"action": "envelope_error", "code": 1001},
        {"action": "envelope_error", "code": 1002},
    ],
    ids=str,
)
async def test_no_look_that_fails_makes_an_error_of_a_sent_edit(
    editing: Callable[..., Any], fault: dict[str, Any]
) -> None:
    """An error would say that nothing was started. A reply without a timeline is no edit that removed everything."""
    backend, nemo, session_id = await editing()
    before = await nemo.sessions.state(session_id)
    backend.fault("state", **fault)
    result = await nemo.edits.apply(session_id, TRIM, before=before)

    assert (result.outcome, result.changes) == ("unknown", [])
    assert len(backend.requests("run_sse")) == 1
