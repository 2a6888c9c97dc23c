"""In which session a job was edited: there it goes on, whoever goes on with it."""

from __future__ import annotations

from prefect_nemovideo.api import Session
from prefect_nemovideo.api.errors import JobFailed
from prefect_nemovideo.tasks import Job, apply_edit, kept, open_session
from prefect_nemovideo.tasks.edits import EditDone
from prefect_nemovideo.tasks.intents import Intent


async def keep_home(job: Job, session: Session) -> None:
    """Keeps that a job is edited in a session that it shares with others; before it is.

    Raises:
        StorageError: That can't be kept.
    """
    await kept.write(_home_name(job), session.model_dump(mode="json"))


async def home_of(job: Job) -> Session | None:
    """The session in which a job was edited by an earlier run, or may have been: there it goes on.

    Raises:
        StorageError: That can't be read.
    """
    # Made by itself, or side by side with others, it has a session of its own.
    found = await kept.read(_home_name(job)) or await Intent(job, open_session.name).result()
    if found is None:
        return None
    home = Session.model_validate(found)
    applied, is_open = await sent_before(job, home.session_id)
    return home if applied or is_open else None


async def check_not_shared(job: Job, name: str) -> None:
    """Makes sure that a job which is to have a session of its own was not edited in one that it shares with others.

    Args:
        name: What is edited, for people.

    Raises:
        JobFailed: It was: done again, that is charged again.
        StorageError: That can't be read.
    """
    if (found := await kept.read(_home_name(job))) is None:
        return
    shared = Session.model_validate(found)
    applied, is_open = await sent_before(job, shared.session_id)
    if applied or is_open:
        raise JobFailed(
            f"{name} was edited before in the session of a batch, and is not delivered. Nothing was sent now; what was "
            "edited was charged then.",
            next_step="Run that batch again, with --mode session: it goes on with it. Or make it anew with --force, "
            "which is charged again.",
            session_id=shared.session_id,
            credits_spent=0.0,
        )


async def sent_before(job: Job, session_id: str) -> tuple[int, bool]:
    """How many edits of a job were made in the session, or may have been, as something came after them that nothing
    else explains; and whether there is one of unknown outcome."""
    applied = number = 0
    while (left := await Intent(job, apply_edit.name, number, session_id).left_behind()) is not None:
        if left.result is None:
            return applied, True
        edit = EditDone.model_validate(left.result).edit
        applied += edit.outcome == "applied" or (edit.outcome == "unchanged" and bool(edit.warnings))
        number += 1
    return applied, False


def _home_name(job: Job) -> str:
    return f"nemovideo-{job.key}-home"
