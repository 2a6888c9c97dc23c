"""Write-ahead: what a step is about to do is kept before it does it, so that whoever comes after a crash knows.

Intents lie in Prefect's result storage beside the results of finished steps, under the job's key: a run on another
machine that shares the storage finds them. `kept.py` says how they are kept.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any

from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from prefect_nemovideo.progress import tell
from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.tasks import kept
from prefect_nemovideo.tasks.jobs import Job, kept_under


class Declared(BaseModel):
    """An intent as it was found.

    Args:
        open: It was declared and not withdrawn: the step may have been carried out.
        facts: What its run knew before.
        result: What came of it, once that is known.
        run: The flow run that declared it.
        mark: Tells one declaration from another.
    """

    # As a draft may hold a NaN, so may the facts.
    model_config = ConfigDict(ser_json_inf_nan="constants")

    open: bool
    facts: dict[str, Any] = {}
    result: dict[str, Any] | None = None
    run: str = ""
    mark: str = Field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def is_by_this_run(self) -> bool:
        return self.run == (flow_run.get_id() or "")


class Intent:
    """What one step of a job is about to do.

    Args:
        job: The job; without a key nothing is kept.
        step: The task's name.
        number: Which of the job's steps of this kind.
        session_id: The session that it works on, None for that which opens one.
    """

    def __init__(self, job: Job, step: str, number: int = 0, session_id: str | None = None) -> None:
        self._name = None if job.key is None else f"{kept_under(job, step, number, session_id)}-intent"

    async def declare(self, facts: dict[str, Any]) -> Declared | None:
        """Keeps the intent, unless an earlier run left one behind, or another run declares the same now.

        Args:
            facts: What whoever resumes will need; JSON.

        Returns:
            None when the way is free; else what the other run left.

        Raises:
            StorageError: It can't be kept, or not be read whether there is one. Nothing may be sent.
        """
        if self._name is None:
            return None
        there = await kept.read(self._name)
        if (standing := _open(there)) is not None:
            return standing
        ours = Declared(open=True, facts=facts, run=flow_run.get_id() or "")
        if await kept.claim(self._name, ours.model_dump(mode="json"), over=there):
            return None
        return await self.left_behind() or await self.declare(facts)

    async def left_behind(self) -> Declared | None:
        """What an earlier run declared and did not withdraw: it may have been done, and with a result it was.

        Raises:
            StorageError: That can't be read.
        """
        return None if self._name is None else _open(await kept.read(self._name))

    async def result(self) -> dict[str, Any] | None:
        """What came of the step, where an earlier run saw its end."""
        standing = await self.left_behind()
        return standing.result if standing else None

    async def withdraw(self) -> None:
        """Says that nothing came of it: the step may be done anew."""
        await self._keep(Declared(open=False))

    async def end(self, result: BaseModel, facts: dict[str, Any] | None = None) -> None:
        """Says what came of it, for whoever finds Prefect's own record of the step missing or cut off."""
        await self._keep(Declared(open=True, facts=facts or {}, result=result.model_dump(mode="json")))

    async def note(self, facts: dict[str, Any], result: BaseModel | None = None) -> None:
        """Puts other facts, and another result if there is one, in place of those that are kept.

        Raises:
            StorageError: They can't be kept.
        """
        standing = await self.left_behind()
        if self._name is None or standing is None:
            return
        came = result.model_dump(mode="json") if result else standing.result
        noted = standing.model_copy(update={"facts": facts, "result": came})
        await kept.write(self._name, noted.model_dump(mode="json"))

    async def _keep(self, record: Declared) -> None:
        if self._name is None:
            return
        try:
            await kept.write(self._name, record.model_dump(mode="json"))
        except StorageError as error:
            # The step is over. Left open, the intent has the next run look for it: slower, and safe.
            tell(f"What came of this step could not be kept: {error}", level=logging.WARNING)


def _open(record: Any) -> Declared | None:
    standing = None if record is None else Declared.model_validate(record)
    return standing if standing and standing.open else None
