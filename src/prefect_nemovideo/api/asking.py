"""What one clause of a person's sentence asks for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from prefect_nemovideo.api.asking_chinese import asked_in_chinese, is_manners_in_chinese
from prefect_nemovideo.api.asking_english import asked_in_english, is_manners_in_english

_PICTURES = re.compile("[\u2600-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_AND = re.compile(r"\s+and\s+|\s*(?:和|以及|跟)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """What one clause asks for. Without a verb it is a bare noun, which counts only in the absence of edits."""

    kind: Literal["export", "credits", "state", "upload"]
    has_verb: bool


def asked(clause: str) -> Ask | None:
    """What one clause asks for, when all its words belong to the asking; else None."""
    bare = _bare(clause)
    found = asked_in_chinese(bare) if _CHINESE.search(bare) else asked_in_english(bare)
    return Ask(*found) if found else None


def all_asked(clause: str) -> list[Ask]:
    """Each thing that one clause asks for: "show my credits and the timeline" for two of them.

    Example:
        >>> [ask.kind for ask in all_asked("show my credits and the timeline")]
        ['credits', 'state']
    """
    first, *others = (asked(part) for part in _AND.split(clause))
    if first is not None and others and all(others):
        return [first, *(Ask(other.kind, first.has_verb or other.has_verb) for other in others if other)]
    whole = asked(clause)
    return [whole] if whole else []


def is_manners(clause: str) -> bool:
    """Whether a clause is only polite, or empty."""
    bare = _bare(clause)
    return is_manners_in_chinese(bare) if _CHINESE.search(bare) else is_manners_in_english(bare)


def _bare(clause: str) -> str:
    return " ".join(_PICTURES.sub(" ", clause).strip(" \t.!?:…~()").split())
