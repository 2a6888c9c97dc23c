"""Sentences, clauses and quotations, the same for requests and replies, English and Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

MASK = "\ue000"
"""Stands for one character of something quoted: what is quoted is a name or a text, never a command."""

# A single quote opens only after a space or at the start, so that "don't" and "I'm" stay what they are. A title is
# short; without a limit, a text of many opening brackets would be searched to its end from each of them.
_LONGEST = 300
_INSIDE = f"{{1,{_LONGEST}}}"
_PAIRS = ('""', "“”", "‘’", "«»", "「」", "『』", "【】", "《》", "``", "[]")
_QUOTED = re.compile(
    "|".join(rf"\{a}[^\{b}\n]{_INSIDE}\{b}" for a, b in map(tuple, _PAIRS))
    + rf"|\*\*[^*\n]{_INSIDE}\*\*|(?:(?<=\s)|(?<=^)|(?<=[(:：]))'[^'\n]{_INSIDE}'(?=$|[\s.,;:!?)])"
)
_URL = re.compile(r"\b(?:https?|s3)://[^\s，。！？；、“”\"]+", re.IGNORECASE)
# A newline at the end of a piece of text is no end of a sentence: more may come.
_SENTENCE = re.compile(r".+?(?:[.!?…]+[)”\"’*]*(?:\s+|\Z)|[。！？；]+[”」』）]*\s*|\Z)", re.DOTALL)


def mask(text: str) -> str:
    """The text with everything quoted, bracketed or linked blanked out, at the same length."""
    return _blank(_QUOTED, _blank(_URL, text))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: MASK * len(match.group()), text)


def sentences(line: str) -> Iterator[str]:
    """The sentences of one line, each with its end and the space after it; joined they are the line."""
    masked = mask(line)
    for match in _SENTENCE.finditer(masked):
        yield line[match.start() : match.end()]


def is_made_of(text: str, words: frozenset[str]) -> bool:
    """Whether a text without spaces is nothing but these words. Each place is reached once, whatever the text.

    Example:
        >>> is_made_of("我还有多少积分", frozenset({"我", "还", "还有", "有", "多少", "积分"}))
        True
    """
    lengths = sorted({len(word) for word in words})
    reached = {0}
    for start in range(len(text)):
        if start in reached:
            reached.update(start + length for length in lengths if text[start : start + length] in words)
    return len(text) in reached


_OPENING = re.compile("|".join(re.escape(pair[0]) for pair in _PAIRS) + r"|\*\*|(?:(?<=\s)|(?<=^)|(?<=[(:：]))'")


def settled(line: str) -> int:
    """Up to where a line that is still being written has sentences that stay as they are: the last one may go on, and
    so may one with a quotation that is still open.

    Example:
        >>> line = "Done. It says “Hello. Wor"
        >>> line[: settled(line)]
        'Done. '
    """
    # What opens and is not closed for so long is no quotation.
    opening = _OPENING.search(mask(line), max(0, len(line) - _LONGEST - 1))
    limit = len(line) if opening is None else opening.start()
    end = 0
    *whole, _ = [len(sentence) for sentence in sentences(line)] or [0]
    for length in whole:
        if end + length > limit:
            break
        end += length
    return end
