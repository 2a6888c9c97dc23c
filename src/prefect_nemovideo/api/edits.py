"""One instruction to the agent, sent at most once, and what became of it.

Whether an edit happened is read from the timeline, never guessed from the stream: about 30 % of edits say nothing,
and a stream that breaks off says nothing about an edit that goes on. A message whose outcome is not known is never
sent again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.envelope import refusal, unexpected
from prefect_nemovideo.api.errors import AccessRefused, BadInput, NemoVideoError, SessionGone
from prefect_nemovideo.api.frames import Fault
from prefect_nemovideo.api.messages import ENDPOINT, STILL_WORKING, Heard, Messages
from prefect_nemovideo.api.models import Model, SessionState
from prefect_nemovideo.api.replies import is_question, is_refusal, translate
from prefect_nemovideo.api.stream import Event
from prefect_nemovideo.api.timeline import Timeline

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Sessions
    from prefect_nemovideo.api.transport import Transport

__all__ = ["STILL_WORKING", "EditResult", "Edits", "Outcome", "ReplyAction"]

logger = logging.getLogger("prefect_nemovideo.api")

#: Codes of the contract's table that mean, inside a stream too, that the account or the session can't edit. Any other
#: number in a stream is the agent's own, or its model's: HTTP 429 of a model is no rate limit of this API.
REFUSALS_IN_STREAMS = frozenset({1001, 1002, 1010, 1011, 2001})

Outcome = Literal["applied", "unchanged", "question", "refused", "failed", "unknown"]


class ReplyAction(Model):
    """What a reply asks a person at a screen to do: `export`, `state`, `summary`, `credits`, `edit` with its text."""

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
        self._messages = Messages(transport, sessions, clock)
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
        heard = await self._messages.send(session_id, text, on_event or (lambda event: None))
        return await self._judge(session_id, text, before, heard)

    async def recover(self, session_id: str, instruction: str, before: SessionState) -> EditResult:
        """What became of an instruction that was sent by somebody who did not live to see its end. Sends nothing."""
        lost = Heard.nothing("The run that sent it did not see its end.")
        return await self._judge(session_id, instruction.strip(), before, lost, look_first=True)

    async def _judge(
        self, session_id: str, instruction: str, before: SessionState, heard: Heard, *, look_first: bool = False
    ) -> EditResult:
        """Compares the timeline with the one before and names the outcome. Once sent, an edit has one, whatever comes:
        an error would say that it may be sent again.
        """
        after, is_known = None, False
        if heard.is_over:
            after, is_known = await self._look(session_id, before, (0.0, numbers.SETTLE_SECONDS))
        if not is_known or (after is None and heard.is_mute):
            trouble = heard.trouble or ("The editor said nothing." if is_known else "The timeline could not be read.")
            logger.warning("%s Reading the timeline to find out what was done; nothing is sent again.", trouble)
            delays = self._transport.settings.nemo_recovery_delays_seconds
            after = heard.state if heard.state is not None and _differ(before, heard.state) else None
            if after is None:
                after, is_known = await self._look(session_id, before, (0.0, *delays) if look_first else delays)
            if after is not None:
                after = await self._at_rest(session_id, before, after)
        reply = heard.reply
        told = translate(reply.text)
        outcome, text = self._outcome(heard, told.text, changed=after is not None, is_known=is_known)
        return EditResult(
            instruction=instruction,
            outcome=outcome,
            reply=text,
            silent=outcome == "applied" and not text,
            changes=differences(_timeline(before), _timeline(after)) if after is not None else [],
            actions=[ReplyAction(kind=action.kind, text=action.text) for action in told.actions],
        )

    def _outcome(self, heard: Heard, told: str, *, changed: bool, is_known: bool) -> tuple[Outcome, str]:
        fault = heard.reply.fault
        if changed:
            return "applied", told
        if not heard.is_over or not is_known:
            return "unknown", told or heard.trouble or "The timeline could not be read."
        if fault is not None:
            self._raise_refused(fault)
            return "failed", fault.message or told
        if is_question(heard.reply.text):
            return "question", told
        return ("refused" if is_refusal(heard.reply.text) else "unchanged"), told

    async def _look(
        self, session_id: str, before: SessionState, waits: Sequence[float]
    ) -> tuple[SessionState | None, bool]:
        """The state once its timeline differs from the one before, None if it never does; and whether the last look
        could see it.
        """
        is_known = False
        for number, seconds in enumerate(waits, start=1):
            await self._sleep(seconds)
            try:
                state = await self._read(session_id, before)
            except (SessionGone, AccessRefused) as error:
                logger.warning("%s", error)
                return None, False
            except NemoVideoError as error:
                logger.warning("%s", error)
                is_known = False
                continue
            is_known = True
            if _differ(before, state):
                return state, True
            if len(waits) > 2:
                logger.info("Look %d of %d: the timeline is as it was before.", number, len(waits))
        return None, is_known

    async def _at_rest(self, session_id: str, before: SessionState, state: SessionState) -> SessionState:
        """The state once two looks at it are alike: a run that nobody listens to may still be at work."""
        for _ in range(numbers.SETTLE_LOOKS):
            await self._sleep(numbers.SETTLE_SECONDS)
            try:
                now = await self._read(session_id, before)
            except NemoVideoError as error:
                logger.warning("%s", error)
                continue
            if not _differ(state, now):
                return now
            state = now
        return state

    async def _read(self, session_id: str, before: SessionState) -> SessionState:
        state = await self._sessions.state(session_id)
        if before.draft and "draft" not in state.state:
            # A reply without a timeline is a broken reply, not an edit that removed everything.
            raise unexpected("the session's state", "state.draft")
        return state

    def _raise_refused(self, fault: Fault) -> None:
        """An error code of the API's table that came inside the stream is the same refusal as one in front of it."""
        if fault.api_code in REFUSALS_IN_STREAMS:
            raise self._transport.explained(refusal(ENDPOINT, 200, fault.api_code, fault.message))


def _timeline(state: SessionState) -> Timeline:
    return Timeline.from_state(state.state)


def _differ(one: SessionState, other: SessionState) -> bool:
    return _timeline(one).fingerprint() != _timeline(other).fingerprint()
