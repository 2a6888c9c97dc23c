"""One instruction to the agent, sent at most once, and what became of it.

Whether an edit happened is read from the timeline, never guessed from the stream: about 30 % of edits say nothing,
and a stream that breaks off says nothing about an edit that goes on. A message whose outcome is not known is never
sent again.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import refusal
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.frames import Fault
from prefect_nemovideo.api.looks import UNREAD, Cost, Looks, look_before
from prefect_nemovideo.api.messages import ENDPOINT, REFUSALS_IN_STREAMS, STILL_WORKING, Heard, Messages
from prefect_nemovideo.api.models import Before, SessionState
from prefect_nemovideo.api.outcomes import EditResult, Outcome, ReplyAction
from prefect_nemovideo.api.reasons import with_full_stop
from prefect_nemovideo.api.replies import is_announcement, is_question, is_refusal, translate
from prefect_nemovideo.api.stream import Event

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Credits, Sessions
    from prefect_nemovideo.api.transport import Transport

__all__ = ["STILL_WORKING", "EditResult", "Edits", "Outcome", "ReplyAction"]

logger = logging.getLogger("prefect_nemovideo.api")

#: A question that is an instruction.
_ASKED_POLITELY = re.compile(
    r"\W*(?:please|can|could|would|will|may)\b|.*(?:能不能|可以|可否|能否|请|帮我)", re.IGNORECASE
)


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
        credits: Credits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._transport = transport
        self._sessions = sessions
        self._credits = credits
        self._messages = Messages(transport, sessions, clock)
        self._sleep = sleep

    async def before(self, session_id: str, *, alone: bool = True) -> Before:
        """The session's state before an instruction, with what is needed to see what will come of it.

        Keep it where it outlives this process: `recover` finds out by it what became of the instruction.

        Args:
            alone: Nobody else spends from the account meanwhile.
        """
        return await look_before(self._sessions, self._credits, session_id, alone=alone)

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
            before: The session's state before, if it was just read (by `before`).
            on_event: Told each event of the stream as it comes, and a line when nothing has come for long.

        Raises:
            CallFailed: The service refused before it began: nothing was edited or charged.
        """
        text = instruction.strip()
        if not text:
            raise BadInput("The instruction is empty.", next_step="Say what to do with the video.")
        before = before or await self.before(session_id)
        heard = await self._messages.send(session_id, text, on_event or (lambda event: None))
        return await self._judge(session_id, text, before, heard)

    async def recover(
        self, session_id: str, instruction: str, before: SessionState, *, patient: bool = True
    ) -> EditResult:
        """What became of an instruction that was sent by somebody who did not live to see its end. Sends nothing.

        Args:
            patient: Looks for as long as documented; otherwise once.
        """
        lost = Heard.nothing("The run that sent it did not see its end.")
        waits = (0.0, *self._transport.settings.nemo_recovery_delays_seconds) if patient else (0.0,)
        return await self._judge(session_id, instruction.strip(), before, lost, waits)

    async def look_again(
        self, session_id: str, edit: EditResult, before: SessionState, *, is_proof: bool
    ) -> tuple[EditResult, SessionState | None]:
        """An edit that changed nothing, as one more look at the session shows it: a service may show it late.

        Args:
            is_proof: Nobody has spent from the account since but for this edit: what was charged was charged for it.

        Returns:
            The edit, `applied` where it was charged by now, and told of in its warnings otherwise; the changed state.
        """
        looks = Looks(self._sessions, self._credits, session_id, before, self._sleep)
        after = await looks.late_change()
        if after is None:
            return edit, None
        changes = looks.changes(after)
        if is_proof and await looks.cost() == "charged":
            return edit.model_copy(update={"outcome": "applied", "silent": not edit.reply, "changes": changes}), after
        late = f"The timeline changed later, and nothing tells whether by this instruction: {'; '.join(changes)}"
        return edit.model_copy(update={"warnings": [*edit.warnings, with_full_stop(late)]}), after

    async def _judge(
        self,
        session_id: str,
        instruction: str,
        before: SessionState,
        heard: Heard,
        waits: Sequence[float] | None = None,
    ) -> EditResult:
        """Compares the timeline with the one before and names the outcome. Once sent, an edit has one, whatever comes:
        an error would say that it may be sent again.
        """
        looks = Looks(self._sessions, self._credits, session_id, before, self._sleep)
        if heard.is_over:
            seen = await self._look_after(looks, heard, instruction)
        else:
            seen = await self._look_on(looks, heard, heard.trouble, waits)
        after, is_known, trouble = seen
        if after is not None and not looks.shows_change(after):
            # An agent that says why there is none has taken it back itself.
            is_known = heard.is_over and heard.is_definite and not heard.may_go_on and await looks.cost() == "nothing"
            after, trouble = None, "The timeline has shown a change, and shows it no more."
        if heard.refusal and after is None and is_known and await looks.cost() in ("nothing", None):
            # The session was at work for somebody else: an edit of this instruction would have shown by now.
            raise heard.refusal
        if after is not None:
            self._sessions.showed(session_id, looks.shows_change, after)
        reply = heard.reply
        told = translate(reply.text)
        outcome, text = self._outcome(heard, told.text, changed=after is not None, is_known=is_known)
        unread = looks.unread()
        why = [] if unread and trouble.startswith(UNREAD) else [trouble]
        warnings = {"applied": _warnings(heard), "unknown": [*filter(None, [*why, unread])]}
        return EditResult(
            instruction=instruction,
            outcome=outcome,
            reply=text,
            silent=outcome == "applied" and not text,
            changes=looks.changes(after) if after is not None else [],
            actions=[ReplyAction(kind=action.kind, text=action.text) for action in told.actions],
            warnings=warnings.get(outcome, []),
        )

    async def _look_after(self, looks: Looks, heard: Heard, instruction: str) -> _Seen:
        """What is seen after a stream that came to its end."""
        after, is_known, number = await looks.first_change((0.0, numbers.SETTLE_SECONDS), is_lost=heard.proves_nothing)
        if after is not None:
            # Where it changed after the stream had ended, or credits are held, the stream was not the whole of it.
            is_over = number == 1 and await looks.cost() != "held"
            return _Seen(after if is_over else await looks.at_rest(after))
        if not is_known:
            return await self._look_on(looks, heard, looks.unread())
        if heard.is_mute:
            return await self._look_on(looks, heard, "The editor said nothing.")
        cost = await looks.cost()
        is_answer = not heard.reply.tool_calls and is_question(instruction) and not _ASKED_POLITELY.match(instruction)
        if cost in ("nothing", None) and (is_answer or (heard.is_definite and not heard.may_go_on)):
            # It answers somebody who asks, or says why nothing changed.
            return _Seen()
        is_talk = not (heard.reply.tool_calls or heard.reply.fault or is_announcement(heard.reply.text))
        waits = numbers.LATE_TALK_LOOKS_SECONDS if is_talk else numbers.LATE_EDIT_LOOKS_SECONDS
        after, is_known, _ = await looks.first_change(waits, is_lost=heard.proves_nothing)
        if after is not None:
            return _Seen(await looks.at_rest(after))
        cost = await looks.cost()
        if is_known and (cost == "nothing" or (cost is None and heard.is_definite)):
            return _Seen()
        return await self._look_on(looks, heard, _unseen(cost))

    async def _look_on(self, looks: Looks, heard: Heard, trouble: str, waits: Sequence[float] | None = None) -> _Seen:
        """What is seen where that takes long.

        Args:
            waits: Seconds before each look; as documented for a stream that broke off by default.
        """
        logger.warning("%s Reading the timeline to find out what was done; nothing is sent again.", trouble)
        if heard.state is not None and looks.shows_change(heard.state):
            rest = await looks.at_rest(heard.state)
            if looks.shows_change(rest):  # It may be taken back when nobody listens any more.
                return _Seen(rest)
        ended = heard.is_over and not heard.is_mute
        # A reply that says why nothing changed is believed in the end: others may spend from the account as well. One
        # of an agent that broke down says nothing of what it was paid for.
        to_come = {"held", "charged"} if heard.may_go_on or not heard.is_definite else set()

        async def is_at_work() -> bool:
            return await looks.cost() in (to_come or {"held"})

        delays = waits or self._transport.settings.nemo_recovery_delays_seconds
        after, is_known, _ = await looks.first_change(
            delays, is_at_work if ended else None, is_lost=heard.proves_nothing
        )
        if after is not None:
            return _Seen(await looks.at_rest(after))
        if heard.is_over and is_known and (cost := await looks.cost()) in to_come:
            return _Seen(is_known=False, trouble=_unseen(cost, heard.reply.fault))
        return _Seen(is_known=is_known, trouble=trouble)

    def _outcome(self, heard: Heard, told: str, *, changed: bool, is_known: bool) -> tuple[Outcome, str]:
        fault = heard.reply.fault
        if changed:
            return "applied", told
        if not heard.is_over or not is_known:
            return "unknown", told
        if fault is not None:
            self._raise_refused(fault)
            return "failed", fault.reason
        if is_question(heard.reply.text):
            return "question", told
        return ("refused" if is_refusal(heard.reply.text) else "unchanged"), told

    def _raise_refused(self, fault: Fault) -> None:
        """An error code of the API's table that came inside the stream is the same refusal as one in front of it."""
        if fault.api_code in REFUSALS_IN_STREAMS:
            raise self._transport.explained(refusal(ENDPOINT, 200, fault.api_code, fault.message))


class _Seen(NamedTuple):
    """What the looks at a session have shown.

    Args:
        after: The changed state; None where none was seen.
        is_known: Where none was seen: the last look could have seen one, and nothing speaks for one to come.
        trouble: What made the looking necessary, as a sentence.
    """

    after: SessionState | None = None
    is_known: bool = True
    trouble: str = ""


def _unseen(cost: Cost | None, fault: Fault | None = None) -> str:
    """Why a timeline that has not changed is looked at again after the editor's answer has ended."""
    why = {
        "held": "The editor's answer ended, and credits are still held for it.",
        "charged": "The edit was charged, and the timeline does not show it.",
    }.get(cost or "", "The editor's answer does not say why nothing has changed.")
    return why if fault is None else f"{why} The editor reported an error: {fault.reason.rstrip('.')}."


def _warnings(heard: Heard) -> list[str]:
    """What a person has to know of an edit that was made."""
    fault = heard.reply.fault
    if fault is None:
        return []
    said = fault.reason.rstrip(".")
    return [f"The editor changed the timeline and then reported an error: {said}. Look at what was delivered."]
