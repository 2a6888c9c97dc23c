"""Instructions, one after another: what they came to, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from prefect_nemovideo.api import EditResult
from prefect_nemovideo.api.errors import EditNotApplied
from prefect_nemovideo.api.replies import is_already_so
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks import Job, apply_edit
from prefect_nemovideo.tasks.edits import EditDone


@dataclass
class Story:
    """What has happened so far; kept so that an error can tell what was spent."""

    edits: list[EditResult] = field(default_factory=list)
    spent: float | None = 0.0
    warnings: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)

    def add(self, done: EditDone) -> None:
        """One more edit that came to its end, and its price."""
        self.edits.append(done.edit)
        self.warnings += [f"“{done.edit.instruction}”: {warning}" for warning in done.edit.warnings]
        known = self.spent is not None and done.credits_spent is not None
        self.spent = (self.spent or 0.0) + (done.credits_spent or 0.0) if known else None


async def edit(
    job: Job,
    session_id: str,
    instructions: list[str],
    answers: list[str],
    saved: Saved,
    story: Story,
    *,
    resend: bool = False,
    measured: bool = True,
) -> None:
    """Sends each instruction, and an answer that was given in advance where the editor asks something."""
    left = list(answers)
    number = 0
    for instruction in instructions:
        text = instruction
        carried_out = False
        while True:
            done = await apply_edit(job, session_id, text, number=number, resend=resend, measured=measured)
            result = done.edit
            story.add(done)
            asked = next((action.text for action in result.actions if action.kind == "edit" and action.text), None)
            if result.outcome == "unchanged" and asked and not carried_out:
                # "Drag the clip to the start": said to somebody at a screen, done by saying it back; once, no further.
                text, carried_out = asked, True
                number += 1
                tell(f"Carrying out what the editor asks for: {text}")
                continue
            if result.outcome != "question":
                break
            if not left:
                raise EditNotApplied(
                    f"The editor asks something instead of editing: {result.reply}",
                    next_step="Put the answer into the instruction, or give it with --answer, and run it again."
                    + _price(done.credits_spent),
                    instruction=instruction,
                    outcome="question",
                    question=result.reply,
                )
            text = left.pop(0)
            number += 1
            tell(f"Answering: {text}")
        if result.outcome == "unchanged":
            sentence = f"“{instruction}” changed nothing on the timeline."
            story.warnings.append(sentence)
            if not is_already_so(result.reply):
                # Nobody says that it was so before: what was asked for is missing in what is delivered.
                story.unmet.append(sentence)
        await saved.edited(job, number, result)
        number += 1


def _price(credits: float | None) -> str:
    """What the balance says of a question's price, as a further sentence; nothing where it says nothing."""
    if credits is None:
        return ""
    return f" The question cost {credits:,.0f} credits." if credits else " Nothing was charged for the question."
