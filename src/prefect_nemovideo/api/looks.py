"""Looks at a session after an instruction: has anything changed, has it come to rest, are credits still held for it?"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.envelope import unexpected
from prefect_nemovideo.api.errors import AccessRefused, NemoVideoError, SessionGone
from prefect_nemovideo.api.material import GENERATED, material_changes
from prefect_nemovideo.api.models import Balance, Before, SessionState
from prefect_nemovideo.api.reasons import with_full_stop
from prefect_nemovideo.api.restless import Difference, calm, compared, restless, to_keep
from prefect_nemovideo.api.timeline import Timeline
from prefect_nemovideo.api.tracks import Kind

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Credits, Sessions

logger = logging.getLogger("prefect_nemovideo.api")

Sleep = Callable[[float], Awaitable[None]]

UNREAD = "The timeline could not be read"

_OF_THE_TIMELINE = re.compile(r"draft(?:/|$)|canvas_")
_OF_THE_CANVAS = re.compile(r"canvas_config/|draft/m/(?:width|height|w|h|fps|frame_?rate)$", re.IGNORECASE)

_WORKED_OUT = re.compile(
    r"wave|thumb|preview|poster|proxy|peak|analy|probe|meta|codec|bit_?rate|hash|checksum|file_?size|bytes"
    r"|status|state|ready|progress|/(?:src|source|url|cdn_?url|uri|path)$",
    re.IGNORECASE,
)
"""Names of what a service works out of footage by itself, some time after it was uploaded."""

Cost = Literal["held", "charged", "nothing"]
"""What an instruction has cost so far: credits are held while the agent is at work, and charged for what it made."""


async def look_before(sessions: Sessions, credits: Credits, session_id: str, *, alone: bool) -> Before:
    """The state before an instruction. It is read twice, to know what changes by itself; the balance meanwhile.

    Raises:
        NemoVideoError: The state can't be read. That the balance or the second state can't be is none.
    """

    async def balance() -> Balance | None:
        try:
            return await credits.balance()
        except NemoVideoError as error:
            logger.warning("The balance could not be read: %s", error)
            return None

    held = asyncio.create_task(balance())
    try:
        first = latest = await sessions.settled(session_id)
        try:
            latest = await sessions.settled(session_id)
        except NemoVideoError as error:
            logger.debug("No second look before the edit: %s", error)
        known = await held
    finally:
        held.cancel()
    return Before(
        **latest.model_copy(update={"state": to_keep(latest.state)}).model_dump(),
        restless=restless(first.state, latest.state),
        frozen=known.frozen if known else None,
        owned=known.owned if known else None,
        alone=alone,
    )


class Looks:
    """What became of one instruction, as far as the session shows it.

    Args:
        before: The state before it.
        sleep: Waits so many seconds.
    """

    def __init__(
        self, sessions: Sessions, credits: Credits, session_id: str, before: SessionState, sleep: Sleep
    ) -> None:
        self._sessions = sessions
        self._credits = credits
        self._session_id = session_id
        self._before = before if isinstance(before, Before) else Before(**before.model_dump())
        self._restless = set(self._before.restless)
        self._sleep = sleep
        #: Why the last look has shown nothing; "" where it has.
        self._trouble = ""

    def shows_change(self, state: SessionState) -> bool:
        """Whether a state differs from the one before in something that an edit changes."""
        return self._differ(self._before, state)

    def unread(self) -> str:
        """That the last look could not read the timeline, and why; "" where it could."""
        return f"{UNREAD}: {with_full_stop(self._trouble)}" if self._trouble else ""

    def changes(self, after: SessionState) -> list[str]:
        """What changed, in words."""
        old, new = (calm(state.state, self._restless) for state in (self._before, after))
        return [
            *differences(Timeline.from_state(old), Timeline.from_state(new)),
            *material_changes(old, new),
        ]

    async def first_change(
        self,
        waits: Sequence[float],
        is_at_work: Callable[[], Awaitable[bool]] | None = None,
        *,
        is_lost: bool = False,
    ) -> tuple[SessionState | None, bool, int]:
        """Looks after each of these waits, until there is a change.

        Args:
            is_at_work: Asked after each look without a change; once the agent is not at work any more, one more look
                is enough.
            is_lost: Nothing proves that the instruction was carried out: what may have come by itself counts only where
                something was charged or is held.

        Returns:
            The changed state, or None; whether the last look could see it; which look it was, from 1.
        """
        is_known, number = False, 0
        left = list(waits)
        while left:
            number += 1
            await self._sleep(left.pop(0))
            try:
                state = await self._read()
                if self.shows_change(state) and await self._is_by_itself(state):
                    state = await self._read()
            except (SessionGone, AccessRefused) as error:
                logger.warning("%s", error)
                self._trouble = error.message
                return None, False, number
            except NemoVideoError as error:
                logger.warning("%s", error)
                is_known, self._trouble = False, error.message
                continue
            is_known, self._trouble = True, ""
            is_change = self.shows_change(state)
            if is_change and not (is_lost and await self._may_be_none(state)):
                return state, True, number
            if len(waits) > 2:
                logger.info("Look %d of %d: the timeline is as it was before.", number, len(waits))
            if is_at_work and left and not await is_at_work():
                left, is_at_work = [numbers.SETTLE_SECONDS], None
        return None, is_known, number

    async def late_change(self) -> SessionState | None:
        """A change that one more look shows and that no service makes by itself; None where there is none."""
        state, _, _ = await self.first_change((0.0,))
        if state is None or self._may_be_footage(state) or self._may_be_learnt(state):
            return None
        state = await self.at_rest(state)
        return state if self.shows_change(state) else None

    async def at_rest(self, state: SessionState) -> SessionState:
        """The state once two looks at it are alike and no credits are held for it: a run that nobody listens to may
        still be at work."""
        # A copy that lags may answer next.
        self._sessions.showed(self._session_id, self.shows_change, state)
        waits = [numbers.SETTLE_SECONDS] * numbers.SETTLE_LOOKS
        for seconds in [*waits, *numbers.HELD_LOOKS_SECONDS]:
            await self._sleep(seconds)
            try:
                now = await self._read()
            except NemoVideoError as error:
                logger.warning("%s", error)
                continue
            if not self._differ(state, now) and await self.cost() != "held":
                return now
            state = now
        logger.warning("Credits are still held: the editor may be at work on the timeline still.")
        return state

    async def cost(self) -> Cost | None:
        """What the balance says of the instruction; None where it can't be told, because others spend as well."""
        if self._before.frozen is None or not self._before.alone:
            return None
        try:
            now = await self._credits.balance()
        except NemoVideoError as error:
            logger.warning("The balance could not be read: %s", error)
            return None
        if now.frozen > self._before.frozen:
            return "held"
        return "charged" if self._before.owned is not None and now.owned < self._before.owned else "nothing"

    async def _may_be_none(self, state: SessionState) -> bool:
        """Whether all that changed may have come without an edit, and nothing was charged for it."""
        if self._may_be_footage(state):
            return await self.cost() in ("nothing", None)
        return self._may_be_learnt(state) and await self.cost() == "nothing"

    def _may_be_footage(self, state: SessionState) -> bool:
        """Whether there was nothing before, and now is what may have been uploaded: some services show that late."""
        old, new = (calm(one.state, self._restless) for one in (self._before, state))
        kinds = {segment.kind for track in Timeline.from_state(new).tracks for segment in track.segments}
        is_empty = not (self._before.files or any(track.segments for track in Timeline.from_state(old).tracks))
        is_made = bool(material_changes(*({GENERATED: one.get(GENERATED)} for one in (old, new))))
        return is_empty and not is_made and kinds <= {Kind.VIDEO, Kind.AUDIO}

    def _may_be_learnt(self, state: SessionState) -> bool:
        """Whether all that changed is what a service works out of new footage: a waveform, a preview, the canvas where
        there was none."""
        old, new = (calm(one.state, self._restless) for one in (self._before, state))
        found = [difference for difference in compared(old, new) if _OF_THE_TIMELINE.match(difference.path)]
        return not material_changes(old, new) and all(map(_is_worked_out, found))

    async def _is_by_itself(self, state: SessionState) -> bool:
        """Whether a change that may be no edit (a new link, a moment) goes on changing with nobody editing.

        Such a change is looked at once more after a pause; any other needs none.
        """
        old, new = (calm(one.state, self._restless) for one in (self._before, state))
        found = list(compared(old, new))
        if not found or not all(difference.is_opaque for difference in found):
            return False
        await self._sleep(numbers.SETTLE_SECONDS)
        again = await self._read()
        self._restless.update(restless(state.state, again.state))
        return not self.shows_change(again)

    async def _read(self) -> SessionState:
        state = await self._sessions.settled(self._session_id)
        if self._before.draft and state.draft is None:
            # A reply without a timeline is a broken reply, not an edit that removed everything.
            raise unexpected("the session's state", "state.draft")
        return state

    def _differ(self, one: SessionState, other: SessionState) -> bool:
        old, new = (calm(state.state, self._restless) for state in (one, other))
        prints = {Timeline.from_state(state).fingerprint() for state in (old, new)}
        return len(prints) > 1 or bool(material_changes(old, new))


def _is_worked_out(difference: Difference) -> bool:
    if _OF_THE_CANVAS.match(difference.path):
        return not difference.old
    path = difference.path.removeprefix("draft/")
    return not difference.is_content and _WORKED_OUT.search(f"/{path}") is not None
