"""One instruction, sent at most once."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pydantic import BaseModel

from prefect_nemovideo.api import EditResult, NemoVideo, NemoVideoError
from prefect_nemovideo.api.errors import EditNotApplied, EditUnknown, OutOfCredits
from prefect_nemovideo.api.looks import UNREAD
from prefect_nemovideo.api.models import Before
from prefect_nemovideo.api.reasons import with_full_stop
from prefect_nemovideo.api.restless import to_keep
from prefect_nemovideo.api.stream import Event, TextDelta
from prefect_nemovideo.progress import listener, tell
from prefect_nemovideo.tasks.intents import Declared, Intent
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.renders import outdate_renders
from prefect_nemovideo.tasks.retrying import kept_step, repeatable_step


class EditDone(BaseModel):
    """An edit that came to its end, and what the balance says of it (None where that can't be told).

    Args:
        credits_spent: What it cost, as far as the balance showed it then.
        owned: What the account had before it.
    """

    edit: EditResult
    credits_spent: float | None = None
    owned: float | None = None


@kept_step("edit {number}: {instruction}")
async def apply_edit(
    job: Job,
    session_id: str,
    instruction: str,
    number: int = 0,
    resend: bool = False,
    measured: bool = True,
    alone: bool = True,
) -> EditDone:
    """Sends one instruction, and finds out what became of it.

    The timeline before it is kept first. A retry, a resumed run or the same command again finds that record, and
    then looks for the edit instead of sending it. When the record can't be read or kept, nothing is sent.

    Args:
        number: Which of the job's instructions this is, from 0.
        resend: Sends it again even though an earlier run sent it and could not find out what became of it; not where
            the timeline shows it by now.
        measured: Whether the balance before and after tells its price: not while others spend from the same account.
        alone: Nobody else has edited the session since an earlier run sent it: what has changed there is its work.

    Raises:
        EditUnknown: It may or may not have been made; it is not sent again.
        EditNotApplied: The agent could not do it, or failed.
        StorageError: Prefect's result storage can't tell whether it was sent before, or can't keep that it will be.

    An outcome of `question` is returned: whether there is an answer is for the flow to say.
    """
    intent = Intent(job, apply_edit.name, number, session_id)
    standing = await intent.left_behind()
    if standing is not None and standing.result is not None:
        return EditDone.model_validate(standing.result)
    async with client_of(job) as nemo:
        # A retry of this very run looks for what it has sent, though it was told to send again.
        theirs = standing if standing is not None and not standing.is_by_this_run else None
        if resend and theirs is not None and not (alone and await _is_there(nemo, session_id, instruction, theirs)):
            tell(f"“{instruction}” is sent again, as asked: it may be made and charged twice.", level=logging.WARNING)
            await intent.withdraw()
            standing = None
        before = owned = None
        facts = standing.facts if standing is not None else {}
        if standing is None:
            before = await nemo.edits.before(session_id, alone=measured)
            owned = before.owned if measured else None
            facts = {"before": before.model_dump(mode="json"), "owned": owned}
            standing = await intent.declare(facts)
        is_second_look = standing is not None
        if standing is not None:
            tell(f"“{instruction}” was sent by another run: looking for it on the timeline.")
            owned = standing.facts["owned"]
            edit = await nemo.edits.recover(session_id, instruction, Before.model_validate(standing.facts["before"]))
        else:
            tell(f"Editing: {instruction}")
            try:
                edit = await nemo.edits.apply(session_id, instruction, before=before, on_event=_listener())
            except NemoVideoError as error:
                # Whatever leaves `apply` as an error was refused before it began, or, for want of credits, on the way.
                await intent.withdraw()
                await _say_price(error, nemo, owned if measured else None)
                raise
        # What is not known before tells nothing after.
        now = await _owned(nemo) if measured and owned is not None else None
    spent = max(0.0, owned - now) if owned is not None and now is not None else None
    await _settle(intent, edit, spent, session_id, is_second_look=is_second_look)
    done = EditDone(edit=edit, credits_spent=spent, owned=owned)
    # A service may show late what it did: `look_for_edit` compares with what was there before.
    await intent.end(done, facts if edit.outcome == "unchanged" else None)
    _tell_outcome(edit)
    return done


async def as_found(job: Job, session_id: str, done: EditDone, number: int = 0) -> EditDone:
    """An edit as it is known by now: one that changed nothing may have been found after Prefect kept its step.

    Raises:
        StorageError: Prefect's result storage can't be read.
    """
    if done.edit.outcome != "unchanged":
        return done
    found = await Intent(job, apply_edit.name, number, session_id).result()
    return EditDone.model_validate(found) if found else done


@repeatable_step("look again for edit {number}")
async def look_for_edit(
    job: Job, session_id: str, known: EditResult, number: int = 0, is_proof: bool = False
) -> EditResult | None:
    """An edit that changed nothing, looked for once more: a service may show late what it did. Sends nothing.

    What was rendered before is outdated then, whatever the change is.

    Args:
        known: The edit, as it is known so far.
        number: Which of the job's instructions it is, from 0.
        is_proof: Nobody has spent from the account since it was sent: a charge proves that it was made.

    Returns:
        The edit: `applied`, or with a warning where nothing tells whether the change is its work. None where nothing
        has changed.

    Raises:
        StorageError: Prefect's result storage can't be read, or can't keep what was found.
    """
    intent = Intent(job, apply_edit.name, number, session_id)
    standing = await intent.left_behind()
    if standing is None or standing.result is None:
        return None
    done = EditDone.model_validate(standing.result)
    if done.edit != known:
        # A try of this step has found it, and did not live to say so.
        return done.edit
    if "before" not in standing.facts:
        return None
    before = Before.model_validate(standing.facts["before"])
    async with client_of(job) as nemo:
        edit, after = await nemo.edits.look_again(session_id, done.edit, before, is_proof=is_proof)
    if after is None:
        return None
    # In this order: whoever goes on after a crash in between finds the edit as it was, and looks again.
    await outdate_renders(job, session_id)
    found = EditDone(edit=edit, owned=done.owned)
    if edit.outcome == "applied":
        await intent.note({}, found)
        tell(f"“{edit.instruction}” is on the timeline by now.")
        _tell_outcome(edit)
    else:
        # Seen once, it is no news to the next look.
        now = Before(**after.model_copy(update={"state": to_keep(after.state)}).model_dump(), restless=before.restless)
        await intent.note({**standing.facts, "before": now.model_dump(mode="json")}, found)
        tell(edit.warnings[-1], level=logging.WARNING)
    return edit


async def _say_price(error: NemoVideoError, nemo: NemoVideo, owned: float | None) -> None:
    """Adds to a refusal what the account has paid all the same."""
    now = await _owned(nemo) if isinstance(error, OutOfCredits) and owned is not None else None
    if owned is not None and now is not None and now < owned:
        error.message = f"{with_full_stop(error.message)} {_price(owned - now, unknown='', none='')}"
        error.args = (error.message, *error.args[1:])


async def _is_there(nemo: NemoVideo, session_id: str, instruction: str, sent: Declared) -> bool:
    """Whether an edit of unknown outcome has come into sight since it was looked for."""
    before = Before.model_validate(sent.facts["before"])
    return (await nemo.edits.recover(session_id, instruction, before, patient=False)).outcome == "applied"


async def _owned(nemo: NemoVideo) -> float | None:
    """The balance; a passing trouble with it must not stop an edit."""
    try:
        return (await nemo.credits.balance()).owned
    except NemoVideoError as error:
        tell(f"The balance could not be read: {error}", level=logging.WARNING)
        return None


def _listener() -> Callable[[Event | str], None]:
    """Passes on what the editor says while it says it, and that it is still at work when it says nothing."""
    hear = listener()

    def on_event(event: Event | str) -> None:
        if isinstance(event, str):
            tell(event)
        elif isinstance(event, TextDelta):
            hear(event.text)

    return on_event


def _tell_outcome(edit: EditResult) -> None:
    if edit.reply:
        tell(f"The editor says: {edit.reply}")
    for change in edit.changes:
        tell(f"  {change}")
    for warning in edit.warnings:
        tell(warning, level=logging.WARNING)
    if edit.outcome == "unchanged":
        tell("The timeline is as it was before: this instruction changed nothing.", level=logging.WARNING)


async def _settle(
    intent: Intent, edit: EditResult, spent: float | None, session_id: str, *, is_second_look: bool
) -> None:
    """Raises what stops the job; an edit that was made, had nothing to do, or is a question goes to the flow.

    Args:
        spent: What the balance moved by meanwhile; None where that says nothing of this edit.
        is_second_look: An earlier run has sent it, and looked for it already.
    """
    if edit.outcome in ("applied", "unchanged", "question"):
        return
    if edit.outcome == "unknown":
        price = _price(spent, unknown="It may have been charged.", none="The balance has not moved so far.")
        is_read = not any(warning.startswith(UNREAD) for warning in edit.warnings)
        seen = "No change was seen on the timeline. " if is_read else ""
        raise EditUnknown(
            f"It is not known whether “{edit.instruction}” was carried out. {' '.join(edit.warnings)} "
            f"{seen}{price} It was not sent again.",
            next_step=f"See whether it is there with: prefect-nemovideo status {session_id}. If it is not, --resend "
            "sends it again, which is charged again."
            if is_second_look
            else "Run the same command again to look once more. Nothing is sent twice unless you add --resend.",
            instruction=edit.instruction,
            outcome=edit.outcome,
        )
    await intent.withdraw()
    said = with_full_stop(edit.reply or "it said nothing")
    price = _price(spent, unknown="What was charged for it can't be told.", none="Nothing was charged for it.")
    message, next_step = {
        "refused": (f"The editor can't do “{edit.instruction}”: {said}", "Say it another way, or leave it out."),
        "failed": (
            f"The editor failed at “{edit.instruction}”: {said}",
            "The timeline is as it was before. Try it once more.",
        ),
    }[edit.outcome]
    raise EditNotApplied(f"{message} {price}", next_step=next_step, instruction=edit.instruction, outcome=edit.outcome)


def _price(spent: float | None, *, unknown: str, none: str) -> str:
    """What the balance says of an edit that did not come to a good end."""
    if spent is None:
        return unknown
    return f"The balance has {spent:,.0f} credits less than before." if spent else none
