"""The stream of /run_sse: what happens in a run, written in either of the two event dialects. Pure: no I/O.

Every event is one `data:` line with one JSON object and an empty line. There is no event that says "done".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

TEXT_PIECE_CHARACTERS = 24
"""A model's answer arrives in pieces; small ones, so that a client has some to put together."""


@dataclass(frozen=True)
class ToolCall:
    """The agent begins a step."""

    id: str
    name: str
    args: dict[str, Any]


@dataclass(frozen=True)
class ToolResult:
    """The step is done; `state` is what it changed in the session, if anything."""

    id: str
    name: str
    result: dict[str, Any]
    state: dict[str, Any]


@dataclass(frozen=True)
class Text:
    """What the agent says."""

    content: str


Event = ToolCall | ToolResult | Text


class Dialect(Protocol):
    def frames(self, event: Event) -> list[bytes]:
        """The bytes of an event, one item for each frame."""


class SimpleDialect:
    """`{"type":"text","content":"…"}` and its like."""

    def frames(self, event: Event) -> list[bytes]:
        match event:
            case ToolCall(_, name, args):
                return [frame({"type": "tool_call", "name": name, "args": args})]
            case ToolResult(_, name, result, _):
                return [frame({"type": "tool_result", "name": name, "result": result})]
            case Text(content):
                return [frame({"type": "text", "content": piece}) for piece in pieces(content)]


class AdkDialect:
    """The events of an agent server of Google's Agent Development Kit, streaming.

    A model's turn comes as partial events and then once more as a whole (`partial: false`), a function call
    included; a function's response comes once, with the role `user`.

    Args:
        at: The time stamped on the events, seconds since 1970.
    """

    def __init__(self, author: str, at: float) -> None:
        self._author = author
        self._at = at
        self._invocation = f"e-{uuid4()}"

    def frames(self, event: Event) -> list[bytes]:
        match event:
            case ToolCall(call_id, name, args):
                call = {"functionCall": {"id": call_id, "args": args, "name": name}}
                turn = str(uuid4())
                return [self._frame(turn, [call], partial=True), self._frame(turn, [call], partial=False)]
            case ToolResult(call_id, name, result, state):
                response = {"functionResponse": {"id": call_id, "name": name, "response": result}}
                return [self._frame(str(uuid4()), [response], role="user", state=state)]
            case Text(content):
                turn = str(uuid4())
                parts = [self._frame(turn, [{"text": piece}], partial=True) for piece in pieces(content)]
                return [*parts, self._frame(turn, [{"text": content}], partial=False)]

    def error_event(self, code: str, message: str) -> bytes:
        """The event by which a model's failure is told inside the stream."""
        return frame({"errorCode": code, "errorMessage": message, **self._tail(str(uuid4()), {})})

    def _frame(
        self,
        event_id: str,
        parts: list[dict[str, Any]],
        *,
        partial: bool | None = None,
        role: str = "model",
        state: dict[str, Any] | None = None,
    ) -> bytes:
        event: dict[str, Any] = {"content": {"parts": parts, "role": role}}
        if partial is not None:
            event["partial"] = partial
        return frame({**event, **self._tail(event_id, state or {})})

    def _tail(self, event_id: str, state: dict[str, Any]) -> dict[str, Any]:
        return {
            "invocationId": self._invocation,
            "author": self._author,
            "actions": {
                "stateDelta": state,
                "artifactDelta": {},
                "requestedAuthConfigs": {},
                "requestedToolConfirmations": {},
            },
            "nodeInfo": {"path": f"{self._author}@1"},
            "id": event_id,
            "timestamp": self._at,
        }


def frame(value: object) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def pieces(text: str) -> list[str]:
    """A text cut at spaces, so that joining the pieces gives the text again."""
    cut: list[str] = []
    for word in text.split(" "):
        word = word if not cut else f" {word}"
        if cut and len(cut[-1]) + len(word) <= TEXT_PIECE_CHARACTERS:
            cut[-1] += word
        else:
            cut.append(word)
    return cut


def heartbeat(kind: str) -> bytes:
    """A sign of life of the chosen kind; no bytes for `none`."""
    return {
        "json": frame({"type": "heartbeat"}),
        "empty": b"data:\n\n",
        "comment": b": heartbeat\n\n",
        "none": b"",
    }[kind]


def error_frame(generation: str, message: str, at: float) -> bytes:
    """How an agent server of a generation reports an exception once the stream has begun.

    Args:
        generation: `2.13`, `1.28`, or `0.5`, which doesn't escape the message and so may send broken JSON.
    """
    match generation:
        case "2.13":
            details = {"error_type": "RuntimeError", "error_message": message, "timestamp": at}
            report = json.dumps({"error": f"RuntimeError: {message}", "error_details": details})
        case "1.28":
            report = json.dumps({"error": message})
        case _:
            report = f'{{"error": "{message}"}}'
    return f"data: {report}\n\n".encode()
