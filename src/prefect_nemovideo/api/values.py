"""How a value of a draft reads, whatever key it stands under. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def seconds(ms: float) -> str:
    """Milliseconds as seconds without needless decimals: `10`, `2.5`, `0.04`."""
    return plain(round(ms / 1000, 2))


def plain(value: float) -> str:
    """A number without needless decimals: `35`, `29.97`."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def from_to(old: object, new: object) -> str:
    """As in `35 % → 20 %`; what was not told before is left out.

    Example:
        >>> from_to(None, "1920×1080"), from_to("1920×1080", None)
        ('1920×1080', '1920×1080 → not set')
    """
    return f"{'' if old is None else f'{old} → '}{'not set' if new is None else new}"


_UNSAID = {"out"}
"""The end of the cut in the source says the same as the length."""

_FLIPS = {"h": "left to right", "v": "top to bottom", "hv": "both ways"}

_DECIBELS = re.compile(r"(?:_d|D)[bB]\Z")
"""`gain_dB` and `gainDb` are not "gain d b"."""

_BY_NAME: Mapping[str, Callable[[float], str]] = {
    "fade in": lambda ms: f"{seconds(ms)} s",
    "fade out": lambda ms: f"{seconds(ms)} s",
    "loudness": lambda lufs: f"{plain(lufs)} LUFS",
    "rotate": lambda degrees: f"{plain(degrees)}°",
    "speed": lambda factor: f"{plain(factor)}×",
}
_BY_LAST_WORD: Mapping[str, Callable[[float], str]] = {
    "db": lambda decibels: f"{plain(decibels)} dB",
    "ms": lambda ms: f"{seconds(ms)} s",
    "seconds": lambda s: f"{plain(s)} s",
    "percent": lambda percent: f"{plain(percent)} %",
    "degrees": lambda degrees: f"{plain(degrees)}°",
}


def changed_values(was: Mapping[str, Any], now: Mapping[str, Any], name: str = "") -> Iterator[str]:
    """What changed between two sets of values, one phrase for each key, in the order of the keys.

    Args:
        name: What the values belong to; "" for the whole project.

    Example:
        >>> list(changed_values({"sharpen": 0}, {"sharpen": 0.8, "fade_in": 500, "grayscale": True}, "clip"))
        ['fade in 0.5 s on clip', 'grayscale on for clip', 'sharpen 0 → 0.8 on clip']
    """
    on, of, out_of, for_ = (f" {word} {name}" if name else "" for word in ("on", "of", "from", "for"))
    for key in sorted((was.keys() | now.keys()) - _UNSAID):
        old, new = was.get(key), now.get(key)
        if old == new:
            continue
        word, reads = _reading(key)
        if key == "in" and isinstance(new, int | float):
            yield f"{name} begins at {seconds(new)} s of its source"
        elif key in ("src", "source"):
            yield f"Source{of} replaced"
        elif isinstance(new, bool) or (isinstance(old, bool) and new is None):
            yield f"{word} {'on' if new else 'off'}{for_}"
        elif _long(old) or _long(new):
            yield f"{word} changed{on}"
        elif new is None or new == "":
            yield f"{word} removed{out_of}"
        elif old is None or old == "":
            yield f"{word} {reads(new)}{on}"
        else:
            yield f"{word} {reads(old)} → {reads(new)}{on}"


def _reading(key: str) -> tuple[str, Callable[[Any], str]]:
    """A key in words, and how its values read: `fade_in` and `fadeIn` are "fade in", in seconds."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", _DECIBELS.sub("_db", key)).casefold()
    rest, _, last = words.rpartition(" ")
    unit = _BY_LAST_WORD.get(last) if rest else None
    if unit is not None:
        words = rest
    shown = unit or _BY_NAME.get(words)

    def reads(value: Any) -> str:
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, int | float):
            return shown(value) if shown else plain(value)
        return _FLIPS.get(value, value) if words == "flip" else str(value)

    return words, reads


def _long(value: Any) -> bool:
    """A list or an object, kept as JSON: too much to read aloud."""
    return isinstance(value, str) and value[:1] in ("{", "[")
