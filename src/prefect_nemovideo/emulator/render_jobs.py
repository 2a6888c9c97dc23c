"""Rendering in the background: one at a time in this process, cancellable, taken over when its emulator dies."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from prefect_nemovideo.emulator.instances import Instance
from prefect_nemovideo.emulator.instant import render_instantly
from prefect_nemovideo.emulator.options import EmulatorOptions
from prefect_nemovideo.emulator.renderer import STILLS, BadDraft, Output, RenderError, render, still_of
from prefect_nemovideo.emulator.renders import Render, Renders
from prefect_nemovideo.emulator.sessions import Sessions
from prefect_nemovideo.emulator.store import Store
from prefect_nemovideo.emulator.turns import Turns

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
"""How often other emulators' renders are looked at; bounds how long a dead one's renders lie about."""

# A 4K encode keeps every core busy: two at once would only make both late, and need twice the memory.
FFMPEG_TURNS = Turns()


class RenderJobs:
    """The renders that this emulator works on."""

    def __init__(
        self,
        store: Store,
        renders: Renders,
        sessions: Sessions,
        instance: Instance,
        options: Callable[[], EmulatorOptions],
    ) -> None:
        self._store = store
        self._renders = renders
        self._sessions = sessions
        self._instance = instance
        self._options = options
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # First come, first served.
        self._one_at_a_time = asyncio.Semaphore(1)
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Pick up what an emulator that is gone left unfinished, now and from time to time."""
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def close(self) -> None:
        """Stop working. Unfinished renders stay in the store for the next emulator on this folder."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await self.abandon()

    async def abandon(self) -> None:
        """Stop every render of this process, its FFmpeg included."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, render_id: str) -> None:
        task = asyncio.create_task(self._run(render_id), name=f"render {render_id}")
        self._tasks[render_id] = task
        task.add_done_callback(lambda done: self._forget(render_id, done))

    def cancel(self, render_id: str) -> None:
        """Cancel a render, wherever it runs: its own emulator stops it at once, another one's soon."""
        self._renders.cancel(render_id)
        if task := self._tasks.get(render_id):
            task.cancel()

    def _forget(self, render_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(render_id) is task:
            del self._tasks[render_id]

    async def _run(self, render_id: str) -> None:
        owner = self._instance.name
        async with self._one_at_a_time:
            if not self._renders.begin(render_id, owner):
                return
            job = self._renders.find(render_id)
            if job is None:
                return
            made = self._instance.workspace / job.path.name
            try:
                duration = await self._produce(job, made)
                digest = await asyncio.to_thread(_sha256, made)
            except (BadDraft, RenderError) as error:
                self._renders.fail(render_id, owner, str(error))
            except Exception:
                log.exception("The render %s failed in an unforeseen way.", render_id)
                self._renders.fail(render_id, owner, "The renderer failed. The emulator's log says why.")
            else:
                _move_stills(made, job.path)
                made.rename(job.path)
                if not self._renders.complete(render_id, owner, job.path.stat().st_size, digest, duration):
                    _remove(job.path)
            finally:
                _remove(made)

    async def _produce(self, job: Render, target: Path) -> float:
        """Make a render's file; its length in seconds."""
        options = self._options()

        def report(percent: float) -> None:
            self._renders.progress(job.id, self._instance.name, percent)

        output = Output.parse(job.output)
        if options.instant_renders:
            folder, seconds = self._store.folder, options.render_seconds
            return await render_instantly(job.draft, output, target, folder=folder, seconds=seconds, on_progress=report)
        sources = {file.id: (file.path, file.probe) for file in self._sessions.files(job.session_id)}
        async with FFMPEG_TURNS.take():
            rendered = await render(job.draft, sources, output, target, on_progress=report)
        return rendered.duration_seconds

    async def _sweep_forever(self) -> None:
        while True:
            try:
                self.sweep()
            except Exception:
                log.exception("Looking after other emulators' renders failed; it is tried again.")
            await asyncio.sleep(SWEEP_SECONDS)

    def sweep(self) -> None:
        """Take over what dead emulators left, and stop what another emulator was asked to cancel."""
        owners = self._renders.unfinished_owners()
        for render_id, task in self._tasks.items():
            if owners.get(render_id) != self._instance.name:
                task.cancel()
        alive = {owner: self._instance.is_alive(owner) for owner in set(owners.values())}
        for render_id, owner in owners.items():
            if not alive[owner] and self._renders.adopt(render_id, owner, self._instance.name):
                self.submit(render_id)
        for row in self._store.rows("SELECT DISTINCT owner FROM holds"):
            if not self._instance.is_alive(row["owner"]):
                self._store.change("DELETE FROM holds WHERE owner = ?", row["owner"])


def _move_stills(made: Path, target: Path) -> None:
    # An instant render has none.
    for name in STILLS:
        with contextlib.suppress(FileNotFoundError):
            still_of(made, name).rename(still_of(target, name))


def _remove(made: Path) -> None:
    for path in (made, *(still_of(made, name) for name in STILLS)):
        path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
