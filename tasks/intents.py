"""Write-ahead: what a step is about to do is kept before it does it, so that whoever comes after a crash knows.

Intents lie in Prefect's result storage beside the results of finished steps, under the job's key: a run on another
machine that shares the storage finds them.
"""

from __future__ import annotations

from typing import Any

from prefect_nemovideo.tasks.jobs import Job, kept_steps, kept_under


class Intent:
    """What one step of a job is about to do.

    Args:
        job: The job; without a key nothing is kept.
        step: The task's name.
        number: Which of the job's steps of this kind.
        session_id: The session that it works on.
    """

    def __init__(self, job: Job, step: str, number: int, session_id: str) -> None:
        self._name = None if job.key is None else f"{kept_under(job, step, number, session_id)}-intent"

    async def declare(self, facts: dict[str, Any]) -> dict[str, Any] | None:
        """Keeps the intent, unless an earlier run left one behind without an end.

        Args:
            facts: What whoever resumes will need; JSON.

        Returns:
            None when the way is free; else the facts of the run that may have carried it out.
        """
        if (left_behind := await self.left_behind()) is not None:
            return left_behind
        await self._write({"open": True, "facts": facts})
        return None

    async def left_behind(self) -> dict[str, Any] | None:
        """The facts of an earlier run that declared this and did not come to an end."""
        if self._name is None or not await kept_steps().aexists(self._name):
            return None
        kept = (await kept_steps().aread(self._name)).result
        return dict(kept["facts"]) if kept["open"] else None

    async def withdraw(self) -> None:
        """Says that nothing came of it: the step may be done anew."""
        await self._write({"open": False, "facts": {}})

    async def _write(self, record: dict[str, Any]) -> None:
        if self._name is not None:
            await kept_steps().awrite(record, key=self._name)
