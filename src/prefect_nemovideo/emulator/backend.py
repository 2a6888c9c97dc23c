"""The state of one emulator: everything the wire and the control surface work on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from prefect_nemovideo.emulator.accounts import Accounts
from prefect_nemovideo.emulator.claims import Claims
from prefect_nemovideo.emulator.clock import Clock
from prefect_nemovideo.emulator.fault_rules import Faults
from prefect_nemovideo.emulator.instances import Instance
from prefect_nemovideo.emulator.options import EmulatorOptions
from prefect_nemovideo.emulator.recorder import Recorder
from prefect_nemovideo.emulator.render_jobs import RenderJobs
from prefect_nemovideo.emulator.renders import Renders
from prefect_nemovideo.emulator.runs import Runs
from prefect_nemovideo.emulator.sessions import Sessions
from prefect_nemovideo.emulator.store import Store


class Backend:
    """Accounts, sessions, files, renders and runs over one data folder, and how to behave."""

    def __init__(self, folder: Path, options: EmulatorOptions) -> None:
        self.first_options = options
        self.options = options
        self.store = Store(folder)
        self.instance = Instance(folder)
        self.clock = Clock(self.store)
        self.accounts = Accounts(self.store, self.clock)
        self.sessions = Sessions(self.store, self.clock)
        self.claims = Claims(self.store, self.clock)
        self.renders = Renders(self.store, self.clock)
        self.runs = Runs(self.store, self.accounts, self.sessions, self.instance)
        self.jobs = RenderJobs(self.store, self.renders, self.sessions, self.instance, lambda: self.options)
        self.faults = Faults()
        self.recorder = Recorder()
        self.released = asyncio.Event()
        """Set when stalled replies may go on; replaced by a new one each time."""
        self.refuse_connections: Callable[[float], None] | None = None
        """Stops listening for some seconds; set by what listens."""

    def start(self) -> None:
        self._register_tokens()
        self.instance.bury_the_dead()
        self.jobs.start()

    async def close(self) -> None:
        await self.runs.close()
        await self.jobs.close()
        self.instance.close()
        self.store.close()

    def set_options(self, options: EmulatorOptions) -> None:
        self.options = options
        self._register_tokens()

    def clear_faults(self) -> None:
        """Drop all rules, and let go on what was stalled by one."""
        self.faults.clear()
        self.released.set()
        self.released = asyncio.Event()

    async def reset(self, *, options: bool) -> None:
        """Forget everything that happened; with `options`, also how the options were changed."""
        await self.runs.close()
        await self.jobs.abandon()
        self.store.empty()
        self.clear_faults()
        self.recorder.clear()
        self.set_options(self.first_options if options else self.options)

    def _register_tokens(self) -> None:
        for token in self.options.tokens:
            self.accounts.register(token, credits=self.options.token_credits, keep=True)
