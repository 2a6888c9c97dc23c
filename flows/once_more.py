"""What is meant once more (`force`, `restart`): another job of the same wishes, which can be gone on with too."""

from __future__ import annotations

from prefect.runtime import flow_run
from pydantic import BaseModel, ValidationError

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
    try:
        last = OnceMore.model_validate(await kept.read(_record(key)))
    except ValidationError:
        last = None
    if last is not None and not last.done:
        return last.salt
    begun = OnceMore(salt=flow_run.get_id() or "")
    await kept.write(_record(key), begun.model_dump())
    return begun.salt


async def ended_once_more(key: str, salt: str) -> None:
    """Says that it has come to its end: the next time is another one."""
    await kept.write(_record(key), OnceMore(salt=salt, done=True).model_dump())


def _record(key: str) -> str:
    return f"nemovideo-{key}-once-more"
