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
_NUMBER = re.compile(r"\A\s*\[?Errno -?\d+\]?:?\s*|\A\s*\d{3}\s+(?=[A-Z_]{3,}\b)")
_STATUS = re.compile(r"\A\s*[45]\d\d\b[.:]?\s+")
_CONSTANT = r"\A\s*[A-Z][A-Z_]{4,}"
_CONSTANT_BEFORE = re.compile(_CONSTANT + r"[.:]\s+(?=\S)")
_CONSTANT_ALONE = re.compile(_CONSTANT + r"[.:]?\s*\Z")


def in_words(reason: str) -> str:
    """A reason without names of classes, error numbers and JSON; of several lines the first.

    Example:
        >>> in_words("ServerError: 503 UNAVAILABLE. {'error': {'message': 'The model is overloaded.'}}")
        'The model is overloaded.'
        >>> in_words("ValueError: ")
        'it gave no reason'
    """
    of_a_class = False
    while (match := _CLASS.match(reason)) and match.group():
        reason, of_a_class = reason[match.end() :], True
    if inside := _INSIDE.search(reason):
        reason, of_a_class = inside["said"], False
    reason = _STRUCTURE.sub("", _NUMBER.sub("", reason))
    if of_a_class:
        reason = _STATUS.sub("", reason)
    reason = _CONSTANT_BEFORE.sub("", reason)
    if _CONSTANT_ALONE.match(reason):
        reason = reason.strip(" .:\n").lower().replace("_", " ")
    line = next((" ".join(line.split()) for line in reason.splitlines() if line.strip()), "")
    if of_a_class and line and " " not in line and line.isascii():
        # "KeyError: 'segment'": a word is no sentence.
        word = line.strip("'\"")
        line = f"an error of its own, “{word}”"
    return line[:LONGEST_REASON] or NO_REASON


def with_full_stop(sentence: str) -> str:
    """The sentence with an end, so that another can follow it.

    Example:
        >>> with_full_stop("The model is overloaded")
        'The model is overloaded.'
    """
    sentence = sentence.rstrip()
    return sentence if re.search(r"[.!?…。！？][)\"”’」』]*\Z", sentence) else f"{sentence}."


BROKE_OFF = "the connection broke off"

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
    return BROKE_OFF
