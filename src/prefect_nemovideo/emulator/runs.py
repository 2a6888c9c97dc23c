"""One run of the agent: a message becomes an edit, the edit is saved and charged in one step, or not at all."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from uuid import uuid4

from prefect_nemovideo.emulator.accounts import Account, Accounts
from prefect_nemovideo.emulator.editor import Answer, respond
from prefect_nemovideo.emulator.instances import Instance
from prefect_nemovideo.emulator.options import EmulatorOptions
from prefect_nemovideo.emulator.sessions import Session, Sessions
from prefect_nemovideo.emulator.store import Store
from prefect_nemovideo.emulator.streams import Event, Text, ToolCall, ToolResult

log = logging.getLogger(__name__)

TRAILING_NOISE = "I encountered a temporary issue. Please try again."


class Run:
    """A run under way. It lives by itself: the connection that started it may be gone."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def emit(self, event: Event | None) -> None:
        self._events.put_nowait(event)

    async def events(self, heartbeat_seconds: float) -> AsyncIterator[Event | None]:
        """What happens, as it happens; None after every `heartbeat_seconds` in which nothing did."""
        while True:
            try:
                async with asyncio.timeout(heartbeat_seconds):
                    event = await self._events.get()
            except TimeoutError:
                yield None
                continue
            if event is None:
                return
            yield event

    async def finish(self) -> None:
        """Wait until the run is over, whatever becomes of it."""
        if self.task is not None:
            await asyncio.wait([self.task])

    async def abort(self) -> None:
        """Stop a run; what it has saved and charged by now stays."""
        if self.task is not None:
            self.task.cancel()
            await self.finish()


class Runs:
    """Starts runs, and ends them with the emulator."""

    def __init__(self, store: Store, accounts: Accounts, sessions: Sessions, instance: Instance) -> None:
        self._store = store
        self._accounts = accounts
        self._sessions = sessions
        self._instance = instance
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self,
        account: Account,
        session: Session,
        instruction: str,
        options: EmulatorOptions,
        *,
        doomed: bool = False,
    ) -> Run:
        """Start a run.

        Args:
            doomed: End where the edit would be saved.

        Raises:
            Refusal: 2001, the account has too few credits; nothing has happened then.
        """
        hold = self._accounts.hold(account, options.credits_per_edit, owner=self._instance.name)
        run = Run()
        work = self._perform(run, account, session, instruction, options, doomed)
        run.task = asyncio.create_task(work)
        self._tasks.add(run.task)

        def over(task: asyncio.Task[None]) -> None:
            # Not at the end of the work itself: a run that is aborted at once never gets into it.
            self._tasks.discard(task)
            self._accounts.release(hold)
            run.emit(None)

        run.task.add_done_callback(over)
        return run

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _perform(
        self,
        run: Run,
        account: Account,
        session: Session,
        instruction: str,
        options: EmulatorOptions,
        doomed: bool,
    ) -> None:
        try:
            answer = self._answer(session, instruction, options)
            calls = [ToolCall(f"adk-{uuid4()}", name, args) for name, args in answer.tool_calls]
            for call in calls:
                run.emit(call)
            await asyncio.sleep(options.edit_seconds)
            if doomed:
                return
            answer, silent = self._save(account, session, answer, instruction, options)
            state = {"draft": answer.draft} if answer.changed else {}
            for call in calls:
                result = {"status": "ok" if answer.changed else "unchanged"}
                run.emit(ToolResult(call.id, call.name, result, state))
            if not silent:
                run.emit(Text(answer.reply))
                if options.trailing_noise:
                    run.emit(Text(TRAILING_NOISE))
        except Exception:
            # As an agent server does it: a run that fails after its stream has begun just ends.
            log.exception("A run failed; nothing further is saved or charged for it.")

    def _answer(self, session: Session, instruction: str, options: EmulatorOptions) -> Answer:
        files = [file.for_editor() for file in self._sessions.files(session.id)]
        return respond(instruction, session.draft, files, gui=options.gui_phrases)

    def _save(
        self, account: Account, before: Session, answer: Answer, instruction: str, options: EmulatorOptions
    ) -> tuple[Answer, bool]:
        """Save and charge an edit at once. Returns the answer as it was applied, and whether it is silent."""
        with self._store.transaction():
            now = self._sessions.get(before.id, before.user_id)
            if now.version != before.version:  # Another message of the session was quicker: edit its result.
                answer = self._answer(now, instruction, options)
            if not answer.changed:
                return answer, False
            edits = self._store.number("SELECT COUNT(*) FROM charges")
            self._sessions.save_draft(before.id, answer.draft)
            self._accounts.charge(account.user_id, before.id, instruction, options.credits_per_edit)
        silent = random.Random(f"{options.seed}/{edits}").random() < options.silent_share
        return answer, silent
