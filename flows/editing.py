"""Instructions, one after another: what they came to, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from prefect_nemovideo.api import EditResult
from prefect_nemovideo.api.errors import EditNotApplied, EditUnknown, NemoVideoError
from prefect_nemovideo.api.replies import is_already_so
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks import Job, apply_edit
from prefect_nemovideo.tasks.edits import EditDone, as_found
from prefect_nemovideo.tasks.intents import Intent


@dataclass
class Story:
    """What has happened so far; kept so that an error can tell what was spent.

    Args:
        owned: What the account had before the first edit; None where that can't be told.
        unmet: What was asked for and came to nothing, as a sentence for each edit, by its number.
        at_work: What the editor was told and has not answered yet.
        resumed: An earlier run of the job has sent something: what that one spent may not be known here yet.
        was_late: Something came onto the timeline after the edits had ended.
    """

    edits: list[EditResult] = field(default_factory=list)
    spent: float | None = 0.0
    owned: float | None = None
    warnings: list[str] = field(default_factory=list)
    unmet: dict[int, str] = field(default_factory=dict)
    at_work: str | None = None
    resumed: bool = False
    was_late: bool = False

    def add(self, done: EditDone) -> None:
        """One more edit that came to its end, and its price."""
        self.at_work = None
        self.owned = self.owned if self.edits else done.owned
        self.edits.append(done.edit)
        self.warnings += [f"“{done.edit.instruction}”: {warning}" for warning in done.edit.warnings]
        known = self.spent is not None and done.credits_spent is not None
        self.spent = (self.spent or 0.0) + (done.credits_spent or 0.0) if known else None

    @property
    def unseen(self) -> int | None:
        """The number of the edit that the timeline may show late: the first that came to nothing after all that were
        made. Of several, nothing tells whose it is that shows: it counts as that one's, and the others stay unmet."""
        last = max((number for number, done in enumerate(self.edits) if done.outcome == "applied"), default=-1)
        return None if self.was_late else next((number for number in self.unmet if number > last), None)

    def found(self, number: int, edit: EditResult) -> None:
        """An edit that had come to nothing was made after all, or something has come that may be its work."""
        self.was_late = True
        told, self.edits[number] = self.edits[number].warnings, edit
        if edit.outcome == "applied":
            self.warnings.remove(self.unmet.pop(number))
        new = [warning for warning in edit.warnings if warning not in told]
        self.warnings += [f"“{edit.instruction}”: {warning}" for warning in new]


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
    """Sends each instruction, and an answer that was given in advance where the editor asks something.

    Edits that are made are left to be delivered: until then `saved` knows the job as one to go on with.
    """
    left = list(answers)
    number = 0
    for instruction in instructions:
        text = instruction
        carried_out = False
        while True:
            story.at_work = text
            await _check_alone(job, session_id, text, number, saved, resend=resend)
            await saved.sends(job)
            # A question changes nothing: the answer to it is the first that is carried out.
            is_first = not any(done.outcome == "applied" for done in story.edits)
            text = await saved.spoken(job, number, text, resend=resend, is_first=is_first)
            try:
                done = await apply_edit(
                    job,
                    session_id,
                    text,
                    number=number,
                    resend=resend,
                    measured=measured,
                    alone=not saved.others_came_between(job),
                )
            except EditUnknown:
                raise
            except NemoVideoError:
                await _given_up(job, saved, story)
                raise
            done = await as_found(job, session_id, done, number)
            result = done.edit
            story.add(done)
            if asked := _to_carry_out(result, carried_out):
                # "Drag the clip to the start": said to somebody at a screen, done by saying it back; once, no further.
                text, carried_out = asked, True
                number += 1
                tell(f"Carrying out what the editor asks for: {text}")
                continue
            if result.outcome != "question":
                break
            if not left:
                await _given_up(job, saved, story)
                raise EditNotApplied(
                    f"The editor asks something instead of editing: {result.reply}",
                    next_step=f"Put the answer into the instruction, or give {'one more' if answers else 'it'} with "
                    "--answer, and run it again.",
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
                story.unmet[number] = sentence
        await saved.edited(job, number, result)
        number += 1


async def _given_up(job: Job, saved: Saved, story: Story) -> None:
    """An instruction has failed: where nothing was made or paid before it, the next time begins anew."""
    if all(done.outcome == "question" for done in story.edits):
        await saved.settled(job)


async def _check_alone(job: Job, session_id: str, text: str, number: int, saved: Saved, *, resend: bool) -> None:
    """What became of an instruction is told by the timeline, as long as nobody else has changed it since.

    Raises:
        EditUnknown: Others have, after this was sent.
    """
    if resend or not saved.others_came_between(job):
        return
    left = await Intent(job, apply_edit.name, number, session_id).left_behind()
    if left is not None and left.result is None:
        raise EditUnknown(
            f"It is not known whether “{text}” was carried out: it was sent before, and the session was edited since, "
            "so that the timeline does not tell. It may have been charged. It was not sent again.",
            next_step=f"Look at it with: prefect-nemovideo status {saved.name or session_id}. To send it once more add "
            "--resend, which may cost twice.",
            instruction=text,
            outcome="unknown",
        )


async def was_begun(job: Job, session_id: str) -> bool:
    """Whether an earlier run sent anything of this job into the session."""
    return await Intent(job, apply_edit.name, 0, session_id).left_behind() is not None


async def count_sent(job: Job, session_id: str, instructions: list[str]) -> int:
    """How many instructions an earlier run has sent into the session."""
    if not await was_begun(job, session_id):
        return 0
    return max(1, len(instructions) - await count_unpaid(job, session_id, instructions))


async def count_unpaid(job: Job, session_id: str, instructions: list[str]) -> int:
    """How many instructions were neither carried out nor sent by an earlier run; follows the steps of `edit`."""
    number = 0
    for index in range(len(instructions)):
        carried_out = False
        while True:
            left = await Intent(job, apply_edit.name, number, session_id).left_behind()
            number += 1
            if left is None:
                return len(instructions) - index
            if left.result is None:
                return len(instructions) - index - 1
            result = EditDone.model_validate(left.result).edit
            if _to_carry_out(result, carried_out):
                carried_out = True
            elif result.outcome != "question":
                break
    return 0


def _to_carry_out(result: EditResult, carried_out: bool) -> str | None:
    """What the editor asks somebody at a screen to do, where nothing else came of the instruction."""
    if carried_out or result.outcome != "unchanged":
        return None
    return next((action.text for action in result.actions if action.kind == "edit" and action.text), None)
