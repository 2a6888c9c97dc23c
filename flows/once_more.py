"""What is meant once more (`force`, `restart`): another job of the same wishes, which can be gone on with too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

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

    Args:
        key: What is meant once more.

    Raises:
        StorageError: Prefect's result storage can't tell, or can't keep it.
    """

    async def begun() -> str:
        try:
            last = OnceMore.model_validate(await kept.read(_record(key)))
        except ValidationError:
            last = None
        if last is not None and not last.done:
            return last.salt
        salt = flow_run.get_id() or ""
        await kept.write(_record(key), OnceMore(salt=salt).model_dump())
        return salt

    return await salt_of_run(begun)


async def salt_of_run(choose: Callable[[], Awaitable[str]]) -> str:
    """What the key of this run's job is made with: a retry of a run is the job of that run, whatever was done since.

    Args:
        choose: Finds it, for a run that is no retry.
    """
    record = f"nemovideo-run-{flow_run.get_id() or ''}-salt"
    if flow_run.run_count > 1 and isinstance(known := await kept.read(record), str):
        return known
    salt = await choose()
    await kept.write(record, salt)
    return salt


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
