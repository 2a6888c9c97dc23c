"""A job's lease: one run at a time works on it, on whatever machine and with whatever Prefect server.

Two notes: one on the Prefect server, for runs that share it, and one in the result storage, for runs that share that.
Runs that share neither can't know of each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from prefect.runtime import flow_run

from prefect_nemovideo.blocks.lease import Note, PrefectBoard, only_run
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks import kept


class StorageBoard:
    """A record in Prefect's result storage.

    Args:
        name: The record's name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: Any = None

    async def find(self) -> Note | None:
        self._found = await kept.read(self._name)
        return None if self._found is None else Note.model_validate(self._found)

    async def take(self, note: Note, over: Note | None) -> bool:
        return await kept.claim(self._name, note.model_dump(mode="json"), over=self._found, settled=True)

    async def renew(self, note: Note) -> None:
        if await self._has(note):
            await kept.write(self._name, note.model_dump(mode="json"))

    async def give_back(self, note: Note) -> None:
        if await self._has(note):
            # A storage of Prefect's takes nothing away: a note that is over says the same.
            over = note.model_copy(update={"good_until": datetime.now(UTC)})
            await kept.write(self._name, over.model_dump(mode="json"))

    async def _has(self, note: Note) -> bool:
        standing = await self.find()
        return standing is not None and standing.mark == note.mark


@contextlib.asynccontextmanager
async def alone_at(key: str) -> AsyncIterator[bool]:
    """Nobody else works on the job while the context is open; its value is whether somebody had to be waited for."""
    run = flow_run.get_name() or "a run"
    async with (
        only_run(PrefectBoard(f"job-{key}"), run, tell=_tell) as waited_there,
        only_run(StorageBoard(f"nemovideo-{key}-lease"), run, tell=_tell) as waited_here,
    ):
        yield waited_there or waited_here


def _tell(note: Note) -> None:
    tell(f"Another run is at this very job: {note}. Waiting for it: nothing is done or paid twice.")
