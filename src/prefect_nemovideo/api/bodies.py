"""What is sent and what comes back: large bodies go by a thread, and no reply is larger than makes sense."""

from __future__ import annotations

import ssl

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import REPORT
from prefect_nemovideo.api.errors import UnexpectedReply
from prefect_nemovideo.api.line import Line
from prefect_nemovideo.api.multipart import MultipartBody


async def sent_by_thread(
    request: httpx.Request, content: MultipartBody, endpoint: str, context: ssl.SSLContext
) -> tuple[httpx.Response, bytes]:
    """Sends a large body, from a thread and on a connection of its own; it may be sent on to another address (307)."""
    line = content.line = Line()
    request.extensions["trace"] = line.trace

    def send() -> tuple[httpx.Response, bytes]:
        with httpx.Client(verify=context) as client:
            response = client.send(request, stream=True, follow_redirects=True)
            try:
                reply = LimitedReply(response, endpoint)
                for part in response.iter_bytes():
                    reply.add(part)
                return response, reply.body
            finally:
                response.close()

    return await line.run(send)


async def read_limited(response: httpx.Response, endpoint: str) -> bytes:
    """The body, or an error once it is larger than a reply can sensibly be."""
    reply = LimitedReply(response, endpoint)
    async for part in response.aiter_bytes():
        reply.add(part)
    return reply.body


class LimitedReply:
    """What came of a reply's body so far; no more than a reply can sensibly have."""

    def __init__(self, response: httpx.Response, endpoint: str) -> None:
        self._response, self._endpoint = response, endpoint
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def body(self) -> bytes:
        return b"".join(self._parts)

    def add(self, part: bytes) -> None:
        """Raises UnexpectedReply when it is too large."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > numbers.MAX_REPLY_BYTES:
            raise UnexpectedReply(
                f"The service answered {self._endpoint} with HTTP {self._response.status_code} and more than "
                f"{numbers.MAX_REPLY_BYTES >> 20} MiB.",
                next_step=REPORT,
                endpoint=self._endpoint,
                status=self._response.status_code,
            )
