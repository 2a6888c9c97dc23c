"""Edits that a service shows late: looked for once more before a video without them is delivered."""

from __future__ import annotations

from prefect_nemovideo.flows.editing import Story
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.edits import look_for_edit


async def look_for_late_edits(job: Job, session_id: str, saved: Saved, story: Story) -> bool:
    """Looks once more for what came to nothing so far, as long as nobody else has the timeline.

    Returns:
        Whether something was found: what was rendered before lacks it.

    Raises:
        StorageError: What was found can't be kept.
    """
    number = story.unseen
    if number is None or saved.taken(job) or saved.others_came_between(job):
        return False
    edit = await look_for_edit(job, session_id, number=number)
    if edit is None:
        return False
    story.found(number, edit)
    await saved.edited(job, number, edit)
    return True
