"""Sentences in both languages, side by side, so that neither is forgotten."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """The same thing in English and in Chinese."""

    en: str
    zh: str

    def in_(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Refused(Exception):
    """An operation that can't be done on this draft; the draft stays as it was."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.said = Said(en, zh)


class Unclear(Refused):
    """An operation that lacks a detail only the person can give: a question, not a refusal."""


def clock(ms: int) -> str:
    """A time as people write it: `0:07`, `1:02.5`, `1:00:00`."""
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    fraction = f".{rest:03}".rstrip("0") if rest else ""
    return f"{head}:{seconds:02}{fraction}"
