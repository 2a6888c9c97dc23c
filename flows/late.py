"""Edits that a service shows late: looked for once more before a video without them is delivered."""

from __future__ import annotations

from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.flows.editing import Story
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.archive import open_archive
from prefect_nemovideo.tasks.edits import look_for_edit


async def look_for_late_edits(job: Job, session_id: str, wishes: Wishes, saved: Saved, story: Story) -> bool:
    """Looks once more for what came to nothing so far, as long as nobody else has the timeline.

    A video that lies in the archive already stays what it is: only its record is missing.

    Returns:
        Whether something was found: what was rendered before lacks it.

    Raises:
        StorageError: What was found can't be kept.
    """
    number = story.unseen
    if number is None or not saved.is_alone(job) or await _is_archived(wishes):
        return False
    await saved.needs_timeline(job)
    known = story.edits[number]
    edit = await look_for_edit(job, session_id, known, number=number, is_proof=_is_proof(job, wishes, saved, story))
    if edit is None:
        return False
    story.found(number, edit)
    await saved.edited(job, number, edit)
    return True


def _is_proof(job: Job, wishes: Wishes, saved: Saved, story: Story) -> bool:
    """Whether a charge is one for this edit: there is no other whose price may show now, of this job or of others."""
    others = [edit for edit in saved.block.edits if edit.job_key != job.key] if saved.block else []
    return wishes.measured and not story.resumed and len(story.edits) == 1 and not others


async def _is_archived(wishes: Wishes) -> bool:
    place = await open_archive(wishes.archive)
    return await in_thread(place.head, wishes.name) is not None
