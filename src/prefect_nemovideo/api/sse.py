"""Bytes of a `/run_sse` answer → SSE data payloads. httpx-sse does the parsing; this keeps its traps away.

httpx-sse loses the first event after a byte order mark, decodes in whatever charset the header names, refuses
`Text/Event-Stream`, reports a wrong type as a transport error that retry loops would send again, has no limit on
the size of an event, and can't tell a stream that ends inside an event from one that ends after it. So it is given a
response of our own over the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
from httpx_sse import EventSource

from prefect_nemovideo.api.frames import MAX_EVENT_BYTES, TOO_LARGE_CODE

_TAIL_BYTES = 4
"""The longest end of an event: CR LF CR LF."""


class _Body(httpx.AsyncByteStream):
    """The body's bytes, remembering how they end and how many came since the last event."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._response = response
        self._limit = limit
        self._tail = b""
        self.pending = 0

    @property
    def too_large(self) -> bool:
        return self.pending > self._limit

    @property
    def ends_inside_an_event(self) -> bool:
        ends = self._tail.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return bool(ends.strip(b"\n")) and not ends.endswith(b"\n\n")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_bytes():
            self._tail = (self._tail + chunk[-_TAIL_BYTES:])[-_TAIL_BYTES:]
            self.pending += len(chunk)
            if self.too_large:
                return
            yield chunk


async def read_events(response: httpx.Response, *, max_bytes: int = MAX_EVENT_BYTES) -> AsyncIterator[str]:
    """The data payloads of a streamed answer, in order, as they arrive; an empty string is a heartbeat.

    Comments are invisible. An event that the end of the stream cuts is not handed out. A JSON body instead of
    a stream (an error envelope in a 200) is handed out as one payload. An event above `max_bytes` ends the
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
    body = _Body(response, max_bytes)
    if kind == "application/json" or kind.endswith("+json"):
        raw = b"".join([chunk async for chunk in body])
        yield _too_large(max_bytes) if body.too_large else raw.decode("utf-8-sig", errors="replace")
        return
    if kind and "event-stream" not in kind:
        raise httpx.RemoteProtocolError(f"the answer is {kind!r} instead of an event stream")
    # utf-8-sig swallows a leading byte order mark; SSE is UTF-8 whatever the header says.
    clean = httpx.Response(200, headers={"content-type": "text/event-stream; charset=utf-8-sig"}, stream=body)
    async with aclosing(EventSource(clean).aiter_sse()) as events:
        async for event in events:
            body.pending = 0
            yield event.data
    if body.too_large:
        yield _too_large(max_bytes)
    elif body.ends_inside_an_event:
        raise httpx.RemoteProtocolError("the stream ended inside an event")


def _too_large(max_bytes: int) -> str:
    return json.dumps({"error": f"An event of the reply is larger than {max_bytes} bytes.", "code": TOO_LARGE_CODE})
