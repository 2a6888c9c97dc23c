"""The words and facts of a reply, from recorded streams, however their bytes come."""

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


def fault_of(data: list[str]) -> StreamFault | None:
    reader = ReplyReader()
    for payload in data:
        reader.feed(payload)
    return reader.finish(clean=True).fault


def body(capture: Path) -> bytes:
    return capture.read_bytes().partition(b"\r\n\r\n")[2]


def shown(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


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
        assert reply.complete is False or not (breaks or is_inside(whole[:cut].rpartition(b"\n\n")[2].strip()))


def is_inside(rest: bytes) -> bool:
    """Whether an end after these bytes of an event is a cut: not behind a comment, an empty heartbeat, or all of it."""
    if rest in (b"", b"data:") or rest.startswith(b":"):
        return False
    try:
        return not isinstance(json.loads(rest.removeprefix(b"data:")), dict)
    except ValueError:
        return True


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
    fault = fault_of(data)
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
    fault = fault_of(data)
    assert fault is not None
    assert fault.code == "EVENT_TOO_LARGE"


async def test_many_events_together_may_be_larger_than_one() -> None:
    response = answer(*[b"data: " + b"x" * 900 + b"\n\n"] * 20)
    assert len([data async for data in read_events(response, max_bytes=1000)]) == 20
