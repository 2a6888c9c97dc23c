"""What becomes of an instruction: named from the timeline, charged once, and never sent twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from prefect_nemovideo.api import errors
from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.api.models import SessionState
from prefect_nemovideo.api.stream import TextDelta

TRIM = "trim the first 1 second"
TRIMMED = ["Trimmed to 2 s"]
#: As documented: 30 s, then four times 60 s.
RECOVERY = [30, 60, 60, 60, 60]
DRAFT = {"t": [{"tt": 0, "sg": [{"d": 3000}]}]}


@pytest.fixture
def ready(resume: Callable[..., Any], connect: Callable[..., Any]) -> Callable[..., Any]:
    """An emulator, a client of it and a session with footage."""

    async def start(timing: Any = None, settings: Any = None, **options: Any) -> Any:
        backend, session_id = resume(**options)
        return backend, connect(backend.url, timing=timing, **(settings or {})), session_id

    return start


@pytest.fixture
def answering(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> Callable[..., Any]:
    """A client of a server that answers a message as told, and whose timeline never changes."""

    async def start(answer: Any, timing: Any = None, **settings: Any) -> Any:
        async def serve(request: Any, writer: Any) -> None:
            if request.method == "POST":
                await answer(request, writer)
            else:
                writer.write(reply(body=json.dumps({"code": 0, "data": {"state": {"draft": DRAFT}}}).encode()))

        server = await scripted(serve)
        return connect(server.url, timing=timing, **settings), server

    return start


def stream(*payloads: Any) -> bytes:
    """A whole answer of `/run_sse`, in chunks."""
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    for payload in payloads:
        event = f"data: {json.dumps(payload)}\n\n".encode()
        answer += f"{len(event):x}\r\n".encode() + event + b"\r\n"
    return answer + b"0\r\n\r\n"


def messages(server: Any) -> int:
    return len([request for request in server.requests if request.method == "POST"])


@pytest.mark.parametrize("dialect", ["simple", "adk"])
@pytest.mark.parametrize("gui_phrases", [False, True])
async def test_an_edit_is_applied_with_words(ready: Callable[..., Any], dialect: str, gui_phrases: bool) -> None:
    """What the reply says is told as it comes, once; talk of a screen is taken out of the result."""
    backend, nemo, session_id = await ready(sse_dialect=dialect, gui_phrases=gui_phrases)
    heard: list[Any] = []
    result = await nemo.edits.apply(session_id, f" {TRIM}\n", on_event=heard.append)
    [request] = backend.requests("run_sse")
    said = "".join(event.text for event in heard if isinstance(event, TextDelta))

    assert (result.instruction, result.outcome, result.silent, result.changes) == (TRIM, "applied", False, TRIMMED)
    assert result.reply in said
    assert gui_phrases or said == result.reply
    assert request["body"] == {
        "app_name": "nemo_agent",
        "user_id": "me",
        "session_id": session_id,
        "new_message": {"parts": [{"text": TRIM}]},
    }
    assert backend.charges() == 1


@pytest.mark.parametrize("dialect", ["simple", "adk"])
async def test_a_silent_edit_is_told_by_its_changes(ready: Callable[..., Any], dialect: str, waits: Any) -> None:
    backend, nemo, session_id = await ready(sse_dialect=dialect, silent_share=1)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.silent, result.reply, result.changes) == ("applied", True, "", TRIMMED)
    assert waits.seconds == [0]
    assert backend.charges() == 1


@pytest.mark.parametrize(
    ("instruction", "outcome"), [("add a title", "question"), ("remove the background", "refused")]
)
async def test_a_question_and_a_refusal_are_told_apart_and_cost_nothing(
    ready: Callable[..., Any], instruction: str, outcome: str
) -> None:
    backend, nemo, session_id = await ready()
    result = await nemo.edits.apply(session_id, instruction)

    assert (result.outcome, result.changes) == (outcome, [])
    assert result.reply
    assert backend.charges() == 0


async def test_an_answer_without_a_change_is_unchanged(answering: Callable[..., Any], waits: Any) -> None:
    """The state is read at once and again when it had time to settle; more would help nobody."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "text", "content": "The video is already muted."}))

    nemo, _ = await answering(answer)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.reply) == ("unchanged", "The video is already muted.")
    assert waits.seconds == [0, 2]


async def test_neither_word_nor_change_is_waited_for_as_if_the_stream_had_broken(
    answering: Callable[..., Any], waits: Any
) -> None:
    """A gateway that ends a stream cleanly while the run goes on looks the same: nothing is concluded too early."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "heartbeat"}))

    nemo, server = await answering(answer)
    result = await nemo.edits.apply("1", "mute it")

    assert result.outcome == "unchanged"
    assert waits.seconds == [0, 2, *RECOVERY]
    assert messages(server) == 1


async def test_noise_after_an_answer_is_no_failure(ready: Callable[..., Any]) -> None:
    _, nemo, session_id = await ready(trailing_noise=True)
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == "applied"
    assert "temporary issue" not in result.reply


async def test_events_that_come_twice_are_told_once(ready: Callable[..., Any]) -> None:
    backend, nemo, session_id = await ready(sse_dialect="adk")
    plain = await nemo.edits.apply(session_id, TRIM)
    backend.fault("run_sse", "duplicate_events")
    doubled = await nemo.edits.apply(session_id, TRIM)

    assert doubled.outcome == "applied"
    assert doubled.reply.count(".") == plain.reply.count(".")


@pytest.mark.parametrize(
    ("dialect", "generation"), [("simple", "2.13"), ("adk", "1.28"), ("simple", "0.5"), ("adk", "event")]
)
@pytest.mark.parametrize("applied", [False, True])
async def test_an_error_in_the_stream_is_a_failure_only_where_nothing_changed(
    ready: Callable[..., Any], dialect: str, generation: str, applied: bool
) -> None:
    """In the shapes of three generations of agent servers; the timeline decides."""
    backend, nemo, session_id = await ready(sse_dialect=dialect)
    backend.fault("run_sse", "stream_error", generation=generation, applied=applied, message='It is "overloaded".')
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == ("applied" if applied else "failed")
    assert applied or "overloaded" in result.reply
    assert backend.charges() == applied
    assert len(backend.requests("run_sse")) == 1


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
    ready: Callable[..., Any], waits: Any, dialect: str, mode: str, after_events: int
) -> None:
    """Five looks, as documented, then that: not sent again, not charged, and no exception."""
    backend, nemo, session_id = await ready(sse_dialect=dialect)
    backend.fault("run_sse", "cut_stream", mode=mode, after_events=after_events, applied=False)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.changes) == ("unknown", [])
    assert result.reply
    assert waits.seconds == RECOVERY
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == 0


@CUTS
async def test_a_cut_stream_of_a_run_that_went_on_is_found_applied(
    ready: Callable[..., Any], waits: Any, dialect: str, mode: str, after_events: int
) -> None:
    """Seen at the first look; then once more, that it has come to rest."""
    backend, nemo, session_id = await ready(sse_dialect=dialect)
    backend.fault("run_sse", "cut_stream", mode=mode, after_events=after_events, applied=True)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.changes) == ("applied", TRIMMED)
    assert waits.seconds == [30, 2]
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == 1


@pytest.mark.parametrize("mode", ["rst", "mid_event", "clean"])
async def test_a_run_that_outlives_its_stream_is_waited_for(ready: Callable[..., Any], mode: str) -> None:
    """The cut comes before the edit: nothing has changed at first, and then it has."""

    async def hurried(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.05))

    timing = {"sleep": hurried}
    settings = {"nemo_recovery_delays_seconds": (30,) * 100}
    backend, nemo, session_id = await ready(
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
    ready: Callable[..., Any], waits: Any, fault: dict[str, Any], applied: bool
) -> None:
    """The message may have arrived: the timeline tells, no error says that it may be sent again."""
    backend, nemo, session_id = await ready()
    backend.fault("run_sse", **fault)
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == ("applied" if applied else "unknown")
    assert len(backend.requests("run_sse")) == 1
    assert backend.charges() == applied
    assert applied or waits.seconds == RECOVERY


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        ({"action": "status", "status": 401, "code": 1001}, errors.TokenRefused, 1),
        ({"action": "envelope_error", "code": 1001}, errors.TokenRefused, 1),
        ({"action": "status", "status": 404, "code": 1002}, errors.SessionGone, 1),
        ({"action": "status", "status": 404, "body": {"detail": "Session not found: 7"}}, errors.SessionGone, 1),
        ({"action": "envelope_error", "code": 1002}, errors.SessionGone, 1),
        ({"action": "status", "status": 403, "code": 2001}, errors.OutOfCredits, 1),
        ({"action": "envelope_error", "code": 2001}, errors.OutOfCredits, 1),
        ({"action": "status", "status": 402, "code": 402}, errors.PlanRefused, 1),
        ({"action": "status", "status": 422, "body": {"detail": [{"msg": "no"}]}}, errors.RequestRefused, 1),
        ({"action": "status", "status": 429, "code": 429}, errors.RateLimited, 2),
        ({"action": "envelope_error", "code": 429}, errors.RateLimited, 2),
    ],
    ids=str,
)
async def test_a_refusal_before_the_stream_is_an_error_and_costs_nothing(
    ready: Callable[..., Any], fault: dict[str, Any], kind: type[errors.CallFailed], sent: int
) -> None:
    """Nothing was begun. Only a rate limit is waited out, once."""
    backend, nemo, session_id = await ready()
    backend.fault("run_sse", **fault)
    with pytest.raises(kind) as caught:
        await nemo.edits.apply(session_id, TRIM)

    assert type(caught.value) is kind
    assert caught.value.next_step
    assert len(backend.requests("run_sse")) == sent
    assert backend.charges() == 0


async def test_no_credits_told_inside_the_stream_is_the_same_refusal(answering: Callable[..., Any]) -> None:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "error", "code": 2001, "message": "No credits."}))

    nemo, _ = await answering(answer)
    with pytest.raises(errors.OutOfCredits, match="No credits") as caught:
        await nemo.edits.apply("1", "mute it")
    assert "Top up" in caught.value.next_step


@pytest.mark.parametrize("code", [401, 429, 500, 503, "RESOURCE_EXHAUSTED"])
async def test_an_error_of_the_agents_own_is_a_failed_edit(answering: Callable[..., Any], code: int | str) -> None:
    """A model's rate limit is none of this API, and must not have the message sent again."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "error", "code": code, "message": "The model is overloaded."}))

    nemo, server = await answering(answer)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.reply) == ("failed", "The model is overloaded.")
    assert messages(server) == 1


async def test_an_empty_instruction_is_not_sent(emulate: Callable[..., Any], connect: Callable[..., Any]) -> None:
    backend = emulate()
    with pytest.raises(errors.BadInput, match="The instruction is empty"):
        await connect(backend.url).edits.apply("1", " \n")

    assert backend.requests() == []


@pytest.mark.parametrize("heartbeat", [b'data: {"type":"heartbeat"}\n\n', b"data:\n\n", b": ping\n\n"])
async def test_the_state_is_read_before_a_stalled_stream_is_closed(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], heartbeat: bytes
) -> None:
    """Closing can abort the run. What it had done by then counts; "still working" is told meanwhile."""
    order: list[str] = []

    async def answer(request: Any, writer: Any) -> None:
        if request.method == "GET":
            # Long enough for the stream to notice that nobody listens any more, if that is so.
            await asyncio.sleep(0.1)
            order.append("state")
            # What is there while the stream is still open is all there will ever be.
            draft = {"t": [{"tt": 0, "sg": [{"d": 1000 if len(order) == 1 else 2000}]}]}
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
    nemo = connect(server.url, nemo_edit_idle_timeout_seconds=0.4, nemo_still_working_seconds=0.1)
    result = await nemo.edits.apply("1", "mute it", on_event=heard.append)

    assert order[:3] == ["state", "state", "closed"]
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

    assert (result.outcome, result.reply) == ("unknown", "The editor did not finish in the time allowed.")
    assert STILL_WORKING in heard
    assert waits.seconds == RECOVERY
    assert messages(server) == 1


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


async def test_a_timeline_that_cant_be_read_is_no_unchanged_one(ready: Callable[..., Any], waits: Any) -> None:
    """The reply said "done", both looks failed: it is looked for as after a broken stream, and found."""
    backend, nemo, session_id = await ready()
    backend.fault("state", "status", status=500, after=1, times=8)
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
    ready: Callable[..., Any], fault: dict[str, Any]
) -> None:
    """An error would say that nothing was started. A reply without a timeline is no edit that removed everything."""
    backend, nemo, session_id = await ready()
    before = await nemo.sessions.state(session_id)
    backend.fault("state", **fault)
    result = await nemo.edits.apply(session_id, TRIM, before=before)

    assert (result.outcome, result.changes) == ("unknown", [])
    assert len(backend.requests("run_sse")) == 1


async def test_an_edit_of_a_run_that_died_is_found_without_sending_anything(
    ready: Callable[..., Any], waits: Any
) -> None:
    """Looked for at once; there is nothing to wait for where it is there."""
    backend, nemo, session_id = await ready()
    before = await nemo.sessions.state(session_id)
    await nemo.edits.apply(session_id, TRIM)
    waits.seconds.clear()
    backend.forget()
    result = await nemo.edits.recover(session_id, TRIM, SessionState.model_validate_json(before.model_dump_json()))

    assert (result.outcome, result.changes) == ("applied", TRIMMED)
    assert waits.seconds == [0, 2]
    assert backend.requests("run_sse") == []


async def test_an_edit_that_can_not_be_found_again_is_unknown(ready: Callable[..., Any], waits: Any) -> None:
    backend, nemo, session_id = await ready()
    result = await nemo.edits.recover(session_id, TRIM, await nemo.sessions.state(session_id))

    assert (result.outcome, result.reply) == ("unknown", "The run that sent it did not see its end.")
    assert waits.seconds == [0, *RECOVERY]
    assert backend.requests("run_sse") == []


async def test_a_cancelled_edit_hangs_up(ready: Callable[..., Any]) -> None:
    """The connection is closed at once; a stock agent server then aborts the run, and nothing is charged."""
    backend, nemo, session_id = await ready(edit_seconds=60)
    begun = asyncio.Event()
    editing = asyncio.create_task(nemo.edits.apply(session_id, TRIM, on_event=lambda event: begun.set()))
    await begun.wait()
    held = (await nemo.credits.balance()).frozen
    editing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await editing
    async for balance in _balances(nemo):
        if balance.frozen == 0:
            break

    assert held == 50
    assert balance.available == 10_000
    assert backend.charges() == 0


async def _balances(nemo: Any) -> AsyncIterator[Any]:
    """The balance, again and again: the emulator learns by itself that a connection is gone."""
    while True:
        yield await nemo.credits.balance()
