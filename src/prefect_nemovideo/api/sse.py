"""Bytes of a `/run_sse` answer → SSE data payloads. httpx-sse does the parsing; this keeps its traps away.

httpx-sse loses the first event after a byte order mark, decodes in whatever charset the header names, refuses
`Text/Event-Stream`, reports a wrong type as a transport error that retry loops would send again, has no limit on
the size of an event, and can't tell a stream that ends inside an event from one that ends after it. So it is given a
response of our own over the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
from httpx_sse import EventSource

from prefect_nemovideo.api.frames import MAX_EVENT_BYTES, TOO_LARGE_CODE

_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")
"""What ends an event."""

_OF_NO_EVENT = re.compile(rb":.*|data: ?|(?:id|retry)(?::.*)?")
"""A line that tells nothing: a comment, an empty heartbeat. Nobody has to end it with a blank one."""


class _Body(httpx.AsyncByteStream):
    """The body's bytes, remembering what came since the last event."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._chunks = response.aiter_bytes()
        self._limit = limit
        self._first = b""
        self._block = bytearray()
        self.pending = 0

    @property
    def too_large(self) -> bool:
        return self.pending > self._limit

    @property
    def unfinished(self) -> list[bytes]:
        """The lines behind the last event that may be a part of one."""
        lines = bytes(self._block).removeprefix(b"\xef\xbb\xbf").splitlines()
        return [line for line in lines if line and not _OF_NO_EVENT.fullmatch(line)]

    async def is_document(self) -> bool:
        """Whether the body begins as a JSON object, as no line of a stream does."""
        async for chunk in self._chunks:
            # Blank lines in front tell nothing, however many there are.
            if begin := chunk.removeprefix(b"\xef\xbb\xbf").lstrip():
                self._first = chunk
                return begin.startswith(b"{")
        return False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._first:
            yield self._taken(self._first)
        async for chunk in self._chunks:
            taken = self._taken(chunk)
            if self.too_large:
                return
            yield taken

    def _taken(self, chunk: bytes) -> bytes:
        self.pending += len(chunk)
        start = max(0, len(self._block) - 2)
        self._block += chunk
        ends = [at + len(line) for line in _BLANK_LINES if (at := self._block.rfind(line, start)) >= 0]
        if ends:
            del self._block[: max(ends)]
        return chunk


async def read_events(response: httpx.Response, *, max_bytes: int = MAX_EVENT_BYTES) -> AsyncIterator[str]:
    """The data payloads of a streamed answer, in order, as they arrive; an empty string is a heartbeat.

    Comments are invisible. An event that the end of the stream cuts is not handed out; one that is whole, and lacks
    its blank line alone, is. A JSON body instead of a stream (an error envelope in a 200) is handed out as one payload,
    whatever its type. An event above `max_bytes` ends the
    stream with an error frame. The caller checks the status, sets the timeouts and closes the response.

    Args:
        response: Opened with `stream=True`, not read yet, status 200.
        max_bytes: The largest event in bytes.

    Raises:
        httpx.RemoteProtocolError: The answer is neither a stream nor JSON, or it ended inside an event. Then
            the outcome of the message is unknown, as it is with httpx's own errors, which pass through.

    Example:
        async with aclosing(read_events(response)) as payloads:
            async for data in payloads:
                show(reader.feed(data))
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
    is_stream = not kind or "event-stream" in kind
    body = _Body(response, max_bytes)
    if kind == "application/json" or kind.endswith("+json") or (is_stream and await body.is_document()):
        raw = b"".join([chunk async for chunk in body])
        yield _too_large(max_bytes) if body.too_large else raw.decode("utf-8-sig", errors="replace")
        return
    if not is_stream:
        raise httpx.RemoteProtocolError(f"the answer is {kind!r} instead of an event stream")
    # utf-8-sig swallows a leading byte order mark; SSE is UTF-8 whatever the header says.
    clean = httpx.Response(200, headers={"content-type": "text/event-stream; charset=utf-8-sig"}, stream=body)
    async with aclosing(EventSource(clean).aiter_sse()) as events:
        async for event in events:
            body.pending = 0
            yield event.data
    if body.too_large:
        yield _too_large(max_bytes)
    elif unfinished := body.unfinished:
        if (last := _whole(unfinished)) is None:
            raise httpx.RemoteProtocolError("the stream ended inside an event")
        yield last


def _whole(lines: list[bytes]) -> str | None:
    """The JSON object of an event whose last line came whole: of one that was cut, no bracket closes."""
    data = b"\n".join(line.removeprefix(b"data:") for line in lines if line.startswith(b"data:"))
    try:
        told = data.decode()
        return told if isinstance(json.loads(told), dict) else None
    except ValueError:
        return None


def _too_large(max_bytes: int) -> str:
    return json.dumps({"error": f"An event of the reply is larger than {max_bytes} bytes.", "code": TOO_LARGE_CODE})
