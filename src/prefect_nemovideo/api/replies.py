"""A backend's sentence → what it means without a screen. Pure.

The backend believes that somebody sits in front of its editor. `translate` takes the talk of buttons and panels
out and tells what it asks for; what describes the video stays, to the letter. A clause is screen talk only when it is
an instruction (it begins with the verb, after "please", "you can now" and the like) *about* a part of a screen; so
"the door opens at 0:03" and "a drag race" stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from prefect_nemovideo.api.questions import is_question, is_refusal
from prefect_nemovideo.api.screen import ADVERBIAL, SUBJECT, clauses, meaning
from prefect_nemovideo.api.wording import sentences

__all__ = ["Action", "ActionKind", "Translated", "is_question", "is_refusal", "translate"]

ActionKind = Literal["export", "state", "summary", "credits", "edit"]

_BULLET = re.compile(r"\s*(?:[-*•·]|\d{1,2}[.)、])\s*")
# After an instruction a clause often belongs to it ("click Export, top right"); one with a number tells something.
_TELLS = re.compile(rf"^\s*(?:{SUBJECT.pattern})|\d", re.IGNORECASE)
_ENDS = " \t,，;；、—–-"


@dataclass(frozen=True, slots=True)
class Action:
    """What a reply asks a person to do. `text` is the instruction of an `edit`, else empty."""

    kind: ActionKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Translated:
    """A reply without its screen talk, and what that asked for: in order, each once."""

    text: str
    actions: tuple[Action, ...] = ()


def translate(reply: str) -> Translated:
    """Split a reply into content and what it asks for.

    Example:
        >>> translate("Title added. Click the Export button to download it.")
        Translated(text='Title added.', actions=(Action(kind='export', text=''),))
    """
    kept: list[str] = []
    actions: list[Action] = []
    for line in reply.split("\n"):
        bullet = _BULLET.match(line)
        start = bullet.end() if bullet else 0
        content = "".join(_without_screen(sentence, actions) for sentence in sentences(line[start:])).rstrip()
        if content.strip() or not line.strip():
            kept.append(line[:start] + content)
        elif kept and kept[-1].rstrip().endswith((":", "：")):
            # "Next steps:" with nothing left to step through.
            kept.pop()
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return Translated(text, tuple(dict.fromkeys(actions)))


def _without_screen(sentence: str, actions: list[Action]) -> str:
    """The content of one sentence; the sentence itself, untouched, when it has no screen talk."""
    parts = clauses(sentence)
    found = [meaning(part) for part in parts]
    if not any(found):
        return sentence
    kept: list[str] = []
    after_screen = False
    for part, meant in zip(parts, found, strict=True):
        if meant:
            actions.append(Action(meant[0], meant[1]))
            after_screen = True
        elif not (ADVERBIAL.match(part.strip()) or (after_screen and not _TELLS.search(part))):
            kept.append(part)
            after_screen = False
    content = "".join(kept).strip(_ENDS)
    if not content:
        return ""
    end = re.search(r"[.!?…。！？]+\s*$|\s+$", sentence)
    return content.rstrip(".!?…。！？ ") + (end.group() if end else "")


_ALREADY_SO = re.compile(
    r"\balready\b|\bno (?:changes?|edits?) (?:is|are|was|were)?\s*(?:needed|necessary|required)\b"
    r"|\bnothing to (?:do|change)\b|已经|无需|不需要",
    re.IGNORECASE,
)


def is_already_so(reply: str) -> bool:
    """Whether a reply says that what was asked for is so already: then an unchanged timeline is as it should be.

    Example:
        >>> is_already_so("Already so: canvas 1920x1080."), is_already_so("Let me trim it.")
        (True, False)
    """
    return bool(_ALREADY_SO.search(reply))
