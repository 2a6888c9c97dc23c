"""One clause of an instruction, being read.

A reader takes what it understands; what nobody took is left over, and said to be left over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from prefect_nemovideo.emulator.editor.operations import Operation

# Quoted text is kept out of the sentence while it is read: each quotation is one private-use character.
QUOTE = "[\ue000-\uf8ff]"
# Takes the place of what was read; no pattern matches it.
TAKEN = "\0"


@dataclass
class Clause:
    """`text` with quotations replaced; `quotes` holds them in order."""

    text: str
    quotes: Sequence[str] = ()
    found: list[tuple[int, Operation]] = field(default_factory=list)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first match, which no later reader sees."""
        match = pattern.search(self.text)
        if match:
            start, end = match.span()
            self.text = self.text[:start] + TAKEN * (end - start) + self.text[end:]
        return match

    def has(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.text) is not None

    def add(self, at: int, *operations: Operation) -> None:
        self.found.extend((at, operation) for operation in operations)

    def quote(self, char: str) -> str:
        """The text that a quotation's character stands for."""
        return self.quotes[ord(char) - 0xE000]

    def take_quote(self) -> str | None:
        match = self.take(ANY_QUOTE)
        return self.quote(match[0]) if match else None


ANY_QUOTE = re.compile(QUOTE)


def words(pattern: str) -> re.Pattern[str]:
    """A pattern for the readers: case doesn't matter, and a Chinese character ends an English word."""
    return re.compile(pattern, re.I | re.A)


_BIT = words(
    r"\b(?:a (?:little )?(?:bit|tad|touch)|a little|slight(?:ly)?|subtl[ey]|gent(?:le|ly)|lightly|mild(?:ly)?"
    r"|somewhat)\b"
    r"|稍微|轻微|略微|一点|一些|微微"
)
_MUCH = words(
    r"\b(?:strong(?:ly)?|a lot|lots|much|very|really|heav(?:y|ily)|aggressive(?:ly)?|significantly|extra|way"
    r"|far|super|as much as possible|max(?:imum)?|extremely)\b|非常|强烈|大幅|很多|明显|特别|更加"
)


def degree(clause: Clause, bit: float, normal: float, much: float) -> float:
    """How strongly the clause wants it: "a bit", nothing said, "a lot"."""
    if clause.take(_BIT):
        return bit
    return much if clause.take(_MUCH) else normal
