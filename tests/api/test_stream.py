"""The words and facts of a reply, from recorded streams and from every shape of frame."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from prefect_nemovideo.api.stream import (
    Event,
    Heartbeat,
    Reply,
    ReplyReader,
    StateChanged,
    StreamFault,
    TextDelta,
    ToolCalled,
    ToolReturned,
    read_events,
)

CAPTURES = sorted((Path(__file__).parent / "captures").glob("*.sse"))
RANDOM_CUTS = 200
WHOLE = {
    "artifact": "Exported.",
    "errorevent": "",
    "llm_notext_nostream": "Let me trim it.",
    "llm_notext_stream": "Let me trim it.",
    "llm_trim_stream": "Let me trim it.\nDone. Clip is 4.2 s.",
    "raise_mid": "Working on it.",
    "syn_cut_mid": "Let me trim it.",
    "syn_hb_empty": "Render finished.",
    "syn_hb_json": "Render finished.",
    "syn_simple_tools": "Let me trim it.\nDone. Clip is 4.2 s.",
}
every_capture = pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)


class Chunks(httpx.AsyncByteStream):
    """A body in given pieces, which may break off."""

    def __init__(self, chunks: Iterable[bytes], breaks: bool = False) -> None:
        self.chunks, self.breaks = chunks, breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        if self.breaks:
            raise httpx.ReadError("connection reset")


def answer(*chunks: bytes, kind: str = "text/event-stream; charset=utf-8", breaks: bool = False) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": kind} if kind else {}, stream=Chunks(chunks, breaks))


async def payloads(*chunks: bytes, **options: Any) -> list[str]:
    return [data async for data in read_events(answer(*chunks, **options))]


async def replay(*chunks: bytes, breaks: bool = False) -> tuple[Reply, list[Event]]:
    """As a client reads: an error of the transport ends the stream uncleanly."""
    reader, events, clean = ReplyReader(), list[Event](), True
    try:
        async for data in read_events(answer(*chunks, breaks=breaks)):
            events += reader.feed(data)
    except httpx.TransportError:
        clean = False
    return reader.finish(clean=clean), events


def body(capture: Path) -> bytes:
    return capture.read_bytes().partition(b"\r\n\r\n")[2]


def shown(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


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


# Recorded streams


@pytest.mark.conformance("text-events")
@every_capture
async def test_a_recorded_stream_gives_its_text_once(capture: Path) -> None:
    reply, events = await replay(body(capture))
    assert reply.text == WHOLE[capture.stem]
    assert shown(events).strip() == reply.text


@every_capture
async def test_a_recorded_stream_byte_by_byte_tells_the_same(capture: Path) -> None:
    whole = body(capture)
    assert await replay(*(whole[i : i + 1] for i in range(len(whole)))) == await replay(whole)


@pytest.mark.conformance("stream-closes")
@every_capture
async def test_a_stream_cut_between_events_gives_a_beginning_and_says_so(capture: Path) -> None:
    whole = body(capture)
    ends = [i + 2 for i in range(len(whole)) if whole[i : i + 2] == b"\n\n"]
    for end in ends:
        reply, _ = await replay(whole[:end], breaks=True)
        assert WHOLE[capture.stem].startswith(reply.text)
        assert not reply.complete


@every_capture
@pytest.mark.parametrize("breaks", [True, False], ids=["broken", "closed"])
async def test_a_stream_cut_at_any_byte_never_repeats_or_raises(capture: Path, breaks: bool) -> None:
    whole = body(capture)
    for cut in random.Random(capture.stem).sample(range(len(whole)), min(RANDOM_CUTS, len(whole))):
        reply, events = await replay(whole[:cut], breaks=breaks)
        assert WHOLE[capture.stem].startswith(reply.text)
        assert shown(events).strip() == reply.text
        inside = bool(whole[:cut].strip()) and not whole[:cut].endswith(b"\n\n")
        assert reply.complete is False or not (inside or breaks)


@every_capture
async def test_a_damaged_stream_raises_nothing(capture: Path) -> None:
    """Bytes overwritten at random spoil events, never the reader."""
    dice = random.Random(capture.stem)
    for _ in range(50):
        whole = bytearray(body(capture))
        for place in dice.sample(range(len(whole)), 5):
            whole[place] = dice.randrange(256)
        await replay(bytes(whole))


@pytest.mark.conformance("tool-events")
async def test_the_recorded_edit_tells_its_tools_state_and_invocation() -> None:
    reply, events = await replay(body(CAPTURES[0].parent / "llm_trim_stream.sse"))
    assert reply.tool_calls == ("trim_clip",)
    assert reply.invocation_ids == ("e-186555db-9e7a-4c2c-a418-b1975c4b7129",)
    assert reply.state_keys == ("draft", "video_infos")
    assert reply.complete
    assert reply.fault is None
    assert [e for e in events if not isinstance(e, TextDelta)] == [
        ToolCalled("trim_clip"),
        ToolReturned("trim_clip"),
        StateChanged(("draft", "video_infos")),
    ]


async def test_the_recorded_error_frame_is_a_fault_with_its_type() -> None:
    reply, _ = await replay(body(CAPTURES[0].parent / "raise_mid.sse"))
    assert reply.fault is not None
    assert reply.fault.code == "ValueError"
    assert reply.fault.message.startswith('ValueError: boom "quoted"')


async def test_the_recorded_error_event_is_a_fault() -> None:
    reply, _ = await replay(body(CAPTURES[0].parent / "errorevent.sse"))
    assert reply.fault is not None
    assert reply.fault.code == "MALFORMED_FUNCTION_CALL"


async def test_a_model_that_adds_no_words_is_silent_not_failed() -> None:
    reply, _ = await replay(body(CAPTURES[0].parent / "llm_notext_nostream.sse"))
    assert reply.fault is None
    assert reply.complete


# Bytes


async def test_utf8_is_read_whatever_charset_the_header_names() -> None:
    assert await payloads("data: 剪好了\n\n".encode(), kind="text/event-stream; charset=iso-8859-1") == ["剪好了"]


async def test_a_byte_order_mark_does_not_cost_the_first_event() -> None:
    assert await payloads(b"\xef\xbb\xbfdata: 1\n\n", b"data: 2\n\n") == ["1", "2"]


@pytest.mark.parametrize("kind", ["Text/Event-Stream", "TEXT/EVENT-STREAM;charset=UTF-8", ""])
async def test_the_content_type_may_be_written_in_any_case_or_be_missing(kind: str) -> None:
    assert await payloads(b"data: 1\n\n", kind=kind) == ["1"]


async def test_a_page_instead_of_a_stream_is_an_unknown_outcome() -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="'text/html' instead of an event stream"):
        await payloads(b"<html>502</html>", kind="text/html")


async def test_a_json_envelope_instead_of_a_stream_is_one_payload() -> None:
    data = await payloads(b'{"code": 2001,\n "message": "no credits"}', kind="application/json")
    fault = read(*data).fault
    assert fault is not None
    assert (fault.api_code, fault.message) == (2001, "no credits")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_every_line_end_of_the_standard_is_understood_at_any_cut(end: str) -> None:
    stream = f"data: 1{end}{end}: ping{end}{end}data: 2{end}{end}".encode()
    for cut in range(len(stream)):
        assert await payloads(stream[:cut], stream[cut:]) == ["1", "2"]


async def test_comments_are_invisible_and_phantom_events_are_heartbeats() -> None:
    """After an id, a comment with a blank line comes out as an empty event."""
    data = await payloads(b": hi\n\n", b"id: 7\ndata: 1\n\n", b": ping\n\n", b"retry: 5\n\n")
    assert data[0] == "1"
    assert all(ReplyReader().feed(item) == [Heartbeat()] for item in data[1:])


async def test_half_an_event_is_not_handed_out() -> None:
    events = read_events(answer(b"data: 1\n\ndata: 2\n"))
    assert await anext(events) == "1"
    with pytest.raises(httpx.RemoteProtocolError, match="ended inside an event"):
        await anext(events)


@pytest.mark.conformance("stream-closes", "silent-edits")
async def test_a_stream_without_any_event_is_a_clean_silence() -> None:
    reply, events = await replay()
    assert (reply, events) == (Reply(text=""), [])
    assert reply.silent


async def test_line_separators_inside_text_are_kept() -> None:
    assert await payloads("data: a\u2028b\u0085c\n\n".encode()) == ["a\u2028b\u0085c"]


async def test_an_event_without_end_is_a_fault_not_a_memory_leak() -> None:
    pieces = (b"x" * 1000 for _ in itertools.count())
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Chunks(pieces))
    data = [item async for item in read_events(response, max_bytes=5000)]
    fault = read(*data).fault
    assert fault is not None
    assert fault.code == "EVENT_TOO_LARGE"


async def test_many_events_together_may_be_larger_than_one() -> None:
    response = answer(*[b"data: " + b"x" * 900 + b"\n\n"] * 20)
    assert len([data async for data in read_events(response, max_bytes=1000)]) == 20


def test_a_payload_above_32_mb_is_a_fault() -> None:
    fault = read("x" * (32 * 1024 * 1024 + 1)).fault
    assert fault is not None
    assert fault.code == "EVENT_TOO_LARGE"


# Frames


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
        "抱歉，我遇到了一个临时问题，请稍后再试。",
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
