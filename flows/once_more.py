"""What is meant once more (`force`, `restart`): another job of the same wishes, which can be gone on with too."""

from __future__ import annotations

from prefect.runtime import flow_run
from pydantic import BaseModel, ValidationError

from prefect_nemovideo.progress import tell
from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.tasks import kept


class OnceMore(BaseModel):
    """The last time that something was meant once more: what its key was made with, and whether it came to its end."""

    salt: str
    done: bool = False


async def salt_once_more(key: str) -> str:
    """What makes another job of the same wishes: the last such job's, if it has not come to its end, else a new one.

    A retry of a run is the job of that run, whatever came to its end since.

    Args:
        key: What is meant once more.

    Raises:
        StorageError: Prefect's result storage can't tell, or can't keep it.
    """
    run = flow_run.get_id() or ""
    of_run = f"nemovideo-run-{run}-once-more"
    if flow_run.run_count > 1 and isinstance(begun := await kept.read(of_run), str):
        return begun
    salt = await _begun(key, run)
    await kept.write(of_run, salt)
    return salt


async def _begun(key: str, run: str) -> str:
    try:
        last = OnceMore.model_validate(await kept.read(_record(key)))
    except ValidationError:
        last = None
    if last is not None and not last.done:
        return last.salt
    await kept.write(_record(key), OnceMore(salt=run).model_dump())
    return run


async def ended_once_more(key: str, salt: str) -> None:
    """Says that it has come to its end: the next time is another one.

    What is delivered by now is no failure where this can't be written: the next time only finds it done.
    """
    try:
        await kept.write(_record(key), OnceMore(salt=salt, done=True).model_dump())
    except StorageError as error:
        tell(f"{error} It is done all the same; the next --force finds it done, the one after it makes it anew.")


def _record(key: str) -> str:
    return f"nemovideo-{key}-once-more"
