"""What a machine gives as a reason → words for people. Pure."""

from __future__ import annotations

import re

LONGEST_REASON = 300
"""Characters of a reason that are shown: what matters stands at its beginning."""

NO_REASON = "it gave no reason"

_CLASS = re.compile(
    r"\A\s*(?:\w+\.)*[A-Za-z_]\w*(?:Error|Exception|Timeout|Exhausted|Unavailable|Exit)\b\s*(?::\s*|\Z)"
)
_INSIDE = re.compile(r"""(['"])(?:message|detail|msg)\1\s*:\s*(['"])(?P<said>(?:\\.|(?!\2).)+)\2""", re.DOTALL)
_STRUCTURE = re.compile(r"\s*[\[{].*\Z", re.DOTALL)
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
