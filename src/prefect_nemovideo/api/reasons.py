"""What a machine gives as a reason → words for people. Pure."""

from __future__ import annotations

import re

import httpcore
import httpx

LONGEST_REASON = 300
"""Characters of a reason that are shown: what matters stands at its beginning."""

NO_REASON = "it gave no reason"

_CLASS = re.compile(
    r"\A\s*(?:\w+\.)*[A-Za-z_]\w*(?:Error|Exception|Timeout|Exhausted|Unavailable|Exit)\b\s*(?::\s*|\Z)"
)
_INSIDE = re.compile(r"""(['"])(?:message|detail|msg)\1\s*:\s*(['"])(?P<said>(?:\\.|(?!\2).)+)\2""", re.DOTALL)
_STRUCTURE = re.compile(r"""\s*(?:\{|\[\s*[\[{"'\d]).*\Z""", re.DOTALL)
_NUMBER = re.compile(r"\A\s*\[?Errno -?\d+\]?:?\s*|\A\s*\d{3}\s+[A-Z_]{3,}\b[.:]?\s*")


def in_words(reason: str) -> str:
    """A reason without names of classes, error numbers and JSON; of several lines the first.

    Example:
        >>> in_words("ServerError: 503 UNAVAILABLE. {'error': {'message': 'The model is overloaded.'}}")
        'The model is overloaded.'
        >>> in_words("ValueError: ")
        'it gave no reason'
    """
    while (match := _CLASS.match(reason)) and match.group():
        reason = reason[match.end() :]
    if inside := _INSIDE.search(reason):
        reason = inside["said"]
    reason = _STRUCTURE.sub("", _NUMBER.sub("", reason))
    line = next((" ".join(line.split()) for line in reason.splitlines() if line.strip()), "")
    return line[:LONGEST_REASON] or NO_REASON


_NO_HOST = ("not known", "name resolution", "nodename", "no address associated")


def why_broken(error: Exception) -> str:
    """Why a connection came to nothing, as the end of a sentence.

    Example:
        >>> why_broken(httpx.ReadTimeout(""))
        'no answer came in time'
    """
    said = str(error).casefold()
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered with HTTP {error.response.status_code}"
    if isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        return "no answer came in time"
    if isinstance(error, httpx.ConnectError | httpcore.ConnectError):
        if "certificate" in said:
            return "its certificate is not trusted"
        if "ssl" in said:
            return "it does not speak HTTPS"
        return "there is no such host" if any(word in said for word in _NO_HOST) else "nobody answers there"
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return "its address can't be used"
    if isinstance(error, httpx.TooManyRedirects):
        return "it redirects without end"
    if isinstance(error, httpx.RemoteProtocolError | httpcore.RemoteProtocolError) and "illegal" in said:
        return "what came is not HTTP"
    if isinstance(error, httpx.ProxyError | httpcore.ProxyError):
        return "the proxy refused"
    return "the connection broke off"
