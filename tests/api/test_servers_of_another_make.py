"""What the contract leaves open, and a server may do otherwise than the one that is shipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api.errors import NotFound, OutOfCredits, TokenRefused
from prefect_nemovideo.api.numbers import NEW_RENDER_GRACE_SECONDS, UNEXPECTED_REPLIES
from prefect_nemovideo.api.stream import ReplyReader

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"
STREAM = HEAD + b"content-type: text/event-stream\r\n\r\n"
CALL = {"author": "nemo_agent", "content": {"parts": [{"functionCall": {"id": "c1", "name": "set_volume"}}]}}
CAME_BACK = {"author": "nemo_agent", "content": {"parts": [{"functionResponse": {"id": "c1", "name": "set_volume"}}]}}
MALFORMED = {"author": "nemo_agent", "errorCode": "MALFORMED_FUNCTION_CALL", "errorMessage": "Malformed call."}
MUTED = ["Volume of clip: 100 % → 0 %"]


def chunk(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(payload: Any) -> bytes:
    return chunk(f"data: {json.dumps(payload)}\n\n")


LAST = b"0\r\n\r\n"
QUESTION = event({"type": "text", "content": "Which clip should I mute?"})


def muted_from(first: int) -> Callable[[int, bool], dict[str, Any]]:
    """A state that shows the edit from its so-manieth read on; two come before the message."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        clip = {"title": "clip", "volume": 0 if look >= first else 100}
        return {"draft": {"t": [{"tt": 0, "sg": [{"d": 3000, "m": clip}]}]}}

    return state


NEVER = muted_from(1000)


@pytest.mark.parametrize(
    "tail",
    [": still here\n", ":\r\n", "data:\n", "data: \n", "retry: 3000\n", "id: 7\n", ": no line end", ":\n\n", "\n"],
)
async def test_a_stream_may_end_with_a_line_that_tells_nothing(
    serving: Callable[..., Any], waits: Any, tail: str
) -> None:
    """A comment or an empty heartbeat needs no blank line behind it: the answer before it is whole."""
    nemo, _ = await serving(NEVER, STREAM + QUESTION + chunk(tail) + LAST)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "question"
    assert waits.seconds == [0, 2]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
async def test_a_last_event_without_its_blank_line_is_heard(serving: Callable[..., Any], waits: Any, end: str) -> None:
    said = json.dumps({"type": "text", "content": "Which clip should I mute?"})
    nemo, _ = await serving(NEVER, STREAM + chunk(f": hello\n\ndata: {said}{end}") + LAST)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "question"
    assert waits.seconds == [0, 2]


@pytest.mark.parametrize("cut", ['data: {"type": "text", "content": "Which cl', "da", 'event: message\ndata: {"a": {}'])
async def test_an_event_that_is_cut_is_no_end(serving: Callable[..., Any], waits: Any, cut: str) -> None:
    nemo, _ = await serving(NEVER, STREAM + QUESTION + chunk(cut) + LAST)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "unknown"
    assert waits.seconds == [30, 60, 60, 60, 60]


@pytest.mark.parametrize("kind", [b"", b"content-type: text/event-stream\r\n", b"content-type: application/json\r\n"])
@pytest.mark.parametrize(("code", "error"), [(2001, OutOfCredits), (1010, TokenRefused)])
async def test_a_refusal_in_place_of_a_stream_is_one_whatever_its_type(
    serving: Callable[..., Any], kind: bytes, code: int, error: type[Exception]
) -> None:
    """An error envelope with HTTP 200: nothing was begun, and nothing is unknown."""
    body = json.dumps({"code": code, "message": "no", "data": None})
    nemo, service = await serving(NEVER, HEAD + kind + b"\r\n" + chunk(body) + LAST)

    with pytest.raises(error):
        await nemo.edits.apply("1", "mute it")
    assert service.messages == 1


async def test_an_agent_that_goes_on_after_an_error_and_is_cut_is_at_work_still(serving: Callable[..., Any]) -> None:
    """An error that is not the last that was heard ends nothing: to call it failed is to pay it twice."""
    cut = STREAM + event(CALL) + event(MALFORMED) + event(CALL | {"id": "2"}) + event(CAME_BACK)
    nemo, service = await serving(muted_from(6), cut, held=lambda asked: 50 if 1 < asked < 5 else 0)
    result = await nemo.edits.apply("1", "mute it")
    assert (result.outcome, result.changes, service.messages) == ("applied", MUTED, 1)

    nemo, _ = await serving(NEVER, cut)
    assert (await nemo.edits.apply("1", "mute it")).outcome == "unknown"


@pytest.mark.parametrize(
    "said",
    [
        "I've already started muting the clip. It will be there in about two minutes.",
        "I couldn't find a quick way, so I'm muting it frame by frame.",
    ],
)
async def test_a_reply_in_front_of_the_work_is_not_its_end_while_credits_are_held(
    serving: Callable[..., Any], said: str
) -> None:
    answer = [event(CALL), event(CAME_BACK), event({"type": "text", "content": said}), LAST]
    nemo, _ = await serving(muted_from(9), STREAM, *answer, held=lambda asked: 50 if 1 < asked < 8 else 0)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "applied"


@pytest.mark.parametrize(
    ("piece", "whole"),
    [
        ({"author": "nemo_agent"}, {"author": "nemo_agent", "invocationId": "i1"}),
        ({"author": "nemo_agent"}, {"author": "nemo_agent", "branch": "main"}),
        ({}, {"author": "nemo_agent", "invocationId": "i1"}),
        ({"author": "nemo_agent", "invocationId": "i1"}, {"author": "nemo_agent"}),
    ],
)
def test_a_whole_repeats_pieces_that_name_their_speaker_otherwise(piece: dict[str, Any], whole: dict[str, Any]) -> None:
    reader = ReplyReader()
    for text in ("Which ", "clip?"):
        reader.feed(json.dumps({**piece, "partial": True, "content": {"parts": [{"text": text}]}}))
    reader.feed(json.dumps({**whole, "partial": False, "content": {"parts": [{"text": "Which clip?"}]}}))
    reply = reader.finish(clean=True)

    assert (reply.text, reply.complete) == ("Which clip?", True)


def test_an_agent_s_words_beside_an_empty_error_are_no_error() -> None:
    reader = ReplyReader()
    reader.feed(json.dumps({"author": "a", "errorCode": 0, "error": "", "content": {"parts": [{"text": "Done."}]}}))

    assert (reader.finish(clean=True).fault, reader.finish(clean=True).text) == (None, "Done.")


async def test_a_session_with_nothing_in_it_may_have_no_state(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(reply(body=b'{"code": 0, "data": {"session_id": "1", "state": null}}'))

    state = await connect((await scripted(answer)).url).sessions.state("1")

    assert (state.draft, state.files) == (None, [])


@pytest.mark.parametrize("status", [404, 408, 409, 425, 499])
async def test_one_bad_look_fails_no_render_that_was_seen(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], waits: Any, status: int
) -> None:
    looks = 0

    async def answer(request: Any, writer: Any) -> None:
        nonlocal looks
        looks += 1
        at_work = looks < 9 or waits.clock() < 2 * NEW_RENDER_GRACE_SECONDS
        document = {"status": "processing" if at_work else "completed", "output": {"url": "u"}}
        writer.write(reply(status) if looks in (7, 8) else reply(body=json.dumps(document).encode()))

    nemo = connect((await scripted(answer)).url, timing={"sleep": waits, "clock": waits.clock})

    assert (await nemo.renders.wait("r")).is_completed


async def test_a_render_that_is_gone_is_not_waited_for_until_the_deadline(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], waits: Any
) -> None:
    looks: list[int] = []

    async def answer(request: Any, writer: Any) -> None:
        looks.append(404 if waits.clock() > NEW_RENDER_GRACE_SECONDS else 200)
        writer.write(reply(looks[-1], b"" if looks[-1] == 404 else b'{"status": "processing"}'))

    nemo = connect((await scripted(answer)).url, timing={"sleep": waits, "clock": waits.clock})
    with pytest.raises(NotFound):
        await nemo.renders.wait("r")

    assert looks.count(404) == UNEXPECTED_REPLIES


async def test_a_render_that_is_told_as_nothing_is_not_there(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(reply(body=b'{"success": true, "data": null}'))

    assert await connect((await scripted(answer)).url).renders.find("r") is None


async def test_looks_at_a_render_that_is_not_known_yet_are_no_odd_replies(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], waits: Any
) -> None:
    """One that makes no sense behind them is the first."""
    looks: list[int] = []

    async def answer(request: Any, writer: Any) -> None:
        looks.append(len(looks))
        is_odd = len(looks) == UNEXPECTED_REPLIES + 1
        known = reply(body=b"{}" if is_odd else b'{"status": "completed"}')
        writer.write(reply(404) if len(looks) <= UNEXPECTED_REPLIES else known)

    nemo = connect(
        (await scripted(answer)).url,
        timing={"sleep": waits, "clock": waits.clock},
        nemo_poll_interval_seconds=1,
        nemo_poll_max_interval_seconds=1,
    )

    assert (await nemo.renders.wait("r")).is_completed
