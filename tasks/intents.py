"""Write-ahead: what a step is about to do is kept before it does it, so that whoever comes after a crash knows.

Intents lie in Prefect's result storage beside the results of finished steps, under the job's key: a run on another
machine that shares the storage finds them.
"""

from __future__ import annotations

from typing import Any

from prefect.results import get_result_store

from prefect_nemovideo.tasks.jobs import Job


async def intend(job: Job, step: str, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Keeps an intent, or returns the one that an earlier run left behind without an end.

    Args:
        step: The step's name within the job, such as `edit-0`.
        facts: What whoever resumes will need; JSON.

    Returns:
        None when the way is free; else the facts of the run that may have carried it out.
    """
    if job.key is None:
        return None
    store = get_result_store()
    key = _key(job, step)
    if await store.aexists(key):
        kept = (await store.aread(key)).result
        if kept.get("open"):
            return dict(kept["facts"])
    await store.awrite({"open": True, "facts": facts}, key=key)
    return None


async def withdraw(job: Job, step: str) -> None:
    """Says that nothing came of the intent: the step may be done anew."""
    if job.key is not None:
        await get_result_store().awrite({"open": False, "facts": {}}, key=_key(job, step))


def _key(job: Job, step: str) -> str:
    return f"nemovideo-{job.key}-{step}-intent"
