"""The words and facts of a reply, from every shape of frame."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_nemovideo.api.stream import (
    Heartbeat,
    Reply,
    ReplyReader,
    StreamFault,
)


def read(*frames: str | dict[str, Any], clean: bool = True) -> Reply:
    reader = ReplyReader()
    for frame in frames:
        reader.feed(frame if isinstance(frame, str) else json.dumps(frame))
    return reader.finish(clean=clean)


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def agent(*parts: dict[str, Any], partial: bool | None = None, **more: Any) -> dict[str, Any]:
    event = {"content": {"role": "model", "parts": list(parts)}, "author": "nemo_agent", "invocationId": "e-1", **more}
    return event if partial is None else {**event, "partial": partial}


@pytest.mark.conformance("heartbeats")
@pytest.mark.parametrize("data", ["", " ", '{"type":"heartbeat"}', "heartbeat", "ping", '"ping"', "null", "{}"])
def test_every_form_of_heartbeat(data: str) -> None:
    reader = ReplyReader()
    assert reader.feed(data) == [Heartbeat()]
    assert reader.finish(clean=True) == Reply(text="", last_was_heartbeat=True)


@pytest.mark.parametrize(
    "data", ["[DONE]", "[]", "42", '{"type":"usage","tokens":7}', '"hello"', "<p>", "[[[[", "[" * 9999]
)
def test_a_frame_of_unknown_kind_tells_nothing(data: str) -> None:
    assert read(text("Done."), data) == Reply(text="Done.")


@pytest.mark.parametrize(
    ("frame", "code", "message"),
    [
        (
            '{"error": "TimeoutError: ", "error_details": {"error_type": "TimeoutError"}}',
            "TimeoutError",
            "TimeoutError:",
        ),
        ('{"error": "boom"}', "", "boom"),
        ('{"error": "503 "The model is overloaded.""}', "", '503 "The model is overloaded."'),
        ('{"error": "first line', "", "first line"),
        ('{"error": {"code": 503, "message": "busy"}}', "503", "busy"),
        ('{"code":2001,"message":"no credits"}', "2001", "no credits"),
        ('{"code":"1002","msg":"session not found","data":null}', "1002", "session not found"),
        ('{"success":false,"message":"nope"}', "", "nope"),
        ('{"detail":"Session not found"}', "", "Session not found"),
        ('{"type":"error","content":"it broke","code":"X"}', "X", "it broke"),
        ('{"errorCode":"SAFETY","author":"a"}', "SAFETY", "SAFETY"),
        ('{"error_code":"SAFETY","error_message":"blocked","author":"a"}', "SAFETY", "blocked"),
        ('{"error": ""}', "", "The server reported an error without a message."),
    ],
)
def test_every_shape_of_error_is_a_fault(frame: str, code: str, message: str) -> None:
    reader = ReplyReader()
    assert reader.feed(frame) == [StreamFault(message, code)]
    fault = reader.finish(clean=True).fault
    assert fault is not None
    assert (fault.code, fault.message) == (code, message)


def test_a_payload_above_32_mb_is_a_fault() -> None:
    fault = read("x" * (32 * 1024 * 1024 + 1)).fault
    assert fault is not None
    assert fault.code == "EVENT_TOO_LARGE"


@pytest.mark.parametrize("code", ["MODEL_RETURNED_NO_CONTENT", "STOP"])
def test_an_empty_turn_of_the_model_is_no_fault(code: str) -> None:
    assert read(agent(errorCode=code, errorMessage="nothing")).fault is None


@pytest.mark.parametrize("frame", ['{"code":0,"message":"success"}', '{"code":200,"data":{}}'])
def test_a_successful_envelope_is_no_fault(frame: str) -> None:
    assert read(frame).fault is None


def test_an_error_inside_a_tool_is_the_agents_own_business() -> None:
    reply = read(
        {"type": "tool_call", "name": "cut"}, {"type": "tool_result", "name": "cut", "error": "bad"}, text("Ok.")
    )
    assert reply == Reply(text="Ok.", tool_calls=("cut",))


def test_the_first_of_two_reports_of_one_error_is_kept() -> None:
    reply = read(agent(errorCode="RuntimeError", errorMessage="boom"), '{"error": "RuntimeError: boom"}')
    assert reply.fault is not None
    assert reply.fault.code == "RuntimeError"


def test_text_cut_by_a_limit_stays_beside_its_fault() -> None:
    reply = read(agent({"text": "I will now"}, errorCode="MAX_TOKENS"))
    assert reply.text == "I will now"
    assert reply.fault is not None


def test_an_aborted_turn_is_told() -> None:
    reply = read(agent(errorCode="INVOCATION_ABORTED", errorMessage="aborted by client"))
    assert reply.aborted
    assert reply.fault is not None


# Each text once


def test_a_whole_takes_the_place_of_its_pieces() -> None:
    pieces = [agent({"text": part}, partial=True) for part in ("Tri", "mmed", ".")]
    assert read(*pieces, agent({"text": "Trimmed."}, partial=False)).text == "Trimmed."
    assert read(*pieces, agent({"text": "Trimmed."})).text == "Trimmed."
    assert read(*pieces, agent({"text": "Cut."})).text == "Cut."


def test_a_whole_that_comes_again_is_said_once() -> None:
    """Under another id and time; what is said again after a tool is said twice."""
    again = [agent({"text": "Muted."}, id=name, timestamp=time) for name, time in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    pieces = [agent({"text": piece}, partial=True) for piece in ("Mu", "ted.")]
    called = agent({"functionCall": {"id": "1", "name": "mute", "args": {}}})
    returned = agent({"functionResponse": {"id": "1", "name": "mute", "response": {}}})

    assert read(*again).text == "Muted."
    assert read(*pieces, again[0], *pieces, again[1]).text == "Muted."
    assert read(again[0], again[1], called, returned, again[2]).text == "Muted.\nMuted."


def test_cumulative_pieces_still_give_the_text_once() -> None:
    pieces = [agent({"text": part}, partial=True) for part in ("Tri", "Trimmed", "Trimmed.")]
    assert read(*pieces, agent({"text": "Trimmed."})).text == "Trimmed."


def test_thoughts_are_never_text() -> None:
    assert read(agent({"text": "hmm", "thought": True}, {"text": "Done."})).text == "Done."
    assert read(agent({"text": "hmm", "thought": True}, partial=True)).text == ""


def test_pieces_without_their_whole_are_text_but_unconfirmed() -> None:
    reply = read(agent({"text": "Working"}, partial=True))
    assert reply.text == "Working"
    assert not reply.complete


def test_a_whole_that_comes_after_the_tool_still_takes_the_place_of_its_pieces() -> None:
    call = agent({"functionCall": {"id": "1", "name": "cut"}})
    back = agent({"functionResponse": {"id": "1", "name": "cut", "response": {}}})
    reply = read(agent({"text": "Let me"}, partial=True), call, back, agent({"text": "Let me cut."}))
    assert reply.text == "Let me cut."
    assert reply.complete


def test_two_speakers_at_once_are_kept_apart() -> None:
    reply = read(
        agent({"text": "A1"}, partial=True, branch="x"),
        agent({"text": "B1"}, partial=True, branch="y"),
        agent({"text": "A1A2"}, branch="x"),
        agent({"text": "B1B2"}, branch="y"),
    )
    assert reply.text == "A1A2\nB1B2"


def test_frames_that_share_an_id_are_all_read_and_a_doubled_frame_once() -> None:
    first = agent({"text": "One."}, id="same", timestamp=1.0)
    second = agent({"text": "Two."}, id="same", timestamp=1.5)
    assert read(first, first, second).text == "One.\nTwo."


def test_snake_case_keys_are_read_as_well() -> None:
    call = {
        "content": {"parts": [{"function_call": {"id": "1", "name": "cut"}}]},
        "invocation_id": "e-9",
        "author": "a",
    }
    back = {"content": {"parts": [{"function_response": {"id": "1", "name": "cut"}}]}, "author": "a"}
    done = {"author": "a", "actions": {"state_delta": {"draft": {}}}}
    assert read(call, back, done) == Reply(text="", tool_calls=("cut",), invocation_ids=("e-9",), state_keys=("draft",))


def test_a_call_named_in_a_partial_and_a_whole_event_is_one_call() -> None:
    part = {"functionCall": {"id": "adk-1", "name": "cut"}}
    assert read(agent(part, partial=True), agent(part, partial=False)).tool_calls == ("cut",)


def test_a_tool_that_never_came_back_leaves_the_outcome_open() -> None:
    assert not read(agent({"functionCall": {"id": "1", "name": "cut"}})).complete
    assert not read({"type": "tool_call", "name": "cut"}).complete
    assert read({"type": "tool_call", "name": "cut"}, text("Done.")).complete


def test_the_simple_dialect_repeated_as_a_whole_is_read_once() -> None:
    assert read(text("Done. "), text("Clip is 4 s."), text("Done. Clip is 4 s.")).text == "Done. Clip is 4 s."
    assert read(text("Done."), text("Done.")).text == "Done."
    assert read(text("ha"), text("ha")).text == "haha"


def test_marked_partials_of_the_simple_dialect_follow_the_mark() -> None:
    assert read({**text("Do"), "partial": True}, {**text("Done."), "partial": False}).text == "Done."


# Noise

NOISE = "I encountered a temporary issue. Please try again."


@pytest.mark.parametrize(
    "noise",
    [
        NOISE,
        "I encountered a temporary issue",
        "Sorry, I encountered a temporary issue, please try again later.",
        "I've encountered a temporary issue while processing your request. Please retry.",
        "I'm sorry, I encountered a temporary issue.",
        "I am so sorry, but I ran into a temporary problem processing your request. Please try again.",
        "I apologize, but I encountered a temporary issue. Let me try again.",
        "抱歉，我遇到了一个临时问题，请稍后再试。",
        "很抱歉，我遇到了临时问题。",
        "系统暂时出现问题。",
    ],
)
def test_trailing_noise_after_an_answer_is_dropped(noise: str) -> None:
    dropped = Reply(text="Trimmed to 4 s.", tail_noise=True)
    assert read(text("Trimmed to 4 s."), text(" " + noise)) == dropped
    assert read(text("Trimmed to 4 s.\n\n" + noise)) == dropped
    assert read(text("Trimmed to 4 s."), json.dumps({"error": noise})) == dropped
    assert read(agent({"text": "Trimmed to 4 s."}), agent({"text": noise})).text == "Trimmed to 4 s."


def test_noise_alone_is_a_fault() -> None:
    for frame in (text(NOISE), {"error": NOISE}):
        reply = read(frame)
        assert reply.text == ""
        assert reply.fault is not None
        assert reply.fault.code == "TEMPORARY_ISSUE"


def test_a_temporary_issue_with_something_is_content() -> None:
    said = "I encountered a temporary issue with the music, so I used Lo-fi instead."
    assert read(text("Done. " + said)).text == "Done. " + said
