"""Text of the service as it comes in: JSON may hold half of a character, which nothing else can. Pure.

A surrogate without its other half can be neither printed, hashed nor written. So it is made an unknown character here,
where all that the service says comes through, and nobody behind has to think of it.
"""

from __future__ import annotations

import json
import re
from typing import Any

_UNKNOWN = "\ufffd"

# An escaped pair is one character; what follows a backslash that is escaped itself is plain text.
_ESCAPED = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read_json(document: str | bytes) -> Any:
    """The value of a JSON document, all of its text whole.

    Raises:
        ValueError: It is no JSON.
        RecursionError: It is nested too deeply.

    Example:
        >>> read_json('{"title": "a\\\\ud800b"}')
        {'title': 'a�b'}
    """
    text = document if isinstance(document, str) else document.decode(json.detect_encoding(document), "surrogatepass")
    text = whole(text)
    if "\\u" in text:
        text = _ESCAPED.sub(lambda match: rf"\u{ord(_UNKNOWN):x}" if match[1] else match[0], text)
    return json.loads(text)


def whole(text: str) -> str:
    """The text with an unknown character for each half of one; two halves that belong together are one.

    Example:
        >>> whole("a" + chr(0xD800) + "b")
        'a�b'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
