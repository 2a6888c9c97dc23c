"""Numbers and texts as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])"
_CONTROLS = re.compile(_ESCAPE + r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]")

UNITS = ("bytes", "kB", "MB", "GB", "TB")


def a_size(count: int) -> str:
    """As in `38.2 MB`."""
    number, unit = float(count), UNITS[0]
    for unit in UNITS:
        if number < 1000 or unit == UNITS[-1]:
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == UNITS[0] or number >= 100 else f"{number:.1f} {unit}"


def a_length(seconds: float) -> str:
    """As in `9.97 s` or, from a minute on, `1:02:03`."""
    if seconds < 60:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def a_rate(fps: float) -> str:
    """As in `29.97 fps`; nothing for a still picture."""
    return f"{round(fps, 2):g} fps" if fps else ""


def videos(count: int) -> str:
    """As in `2 videos`."""
    return f"{count:,} video{'' if count == 1 else 's'}"


def credits(spent: float | None) -> str:
    """As in `50 credits`; nothing where it is not known."""
    return "" if spent is None else f"{spent:,.0f} credit{'' if spent == 1 else 's'}"


def a_sum(spent: Iterator[float | None]) -> float:
    """All that is known together."""
    return sum(part or 0.0 for part in spent)


def shortened(text: str, characters: int) -> str:
    """The text on one line, cut off with an ellipsis where it is longer.

    Example:
        >>> shortened("make it\nbrighter, please", 12)
        'make it bri…'
    """
    line = " ".join(text.split())
    return line if len(line) <= characters else f"{line[: characters - 1]}…"


def printable(text: str) -> str:
    """The text without what a terminal obeys instead of showing it: a service's words must not move the cursor.

    Example:
        >>> printable("red: " + chr(27) + "[31mDone")
        'red: Done'
    """
    return _CONTROLS.sub("", text)


def shown_address(source: str) -> str:
    """A source without what may be secret in it: the query of a link, and a password before its host."""
    if "://" not in source or source.lower().startswith(("s3://", "file://")):
        return source
    parts = urlsplit(source)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
