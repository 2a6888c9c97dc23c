"""Events of `/run_sse` → what the agent said and did. Pure: no I/O, no clock.

Both dialects are understood, mixed in any order, with camelCase and snake_case keys: the agent kit's events
(`author`, `partial`, `content.parts`, `actions.stateDelta`, `errorCode`) and the simple ones (`type`,
`content`, `name`). A frame of an unknown kind tells nothing and harms nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.api.events import (
    Event,
    Heartbeat,
    StateChanged,
    StreamFault,
    TextDelta,
    ToolCalled,
    ToolReturned,
)
from prefect_nemovideo.api.frames import (
    ABORTED_CODE,
    MAX_EVENT_BYTES,
    TOO_LARGE_CODE,
    Fault,
    decode,
    fault_in,
    is_heartbeat,
    section,
    split_noise,
    word,
)
from prefect_nemovideo.api.sse import read_events
from prefect_nemovideo.api.transcript import NOBODY, Transcript

__all__ = [
    "Event",
    "Fault",
    "Heartbeat",
    "Reply",
    "ReplyReader",
    "StateChanged",
    "StreamFault",
    "TextDelta",
    "ToolCalled",
    "ToolReturned",
    "read_events",
]

NOISE_CODE = "TEMPORARY_ISSUE"
"""The code of a fault that is the backend's "temporary issue" with no answer before it."""

_TEXTS = frozenset({"text", "message", "text_delta"})
_CALLS = frozenset({"tool_call", "toolcall", "function_call"})
_RESULTS = frozenset({"tool_result", "toolresult", "tool_response", "function_response"})


@dataclass(frozen=True, slots=True)
class Reply:
    """All that one message's stream told.

    Attributes:
        text: The answer, each text once, thoughts never; paragraphs by line ends; "" when silent.
        tool_calls: Names of the agent's tools in the order of their calls.
        fault: The first error reported, or None. A trailing "temporary issue" after an answer is none.
        went_on: The agent said or did something after an error.
        complete: The stream ended cleanly, with no text unconfirmed, no frame damaged and no tool left
            running. When False the edit's outcome is unknown: read the session's state.
        tail_noise: A trailing "temporary issue" was dropped.
        last_was_heartbeat: The last frame was a heartbeat: the agent was at work.
        invocation_ids: The agent's ids of this turn, to find it again in the session.
        aborted: The server says that it stopped the turn because the connection was gone.
        state_keys: Keys of the session's state that the stream said were written, such as `draft`.
    """

    text: str
    tool_calls: tuple[str, ...] = ()
    fault: Fault | None = None
    went_on: bool = False
    complete: bool = True
    tail_noise: bool = False
    last_was_heartbeat: bool = False
    invocation_ids: tuple[str, ...] = ()
    aborted: bool = False
    state_keys: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """The agent said nothing, as it does after about 30 % of edits."""
        return not self.text


class ReplyReader:
    """Collects the payloads of one stream, in order.

    Example:
        >>> reader = ReplyReader()
        >>> reader.feed('{"type": "text", "content": "Done."}')
        [TextDelta(text='Done.')]
        >>> reader.finish(clean=True).text
        'Done.'
    """

    def __init__(self) -> None:
        self._transcript = Transcript()
        self._calls: dict[str, str] = {}
        self._returned: set[str] = set()
        self._tool_runs = False
        self._faults: list[Fault] = []
        self._noise: list[Fault] = []
        self._seen: set[int] = set()
        self._invocations: dict[str, None] = {}
        self._state_keys: dict[str, None] = {}
        self._damaged = False
        self._heartbeat = False
        self._went_on = False

    def feed(self, data: str) -> list[Event]:
        """Take one SSE `data` payload and say what it tells. Never raises."""
        self._heartbeat = False
        # Characters, a lower bound of the bytes: counting those would copy the event once more.
        if len(data) > MAX_EVENT_BYTES:
            self._damaged = True
            return self._fault(Fault(f"An event of the reply is larger than {MAX_EVENT_BYTES} bytes.", TOO_LARGE_CODE))
        try:
            event = decode(data)
        except ValueError:
            # An object cut short may have held words; `[DONE]` and the like hold none.
            self._damaged |= data.lstrip().startswith("{")
            return []
        if is_heartbeat(event):
            self._heartbeat = True
            return [Heartbeat()]
        if not isinstance(event, Mapping) or self._came_before(event, data):
            return []
        if invocation := word(event, "invocationId"):
            self._invocations[invocation] = None
        content = section(event, "content")
        if "parts" in content or "author" in event or invocation:
            events = self._agent_event(event, content)
        else:
            events = self._simple_event(event)
        self._went_on |= bool(events and self._faults)
        fault = fault_in(event)
        return events + self._fault(fault) if fault else events

    def finish(self, *, clean: bool) -> Reply:
        """What the stream told as a whole.

        Args:
            clean: The stream ended by itself: by its last chunk, not by an error or a time-out.
        """
        self._transcript.pause()
        text, noise = split_noise(self._transcript.text())
        unimportant = [Fault(noise, NOISE_CODE), *self._noise] if noise else self._noise
        faults = self._faults or ([] if text else unimportant)
        return Reply(
            text=text,
            tool_calls=tuple(self._calls.values()),
            fault=faults[0] if faults else None,
            went_on=self._went_on,
            complete=clean and not (self._damaged or self._transcript.unconfirmed or self._tool_runs),
            tail_noise=bool(text and unimportant),
            last_was_heartbeat=self._heartbeat,
            invocation_ids=tuple(self._invocations),
            aborted=any(fault.code == ABORTED_CODE for fault in self._faults),
            state_keys=tuple(self._state_keys),
        )

    def _agent_event(self, event: Mapping[str, Any], content: Mapping[str, Any]) -> list[Event]:
        listed = content.get("parts")
        parts = [part for part in listed if isinstance(part, Mapping)] if isinstance(listed, Sequence) else []
        node = word(section(event, "nodeInfo"), "path")
        speaker = (word(event, "invocationId"), word(event, "author"), word(event, "branch"), node)
        text = "".join(word(part, "text") for part in parts if part.get("thought") is not True)
        if event.get("partial") is True:
            # Calls and state of a partial event come again in the whole one, or were never stored.
            return self._said(self._transcript.piece(speaker, text)) if text else []
        events = self._said(self._transcript.whole(speaker, text)) if text else []
        for part in parts:
            events += self._called(section(part, "functionCall"))
            events += self._came_back(section(part, "functionResponse"))
        if keys := tuple(str(key) for key in section(section(event, "actions"), "stateDelta")):
            self._state_keys.update(dict.fromkeys(keys))
            events.append(StateChanged(keys))
        return events

    def _simple_event(self, event: Mapping[str, Any]) -> list[Event]:
        kind = word(event, "type").casefold()
        text = (word(event, "content") or word(event, "text")) if kind in _TEXTS else ""
        if text and event.get("partial") is True:
            return self._said(self._transcript.piece(NOBODY, text))
        if text and event.get("partial") is False:
            return self._said(self._transcript.whole(NOBODY, text))
        if text:
            return self._said(self._transcript.unmarked(text))
        if kind in _CALLS:
            return self._called(event)
        return self._came_back(event) if kind in _RESULTS else []

    def _said(self, shown: str) -> list[Event]:
        self._tool_runs = False
        return [TextDelta(shown)] if shown else []

    def _called(self, call: Mapping[str, Any]) -> list[Event]:
        name = word(call, "name")
        identity = word(call, "id") or f"#{len(self._calls)}"
        if not name or identity in self._calls:
            return []
        self._transcript.pause()
        self._calls[identity] = name
        self._tool_runs = True
        return [ToolCalled(name)]

    def _came_back(self, response: Mapping[str, Any]) -> list[Event]:
        name, identity = word(response, "name"), word(response, "id")
        if not (name or identity) or identity in self._returned:
            return []
        self._transcript.pause()
        if identity:
            self._returned.add(identity)
        self._tool_runs = False
        return [ToolReturned(name or self._calls.get(identity, ""))]

    def _fault(self, fault: Fault) -> list[Event]:
        self._tool_runs = False
        answer, noise = split_noise(fault.message)
        if noise and not answer:
            self._noise.append(Fault(fault.message, fault.code or NOISE_CODE))
        else:
            self._faults.append(fault)
        return [StreamFault(fault.message, fault.code)]

    def _came_before(self, event: Mapping[str, Any], data: str) -> bool:
        """An agent's frame that came twice, byte for byte. Its time makes every frame unique."""
        if "timestamp" not in event or "id" not in event:
            return False
        mark = hash(data)
        known = mark in self._seen
        self._seen.add(mark)
        return known
