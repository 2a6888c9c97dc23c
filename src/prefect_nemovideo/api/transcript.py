"""The words of one reply, each once. Pure.

An agent event may repeat as a whole what partial events said in pieces; the whole is the truth and the pieces
are for live display. Which pieces belong to which whole is told by invocation, author, branch and node, never
by the event id: several frames share one. The simple dialect has no mark at all, so there a text equal to all
the texts since the last tool is taken for such a repetition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Speaker = tuple[str, str, str, str]
"""Invocation, author, branch and node path of an agent's event."""

NOBODY: Speaker = ("", "", "", "")
"""The speaker of the simple dialect, which names none."""

_SENTENCE = re.compile(r"[.!?…。！？]\W*\Z")


@dataclass(slots=True)
class _Paragraph:
    speaker: Speaker
    text: str
    confirmed: bool
    is_closed: bool = False


class Transcript:
    """Takes texts as they come, hands back what to show now, and knows the whole at the end."""

    def __init__(self) -> None:
        self._paragraphs: list[_Paragraph] = []
        self._pending: dict[Speaker, str] = {}
        self._pieces: list[str] = []
        self._showing: Speaker | None = None
        self._shown = False

    @property
    def unconfirmed(self) -> bool:
        """A piece was never followed by its whole: the agent was stopped before it stored its words."""
        return any(text.strip() for text in self._pending.values()) or any(
            not paragraph.confirmed for paragraph in self._paragraphs
        )

    def piece(self, speaker: Speaker, text: str) -> str:
        """A partial text: shown, and kept until its whole comes."""
        self._pending[speaker] = self._pending.get(speaker, "") + text
        return self._show(speaker, text)

    def whole(self, speaker: Speaker, text: str) -> str:
        """A whole text: takes the place of its pieces. Only what they had not shown is shown."""
        speaker = self._same(speaker, text)
        said = self._pending.pop(speaker, None)
        if self._said_before(speaker, text):
            self._showing = None
            return ""
        if said is None and (early := self._closed_early(speaker, text)):
            said, early.text, early.confirmed = early.text, text, True
        else:
            self._paragraphs.append(_Paragraph(speaker, text, True))
        if said is None or not text.startswith(said):
            said, self._showing = "", None
        shown = self._show(speaker, text[len(said) :])
        self._showing = None
        return shown

    def unmarked(self, text: str) -> str:
        """A text of the simple dialect: the next piece, or all the pieces again."""
        so_far = "".join(self._pieces)
        # One text said twice may be two pieces ("ha" "ha"), unless it is a sentence of its own.
        repeatable = len(self._pieces) > 1 or _SENTENCE.search(so_far)
        if repeatable and text.strip() == so_far.strip():
            self._end_pieces()
            return ""
        self._pieces.append(text)
        return self._show(NOBODY, text)

    def pause(self) -> None:
        """A tool's turn, or the end: what follows is a new paragraph, whatever it says."""
        for paragraph in self._paragraphs:
            paragraph.is_closed = True
        for speaker, text in self._pending.items():
            self._paragraphs.append(_Paragraph(speaker, text, False))
        self._pending.clear()
        self._end_pieces()
        self._showing = None

    def text(self) -> str:
        """Everything said up to the last pause, a line for each paragraph."""
        return "\n".join(words for p in self._paragraphs if (words := p.text.strip()))

    def _end_pieces(self) -> None:
        if self._pieces:
            self._paragraphs.append(_Paragraph(NOBODY, "".join(self._pieces), True))
            self._pieces = []
            self._showing = None

    def _same(self, speaker: Speaker, text: str) -> Speaker:
        """The speaker of the pieces that a whole repeats: pieces may name less of it, or more."""
        if speaker in self._pending:
            return speaker
        others = [
            other for other, said in self._pending.items() if _may_be(other, speaker) and text.startswith(said.rstrip())
        ]
        return others[0] if len(others) == 1 else speaker

    def _closed_early(self, speaker: Speaker, text: str) -> _Paragraph | None:
        """A piece that a tool's event closed before its whole came."""
        for paragraph in reversed(self._paragraphs):
            if _may_be(paragraph.speaker, speaker) and not paragraph.confirmed and text.startswith(paragraph.text):
                return paragraph
        return None

    def _said_before(self, speaker: Speaker, text: str) -> bool:
        """The whole that this speaker has just said, sent once more: no tool came between."""
        last = next((p for p in reversed(self._paragraphs) if p.speaker == speaker), None)
        return last is not None and last.confirmed and not last.is_closed and last.text.strip() == text.strip()

    def _show(self, speaker: Speaker, text: str) -> str:
        if not text:
            return ""
        new_line = self._shown and self._showing != speaker
        self._showing, self._shown = speaker, True
        return "\n" + text if new_line else text


def _may_be(one: Speaker, other: Speaker) -> bool:
    """Whether two may be the same: what one of them does not tell, the other may."""
    return all(this == that or not this or not that for this, that in zip(one, other, strict=True))
