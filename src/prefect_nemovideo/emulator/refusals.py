"""The one error of the emulator's API: a refusal with NemoVideo's code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping

BAD_TOKEN = 1001
NO_SESSION = 1002
NO_CREDITS = 2001
BAD_REQUEST = 4000
UNSUPPORTED_FILE = 4001
FILE_TOO_LARGE = 4002
UNREADABLE_URL = 4003
NO_RENDER = 4004
RENDER_ID_TAKEN = 4090
RENDER_UNDER_WAY = 4091
RENDER_NOT_READY = 4092
NO_CLIENT_ID = 400
PLAN_BLOCKS_EXPORT = 402
RATE_LIMIT = 429

# NemoVideo documents 1001, 1002, 2001, 4001, 4002, 400, 402 and 429. The other codes are the emulator's own, for
# cases that the documents leave open. 2001 isn't sent with HTTP 402: there 402 always means the plan.
HTTP_STATUS: Mapping[int, int] = {
    BAD_TOKEN: 401,
    NO_SESSION: 404,
    NO_CREDITS: 403,
    BAD_REQUEST: 400,
    UNSUPPORTED_FILE: 415,
    FILE_TOO_LARGE: 413,
    UNREADABLE_URL: 400,
    NO_RENDER: 404,
    RENDER_ID_TAKEN: 409,
    RENDER_UNDER_WAY: 409,
    RENDER_NOT_READY: 409,
    NO_CLIENT_ID: 400,
    PLAN_BLOCKS_EXPORT: 402,
    RATE_LIMIT: 429,
}

FIRST_SERVICE_CODE = 1000
"""Smaller codes are HTTP statuses and are always sent as such."""


class Refusal(Exception):
    """A request that the API answers with an error.

    Attributes:
        code: One of the codes above.
        message: A sentence: what is wrong and what to do.
        headers: Further HTTP headers of the reply, such as Retry-After.
    """

    def __init__(self, code: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def http_status(self, style: str) -> int:
        """The HTTP status of the reply in an error style, `http` or `envelope`."""
        return 200 if style == "envelope" and self.code >= FIRST_SERVICE_CODE else HTTP_STATUS[self.code]


class AgentRefusal(Exception):
    """A message that the agent server refuses in its own shape, `{"detail": …}`, before a run starts."""

    def __init__(self, status: int, detail: object) -> None:
        super().__init__(str(detail))
        self.status = status
        self.detail = detail
