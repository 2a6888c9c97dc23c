"""Half of a character (a lone surrogate), which JSON can hold and no file, console or digest can."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api import errors
from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.envelope import decode
from prefect_nemovideo.api.stream import ReplyReader
from prefect_nemovideo.api.text import read_json
from prefect_nemovideo.api.timeline import Timeline

HALF, OTHER = "\ud800", "\udc00"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"a\ud800b"', "a\ufffdb"),
        (r'"\uDBFF"', "\ufffd"),
        (r'"\udc00\ud800"', "\ufffd\ufffd"),
        (r'"\ud800\ud800\udc00"', "\ufffd\U00010000"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\\ud800"', r"\ud800"),
        (r'"\\\ud800"', "\\\ufffd"),
        (r'{"\udfff": ["\udfff"]}', {"\ufffd": ["\ufffd"]}),
        (f'"{HALF}"', "\ufffd"),
        (f'"{HALF}{OTHER}"', "\U00010000"),
        ('"😀"', "😀"),
        (rb'"\ud800"', "\ufffd"),
        (b'"a\xed\xa0\x80"', "a\ufffd"),
        (b'\xef\xbb\xbf"a"', "a"),
        ('"a"'.encode("utf-16"), "a"),
    ],
)
def test_half_a_character_is_read_as_an_unknown_one(written: str | bytes, read: Any) -> None:
    assert read_json(written) == read


@pytest.mark.parametrize("written", [b'"\xff"', b"", "{", "x"])
def test_what_is_no_json_is_still_none(written: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_json(written)


def whole(text: str) -> str:
    text.encode()
    return text


def state(title: str) -> dict[str, Any]:
    return {"t": [{"tt": 7, "sg": [{"d": 1000, "m": {"text": title}}]}]}


@pytest.mark.parametrize("dressed", [lambda draft: draft, json.dumps], ids=["object", "string"])
def test_a_timeline_with_one_can_be_hashed_printed_and_written(dressed: Callable[[Any], Any]) -> None:
    body = json.dumps({"code": 0, "data": {"state": {"draft": dressed(state(f"a{HALF}"))}}}).encode()
    read = Timeline.from_state(decode("the timeline", 200, body)["state"])
    assert whole(read.summary()) == 'Timeline (1 track): 1. Title: "a\ufffd" (0-1s)'
    assert len(read.fingerprint()) == 64
    assert [whole(line) for line in differences(Timeline(), read)] == ['Title added: "a\ufffd", 0–1 s']
    whole(read.content)


def test_a_refusal_with_one_can_be_printed() -> None:
    with pytest.raises(errors.RequestRefused) as caught:
        decode("the thing", 400, json.dumps({"code": 400, "message": f"No {HALF} here"}).encode())
    assert "No \ufffd here" in whole(str(caught.value))


def test_a_reply_with_one_can_be_printed_as_it_comes_and_as_a_whole() -> None:
    reader = ReplyReader()
    frame = {"author": "a", "content": {"parts": [{"text": f"Done {HALF}."}]}, "actions": {"stateDelta": {HALF: 1}}}
    told = reader.feed(json.dumps(frame))
    assert [whole(str(event)) for event in told]
    assert whole(reader.finish(clean=True).text) == "Done \ufffd."


def test_a_fault_with_one_can_be_printed() -> None:
    reader = ReplyReader()
    reader.feed(json.dumps({"error": f"oops {HALF}"}))
    reader.feed(f'{{"error": "unescaped "{HALF}" quotes"}}')
    fault = reader.finish(clean=True).fault
    assert fault is not None
    assert whole(fault.reason) == "oops \ufffd"
