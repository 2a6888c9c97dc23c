"""What can become of an instruction."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from prefect_nemovideo.api.models import Model

Outcome = Literal["applied", "unchanged", "question", "refused", "failed", "unknown"]


class ReplyAction(Model):
    """What a reply asks a person at a screen to do: `export`, `state`, `summary`, `credits`, `edit` with its text."""

    kind: str
    text: str = ""


class EditResult(Model):
    """What became of one instruction.

    Args:
        instruction: As it was sent.
        outcome: `applied` · `unchanged` (nothing came of it) · `question` (the agent asks) · `refused` (it can't) ·
            `failed` (it broke) · `unknown` (it may or may not have happened; it was not sent again).
        reply: What the agent said, without talk of a screen; "" when it said nothing.
        silent: Applied without a word.
        changes: What changed on the timeline, in words.
        actions: What the reply asked a person at a screen to do.
        warnings: What went wrong beside an edit that was made; why it is not known what became of one.
    """

    instruction: str
    outcome: Outcome
    reply: str = ""
    silent: bool = False
    changes: list[str] = Field(default_factory=list)
    actions: list[ReplyAction] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
