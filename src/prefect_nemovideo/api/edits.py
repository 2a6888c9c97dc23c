"""One instruction to the agent, sent at most once, and what became of it.

Whether an edit happened is read from the timeline, never guessed from the stream: about 30 % of edits say nothing,
and a stream that breaks off says nothing about an edit that goes on. A message whose outcome is not known is never
sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import httpx
from pydantic import Field

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.envelope import refusal
from prefect_nemovideo.api.errors import BadInput, NemoVideoError, ServiceTrouble, Unreachable
from prefect_nemovideo.api.models import Model, SessionState
from prefect_nemovideo.api.replies import is_question, is_refusal, translate
from prefect_nemovideo.api.stream import Event, Fault, Heartbeat, Reply, ReplyReader, read_events
from prefect_nemovideo.api.timeline import Timeline
from prefect_nemovideo.api.transport import UnexpectedStream, mapped

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Sessions
    from prefect_nemovideo.api.transport import Transport

logger = logging.getLogger("prefect_nemovideo.api")

ENDPOINT = "the editor"
STILL_WORKING = "⏳ Still working..."

Outcome = Literal["applied", "unchanged", "question", "refused", "failed", "unknown"]


class ReplyAction(Model):
    """What a reply asks a person at a screen to do: `export`, `state`, `summary`, `credits`, or `edit` with its text."""

    kind: str
    text: str = ""


class EditResult(Model):
    """What became of one instruction.

    Args:
        instruction: As it was sent.
        outcome: `applied` · `unchanged` (nothing came of it) · `question` (the agent asks instead) · `refused` (it
            can't) · `failed` (it broke) · `unknown` (it may or may not have happened; it was not sent again).
        reply: What the agent said, without talk of a screen; "" when it said nothing.
        silent: Applied without a word.
        changes: What changed on the timeline, in words.
        actions: What the reply asked a person at a screen to do.
    """

    instruction: str
    outcome: Outcome
    reply: str = ""
    silent: bool = False
    changes: list[str] = Field(default_factory=list)
    actions: list[ReplyAction] = Field(default_factory=list)


@dataclass(frozen=True)
class Heard:
    """What came back of a message: the reply, and whether the stream came to a provable end.

    Args:
        trouble: Why it did not, as a sentence.
        state: The session's state, read while a stalled stream was still open.
    """

    reply: Reply
    ended: bool
    trouble: str = ""
    state: SessionState | None = None


class Edits:
    """Sends instructions and finds out what became of them.

    Example:
        ```python
        result = await nemo.edits.apply(session_id, "trim the first 3 seconds")
        print(result.outcome, result.changes)
        ```
    """

    def __init__(
        self,
        transport: Transport,
        sessions: Sessions,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._transport = transport
        self._sessions = sessions
        self._clock = clock
        self._sleep = sleep

    async def apply(
        self,
        session_id: str,
        instruction: str,
        *,
        before: SessionState | None = None,
        on_event: Callable[[Event | str], None] | None = None,
    ) -> EditResult:
        """Sends an instruction, once, and finds out what became of it.

        Args:
            before: The session's state before, if it was just read.
            on_event: Told each event of the stream as it comes, and a line when nothing has come for long.

        Raises:
            CallFailed: The service refused before it began: nothing was edited or charged.
        """
        text = instruction.strip()
        if not text:
            raise BadInput("The instruction is empty.", next_step="Say what to do with the video.")
        before = before or await self._sessions.state(session_id)
        try:
            heard = await self._send(session_id, text, on_event or (lambda event: None))
        except UnexpectedStream as error:
            heard = Heard(Reply(text="", complete=False), ended=False, trouble=str(error))
        except (Unreachable, ServiceTrouble) as error:
            if isinstance(error, Unreachable) and not error.sent:
                raise
            heard = Heard(Reply(text="", complete=False), ended=False, trouble=str(error))
        return await self.judge(session_id, text, before, heard)

    async def recover(self, session_id: str, instruction: str, before: SessionState) -> EditResult:
        """What became of an instruction that was sent by somebody who did not live to see its end. Sends nothing."""
        lost = Heard(Reply(text="", complete=False), ended=False, trouble="The run that sent it did not see its end.")
        return await self.judge(session_id, instruction.strip(), before, lost, look_first=True)

    async def judge(
        self, session_id: str, instruction: str, before: SessionState, heard: Heard, *, look_first: bool = False
    ) -> EditResult:
        """Compares the timeline with the one before and names the outcome."""
        reply = heard.reply
        over = heard.ended or reply.fault is not None
        if over:
            waits: Sequence[float] = (0.0, numbers.SETTLE_SECONDS)
        else:
            logger.warning("%s Reading the timeline to find out what was done; nothing is sent again.", heard.trouble)
            waits = self._transport.settings.nemo_recovery_delays_seconds
            waits = (0.0, *waits) if look_first else waits
        after = await self._changed_state(session_id, before, waits, heard.state)
        told = translate(reply.text)
        actions = [ReplyAction(kind=action.kind, text=action.text) for action in told.actions]
        if after is not None:
            changes = differences(_timeline(before), _timeline(after))
            return EditResult(
                instruction=instruction,
                outcome="applied",
                reply=told.text,
                silent=not told.text,
                changes=changes,
                actions=actions,
            )
        outcome: Outcome = "unknown"
        text = told.text
        if over:
            _raise_refused(reply.fault)
            outcome = "unchanged"
            if reply.fault is not None:
                outcome, text = "failed", reply.fault.message or text
            elif is_question(reply.text):
                outcome = "question"
            elif is_refusal(reply.text):
                outcome = "refused"
        return EditResult(instruction=instruction, outcome=outcome, reply=text or heard.trouble, actions=actions)

    async def _changed_state(
        self, session_id: str, before: SessionState, waits: Sequence[float], seen: SessionState | None
    ) -> SessionState | None:
        """The state once its timeline differs from the one before and has come to rest; None if it never does."""
        was = _timeline(before).fingerprint()
        if seen is not None and _timeline(seen).fingerprint() != was:
            return seen
        for number, seconds in enumerate(waits, start=1):
            await self._sleep(seconds)
            try:
                state = await self._sessions.state(session_id)
            except (Unreachable, ServiceTrouble) as error:
                logger.warning("%s", error)
                continue
            now = _timeline(state).fingerprint()
            if now != was:
                return state
            if len(waits) > 2:
                logger.info("Look %d of %d: the timeline is as it was before.", number, len(waits))
        return None

    async def _send(self, session_id: str, text: str, on_event: Callable[[Event | str], None]) -> Heard:
        settings = self._transport.settings
        body = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": session_id,
            "new_message": {"parts": [{"text": text}]},
        }
        timing = httpx.Timeout(
            settings.nemo_edit_timeout_seconds, connect=numbers.CONNECT_SECONDS, write=numbers.WRITE_SECONDS
        )
        async with self._transport.stream(ENDPOINT, "POST", "/run_sse", json=body, timing=timing) as response:
            reader = ReplyReader()
            trouble, seen = "", None
            async with _received(response) as queue:
                async for item in self._timed(queue):
                    if isinstance(item, NemoVideoError):
                        trouble = item.message
                        break
                    if item is None:
                        trouble = "The editor did not finish in the time allowed."
                        # Read before the connection closes: closing it can abort the run, and then nothing could be
                        # learned about what was done so far.
                        with contextlib.suppress(NemoVideoError):
                            seen = await self._sessions.state(session_id)
                        break
                    if item == STILL_WORKING:
                        on_event(STILL_WORKING)
                        continue
                    for event in reader.feed(item):
                        on_event(event)
            # Only a body with a length or with chunks has an end that can be told from a break.
            framed = "transfer-encoding" in response.headers or "content-length" in response.headers
            reply = reader.finish(clean=not trouble)
            ended = not trouble and reply.complete and (framed or bool(reply.text))
            return Heard(reply, ended, trouble or ("" if ended else "The editor's answer broke off."), seen)

    async def _timed(
        self, queue: asyncio.Queue[str | NemoVideoError | None]
    ) -> AsyncIterator[str | NemoVideoError | None]:
        """The stream's payloads; `STILL_WORKING` now and then; None once, when the time allowed is over."""
        settings = self._transport.settings
        started = last_real = last_told = self._clock()
        while True:
            now = self._clock()
            over = min(
                started + settings.nemo_edit_timeout_seconds, last_real + settings.nemo_edit_idle_timeout_seconds
            )
            wake = min(over, last_told + settings.nemo_still_working_seconds)
            try:
                async with asyncio.timeout(max(0.0, wake - now)):
                    item = await queue.get()
            except TimeoutError:
                if self._clock() >= over:
                    yield None
                    return
                last_told = self._clock()
                yield STILL_WORKING
                continue
            if item is None:
                return
            yield item
            if isinstance(item, str) and not _is_heartbeat(item):
                last_real = last_told = self._clock()


def _is_heartbeat(data: str) -> bool:
    return all(isinstance(event, Heartbeat) for event in ReplyReader().feed(data))


@contextlib.asynccontextmanager
async def _received(response: httpx.Response) -> AsyncIterator[asyncio.Queue[str | NemoVideoError | None]]:
    """Payloads in a queue, read by a task of its own: waiting with a time-out must not close the connection.

    The queue ends with None, or with the error that broke the stream off.
    """
    queue: asyncio.Queue[str | NemoVideoError | None] = asyncio.Queue()

    async def receive() -> None:
        try:
            with mapped(ENDPOINT):
                async for data in read_events(response):
                    queue.put_nowait(data)
        except NemoVideoError as error:
            queue.put_nowait(error)
        queue.put_nowait(None)

    task = asyncio.create_task(receive())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.wait([task])


def _timeline(state: SessionState) -> Timeline:
    return Timeline.from_state(state.state)


def _raise_refused(fault: Fault | None) -> None:
    """An error code of the API's table that came inside the stream is the same refusal as one in front of it."""
    if fault is not None and fault.api_code:
        raise refusal(ENDPOINT, 200, fault.api_code, fault.message)
