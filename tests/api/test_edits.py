"""What becomes of an instruction: named from the timeline, charged once, and never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from prefect_nemovideo.api import errors
from prefect_nemovideo.api.models import SessionState
from prefect_nemovideo.api.stream import TextDelta

TRIM = "trim the first 1 second"
TRIMMED = ["Trimmed to 2 s"]
#: As documented: 30 s, then four times 60 s.
RECOVERY = [30, 60, 60, 60, 60]


def messages(server: Any) -> int:
    return len([request for request in server.requests if request.method == "POST"])


@pytest.mark.conformance("text-events", "tool-events", "stream-closes")
@pytest.mark.parametrize("dialect", ["simple", "adk"])
@pytest.mark.parametrize("gui_phrases", [False, True])
async def test_an_edit_is_applied_with_words(editing: Callable[..., Any], dialect: str, gui_phrases: bool) -> None:
    """What the reply says is told as it comes, once; talk of a screen is taken out of the result."""
    backend, nemo, session_id = await editing(sse_dialect=dialect, gui_phrases=gui_phrases)
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


@pytest.mark.conformance("silent-edits")
@pytest.mark.parametrize("dialect", ["simple", "adk"])
async def test_a_silent_edit_is_told_by_its_changes(editing: Callable[..., Any], dialect: str, waits: Any) -> None:
    backend, nemo, session_id = await editing(sse_dialect=dialect, silent_share=1)
    result = await nemo.edits.apply(session_id, TRIM)

    assert (result.outcome, result.silent, result.reply, result.changes) == ("applied", True, "", TRIMMED)
    assert waits.seconds == [0]
    assert backend.charges() == 1


@pytest.mark.parametrize(
    ("instruction", "outcome"), [("add a title", "question"), ("remove the background", "refused")]
)
async def test_a_question_and_a_refusal_are_told_apart_and_cost_nothing(
    editing: Callable[..., Any], instruction: str, outcome: str
) -> None:
    backend, nemo, session_id = await editing()
    result = await nemo.edits.apply(session_id, instruction)

    assert (result.outcome, result.changes) == (outcome, [])
    assert result.reply
    assert backend.charges() == 0


async def test_an_answer_without_a_change_is_unchanged(
    answering: Callable[..., Any], stream: Callable[..., bytes], waits: Any
) -> None:
    """The state is read at once and again when it had time to settle; more would help nobody."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "text", "content": "The video is already muted."}))

    nemo, _ = await answering(answer)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.reply) == ("unchanged", "The video is already muted.")
    assert waits.seconds == [0, 2]


async def test_neither_word_nor_change_is_waited_for_as_if_the_stream_had_broken(
    answering: Callable[..., Any], stream: Callable[..., bytes], waits: Any
) -> None:
    """A gateway that ends a stream cleanly while the run goes on looks the same: nothing is concluded too early."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "heartbeat"}))

    nemo, server = await answering(answer)
    result = await nemo.edits.apply("1", "mute it")

    assert result.outcome == "unchanged"
    assert waits.seconds == [0, 2, *RECOVERY]
    assert messages(server) == 1


async def test_noise_after_an_answer_is_no_failure(editing: Callable[..., Any]) -> None:
    _, nemo, session_id = await editing(trailing_noise=True)
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == "applied"
    assert "temporary issue" not in result.reply


async def test_events_that_come_twice_are_told_once(editing: Callable[..., Any]) -> None:
    backend, nemo, session_id = await editing(sse_dialect="adk")
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
    editing: Callable[..., Any], dialect: str, generation: str, applied: bool
) -> None:
    """In the shapes of three generations of agent servers; the timeline decides."""
    backend, nemo, session_id = await editing(sse_dialect=dialect)
    backend.fault("run_sse", "stream_error", generation=generation, applied=applied, message='It is "overloaded".')
    result = await nemo.edits.apply(session_id, TRIM)

    assert result.outcome == ("applied" if applied else "failed")
    assert applied or "overloaded" in result.reply
    assert backend.charges() == applied
    assert len(backend.requests("run_sse")) == 1


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
    editing: Callable[..., Any], fault: dict[str, Any], kind: type[errors.CallFailed], sent: int
) -> None:
    """Nothing was begun. Only a rate limit is waited out, once."""
    backend, nemo, session_id = await editing()
    backend.fault("run_sse", **fault)
    with pytest.raises(kind) as caught:
        await nemo.edits.apply(session_id, TRIM)

    assert type(caught.value) is kind
    assert caught.value.next_step
    assert len(backend.requests("run_sse")) == sent
    assert backend.charges() == 0


async def test_no_credits_told_inside_the_stream_is_the_same_refusal(
    answering: Callable[..., Any], stream: Callable[..., bytes]
) -> None:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(stream({"type": "error", "code": 2001, "message": "No credits."}))

    nemo, _ = await answering(answer)
    with pytest.raises(errors.OutOfCredits, match="No credits") as caught:
        await nemo.edits.apply("1", "mute it")
    assert "Top up" in caught.value.next_step


@pytest.mark.parametrize("code", [401, 429, 500, 503, "RESOURCE_EXHAUSTED"])
async def test_an_error_of_the_agents_own_is_a_failed_edit(
    answering: Callable[..., Any], stream: Callable[..., bytes], code: int | str
) -> None:
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


async def test_an_edit_of_a_run_that_died_is_found_without_sending_anything(
    editing: Callable[..., Any], waits: Any
) -> None:
    """Looked for at once; there is nothing to wait for where it is there."""
    backend, nemo, session_id = await editing()
    before = await nemo.sessions.state(session_id)
    await nemo.edits.apply(session_id, TRIM)
    waits.seconds.clear()
    backend.forget()
    result = await nemo.edits.recover(session_id, TRIM, SessionState.model_validate_json(before.model_dump_json()))

    assert (result.outcome, result.changes) == ("applied", TRIMMED)
    assert waits.seconds == [0, 2]
    assert backend.requests("run_sse") == []


async def test_an_edit_that_can_not_be_found_again_is_unknown(editing: Callable[..., Any], waits: Any) -> None:
    backend, nemo, session_id = await editing()
    result = await nemo.edits.recover(session_id, TRIM, await nemo.sessions.state(session_id))

    assert (result.outcome, result.warnings) == ("unknown", ["The run that sent it did not see its end."])
    assert waits.seconds == [0, *RECOVERY]
    assert backend.requests("run_sse") == []


async def test_a_cancelled_edit_hangs_up(editing: Callable[..., Any]) -> None:
    """The connection is closed at once; a stock agent server then aborts the run, and nothing is charged."""
    backend, nemo, session_id = await editing(edit_seconds=60)
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
