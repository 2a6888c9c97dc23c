"""What one frame of a reply tells: facts, with no opinion about the reply as a whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text to show at once, after what was shown before. Never a thought, never a repetition."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The agent started one of its own tools; kept from people."""

    name: str


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool of the agent came back; kept from people."""

    name: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The other side lives and says nothing."""


@dataclass(frozen=True, slots=True)
class StreamFault:
    """The stream reports an error. `code` is a name (`RuntimeError`), an API code (`2001`), or empty."""

    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The session's state was written under these top-level keys, such as `draft`."""

    keys: tuple[str, ...]


Event = TextDelta | ToolCalled | ToolReturned | Heartbeat | StreamFault | StateChanged
