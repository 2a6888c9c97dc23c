"""Which size an instruction asks for. Pure."""

from __future__ import annotations

import re

_SIZE = (
    r"(?:(?P<uhd>4k|uhd|ultra\s?hd|2160p)|(?P<qhd>1440p|2k|qhd)|(?P<fhd>1080p|full\s?hd|fhd)|(?P<hd>720p)"
    r"|(?P<width>[1-9]\d{2,4})\s?[x×]\s?(?P<height>[1-9]\d{2,4}))"
)
# A word is only looked at from its beginning: else a long one would be read once for each of its letters.
_MENTION = re.compile(
    rf"(?P<lead>(?<![\w'])[\w']+\s+|[到为成至])?(?<![A-Za-z0-9.]){_SIZE}(?![A-Za-z0-9])", re.IGNORECASE
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|(?<!\w)'[^']*'(?!\w)")
_NAMES = {"uhd": "4k", "qhd": "1440p", "fhd": "1080p", "hd": "720p"}

#: Words before a size that say what the footage is to become …
_TARGET = {"to", "into", "in", "at", "as", "it", "export", "render", "make", "到", "为", "成", "至"}
#: … and words that say what it is now.
_SOURCE = {"from", "this", "my", "these", "our", "original", "source", "raw"}


def named_size(instructions: list[str]) -> str | None:
    """The size that the instructions ask for, as `OutputSpec.resolution` has it; the last word counts.

    Example:
        >>> named_size(["convert this 1080p clip to 4K"])
        '4k'
        >>> named_size(["trim the first 3 seconds"]) is None
        True
    """
    asked: str | None = None
    mentioned: str | None = None
    for instruction in instructions:
        for match in _MENTION.finditer(_QUOTED.sub(" ", instruction)):
            lead = (match["lead"] or "").strip().lower()
            if lead in _SOURCE:
                continue
            size = _named(match)
            mentioned = size
            if lead in _TARGET:
                asked = size
    return asked or mentioned


def _named(match: re.Match[str]) -> str:
    for group, name in _NAMES.items():
        if match[group]:
            return name
    return f"{match['width']}x{match['height']}"
