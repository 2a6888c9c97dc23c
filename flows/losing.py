"""What goes with a session that does not exist any more, or is left, and whether that is worth a question."""

from __future__ import annotations

from dataclasses import dataclass

from prefect_nemovideo.api.envelope import REPORT
from prefect_nemovideo.api.errors import SessionGone, UploadedTwice
from prefect_nemovideo.flows.editing import count_sent
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.tasks import Job


@dataclass(frozen=True)
class Lost:
    """What went with a session.

    Args:
        uploads: Names of its files.
        edits: How many edits had been sent into it.
        can_be_brought_back: Nothing of it is worth a question: no edit, and no file but those that are at hand.
    """

    uploads: list[str]
    edits: int
    can_be_brought_back: bool

    @property
    def uploads_too(self) -> str:
        return f", and with it the upload of {', '.join(self.uploads)}" if self.uploads else ""


async def lost_with(job: Job, wishes: Wishes, saved: Saved, error: SessionGone | UploadedTwice) -> Lost:
    block, at_hand = saved.block, [source.name for source in wishes.sources]
    if block is None:
        edits = int(error.facts.get("edits_lost", 0))
        return Lost(at_hand if edits else [], edits, not edits)
    uploads = [file.name for file in block.files]
    edits = max(len(block.edits), await count_sent(job, block.session_id, wishes.instructions))
    # What others have sent may have been made, though nobody knows yet.
    edits += sum(work.key != job.key for work in block.at_work) + (block.unsettled is not None)
    return Lost(uploads, edits, not edits and bool(at_hand) and set(uploads) <= set(at_hand))


def say_what_is_lost(error: SessionGone, lost: Lost, wishes: Wishes, saved: Saved) -> None:
    if lost.can_be_brought_back:
        error.message = f"The session does not exist any more{lost.uploads_too}. Nothing had been edited in it."
        error.next_step = f"Run the same command again later; if it stays so, {REPORT}"
    else:
        names = [f"the upload of {', '.join(lost.uploads)}"] if lost.uploads else []
        names += [f"{lost.edits} edit{'s' if lost.edits > 1 else ''}"] if lost.edits else []
        lost_too = f" Lost with it: {' and '.join(names)}." if names else " There was nothing in it yet."
        error.message = f"The session does not exist any more.{lost_too}"
        if saved.block and saved.block.deliveries:
            error.message += " What was delivered before is still in the archive."
        error.next_step = (
            "Start anew with --restart: the footage is uploaded and edited again, and charged again."
            if wishes.sources
            else "Start anew with: prefect-nemovideo edit SOURCE --session NAME --restart -i … (charged again)."
        )
    error.args = (error.message,)
