"""Numbers and times as people write them, in English and Chinese.

`NUMBER`, `TIME` and `RANGE` are pieces of regular expressions without groups of their own; what they matched
is read by `number` and `milliseconds`.
"""

from __future__ import annotations

import re

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = (
    {word: float(n) for n, word in enumerate(_ONES)}
    | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
    | {"half": 0.5, "a": 1.0, "an": 1.0, "couple": 2.0, "few": 3.0, "hundred": 100.0}
)
_CHINESE = {char: n for n, char in enumerate("零一二三四五六七八九十")} | {"两": 2}

_ENGLISH = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES))})"
# Not in the middle of a word, a number or a clock time.
_START = r"(?<![a-z0-9.:])"
NUMBER = rf"(?:{_START}\d+(?:\.\d+)?|\b(?:a |one )?hundred\b|\b{_ENGLISH}\b|[零一二两三四五六七八九十]+)"
PERCENT = rf"(?:{NUMBER}\s*(?:%|percent\b|per cent\b)|百分之{NUMBER})"

_HALF = r"(?:\s+and\s+a\s+half)?"
_AMOUNT = rf"(?:{NUMBER}{_HALF}|\b(?:a\s+)?half(?:\s+an?)?\b|\ban?(?:\s+(?:couple|few)(?:\s+of)?)?\b|半)"
_HOURS = rf"{_AMOUNT}[\s-]*(?:h|hrs?|hours?|个?小时)(?![a-z])"
_MINUTES = rf"{_AMOUNT}[\s-]*(?:m|mins?|minutes?|分钟|分)(?![a-z])"
_SECONDS = rf"{_AMOUNT}[\s-]*(?:s|secs?|seconds?|秒钟|秒)(?![a-z]){_HALF}"
_MILLIS = rf"{_AMOUNT}[\s-]*(?:ms|msecs?|milliseconds?|毫秒)(?![a-z])"
_JOIN = r"[\s,]*(?:and\s+)?"
CLOCK = rf"{_START}\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\.\d+)?(?![\d:])"
TIME = (
    rf"(?:{CLOCK}|{_HOURS}(?:{_JOIN}{_MINUTES})?(?:{_JOIN}{_SECONDS})?|{_MINUTES}(?:{_JOIN}{_SECONDS})?"
    rf"|{_SECONDS}|{_MILLIS})"
)
_BEGINNING = r"(?:the\s+)?(?:very\s+)?(?:start|beginning)|开头|开始"
_END = r"(?:the\s+)?(?:very\s+)?end|结尾|最后"
RANGE = (
    rf"(?:第\s*)?(?P<from>{TIME}|{NUMBER}|{_BEGINNING})\s*(?:to|until|till|through|and|up to|-|–|—|~|到|至)\s*"
    rf"(?:第\s*)?(?P<to>{TIME}|{NUMBER}|{_END})"
)

_UNITS_MS = (("ms", 1), ("milli", 1), ("毫秒", 1), ("h", 3_600_000), ("小时", 3_600_000), ("m", 60_000), ("分", 60_000))
_PART = re.compile(rf"(?P<n>{_AMOUNT})[\s-]*(?P<u>[a-z]+|个?小时|分钟?|秒钟?|毫秒)(?P<half>{_HALF})", re.I)


def number(text: str) -> float:
    """Read what `NUMBER` or an amount matched.

    Example:
        >>> number("twenty five"), number("half a"), number("十五")
        (25.0, 0.5, 15.0)
    """
    text = text.strip().lower()
    if digits := re.search(r"\d+(?:\.\d+)?", text):
        value = float(digits[0])
    elif chinese := re.search(r"[零一二两三四五六七八九十]+", text):
        value = _chinese(chinese[0])
    elif "半" in text or ("half" in text and "and" not in text):
        value = 0.5
    else:
        words = re.findall(r"[a-z]+", text.split(" and ")[0])
        if "hundred" in words:
            value = 100.0
        else:
            if len(words) > 1 and words[0] in ("a", "an"):
                words = words[1:]
            value = sum(_WORDS.get(word, 0.0) for word in words)
    return value + (0.5 if re.search(r"and\s+a\s+half", text) else 0.0)


def milliseconds(text: str) -> int:
    """Read what `TIME` matched; a bare number is seconds.

    Example:
        >>> milliseconds("1:02.5"), milliseconds("1 min 20 s"), milliseconds("half a second")
        (62500, 80000, 500)
    """
    text = text.strip().lower()
    if ":" in text:
        seconds = 0.0
        for piece in text.split(":"):
            seconds = seconds * 60 + float(piece)
        return round(seconds * 1000)
    total = 0.0
    parts = list(_PART.finditer(text))
    for part in parts:
        unit = next((ms for prefix, ms in _UNITS_MS if part["u"].lstrip("个").startswith(prefix)), 1000)
        total += (number(part["n"]) + (0.5 if part["half"] else 0.0)) * unit
    return round(total if parts else number(text) * 1000)


def span(match: re.Match[str]) -> tuple[int, int | None]:
    """Start and end of what `RANGE` matched; "from 2 to 5 min" gives the first number the second's unit."""
    first, last = match["from"], match["to"]
    if re.fullmatch(_BEGINNING, first, re.I):
        first = "0 s"
    elif re.fullmatch(NUMBER, first, re.I) and (unit := re.search(r"[^\W\d]+\s*$", last)):
        first = f"{first} {unit[0]}"
    end = None if re.fullmatch(_END, last, re.I) else milliseconds(last)
    return milliseconds(first), end


def percent(text: str) -> float:
    """Read what `PERCENT` matched: 35.0 for "35 per cent"."""
    return number(text.replace("百分之", ""))


def _chinese(text: str) -> float:
    if "十" not in text:
        return float(int("".join(str(_CHINESE[char]) for char in text)))
    tens, _, ones = text.partition("十")
    return float(10 * _CHINESE.get(tens[-1:], 1) + _CHINESE.get(ones[:1], 0))
