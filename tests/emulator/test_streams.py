"""The two dialects, byte by byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_nemovideo.emulator.streams import (
    AdkDialect,
    SimpleDialect,
    Text,
    ToolCall,
    ToolResult,
    error_frame,
    heartbeat,
    pieces,
)

CALL = ToolCall("adk-1", "trim", {"start_ms": 0})
RESULT = ToolResult("adk-1", "trim", {"status": "ok"}, {"draft": {"d": 1}})


def value(frame: bytes) -> dict[str, Any]:
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    assert b"\n" not in frame[:-2]
    parsed: dict[str, Any] = json.loads(frame.removeprefix(b"data: "))
    return parsed


@pytest.mark.parametrize(
    "text", ["", "One.", "  two  spaces ", "Gleich 4K, 已升级 到 4K and so on, and a line\nbreak", "x" * 100]
)
def test_pieces_join_to_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_the_simple_dialect() -> None:
    dialect = SimpleDialect()

    assert dialect.frames(CALL) == [b'data: {"type":"tool_call","name":"trim","args":{"start_ms":0}}\n\n']
    assert dialect.frames(RESULT) == [b'data: {"type":"tool_result","name":"trim","result":{"status":"ok"}}\n\n']
    assert dialect.frames(Text("好.")) == ['data: {"type":"text","content":"好."}\n\n'.encode()]


def test_the_adk_dialect_repeats_a_turn_as_a_whole() -> None:
    """A turn's events share an id; the last one isn't partial and has all of the text."""
    told = [value(frame) for frame in AdkDialect("nemo_agent", 5.0).frames(Text("One two three four five six."))]

    assert [event["partial"] for event in told] == [True, True, False]
    assert told[-1]["content"] == {"parts": [{"text": "One two three four five six."}], "role": "model"}
    assert len({event["id"] for event in told}) == 1


def test_the_adk_dialect_has_the_keys_of_a_recorded_stream() -> None:
    [event] = [value(frame) for frame in AdkDialect("nemo_agent", 5.0).frames(RESULT)]

    assert list(event) == ["content", "invocationId", "author", "actions", "nodeInfo", "id", "timestamp"]
    assert event["content"]["role"] == "user"
    assert event["actions"] == {
        "stateDelta": {"draft": {"d": 1}},
        "artifactDelta": {},
        "requestedAuthConfigs": {},
        "requestedToolConfirmations": {},
    }


def test_error_frames_of_three_generations() -> None:
    """The newest is JSON with details, the next plain JSON, the oldest breaks on a quotation mark."""
    message = 'The "model" is overloaded'
    newest, plain = value(error_frame("2.13", message, 5.0)), value(error_frame("1.28", message, 5.0))

    assert newest["error"] == f"RuntimeError: {message}"
    assert newest["error_details"]["error_message"] == message
    assert plain == {"error": message}
    assert error_frame("0.5", message, 5.0) == f'data: {{"error": "{message}"}}\n\n'.encode()


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("json", b'data: {"type":"heartbeat"}\n\n'),
        ("empty", b"data:\n\n"),
        ("comment", b": heartbeat\n\n"),
        ("none", b""),
    ],
)
def test_heartbeats(kind: str, sent: bytes) -> None:
    assert heartbeat(kind) == sent
