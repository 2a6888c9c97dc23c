"""A batch's budget: what may still be started, and why nothing may be any more."""

from __future__ import annotations

import asyncio

from prefect_nemovideo.api.errors import AccessRefused, BudgetReached, NemoVideoError, OutOfCredits
from prefect_nemovideo.api.numbers import CREDITS_PER_EDIT

#: After one of these, each further video would fail like the one that met it: most of them after it was paid for.
ENDS_ALL = (OutOfCredits, AccessRefused)


class Books:
    """Lets work start as long as it can be paid.

    What a video will cost is set aside when it starts, and given back when it turns out to have cost nothing.

    Args:
        allowed: The most credits that the batch may cost; None for no limit.
        allowed_each: The most that one video may cost; None for no limit.
    """

    def __init__(self, allowed: float | None = None, allowed_each: float | None = None) -> None:
        self._left = allowed
        #: The most that one video may cost.
        self.allowed_each = allowed_each
        self._reserved: dict[int, float] = {}
        #: What an earlier attempt of this run has set aside, for videos that this one has not come to yet.
        self._earlier: dict[int, float] = {}
        self._changed = asyncio.Event()
        self._end: NemoVideoError | None = None
        #: Positions of the videos that were worked on now.
        self.started: set[int] = set()

    @property
    def is_limited(self) -> bool:
        """Whether there is a most that the batch may cost."""
        return self._left is not None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will be started, whatever it costs."""
        return self._end is not None

    async def start(self, number: int, price: float) -> None:
        """Sets aside what a video will cost, about; waits for others that may give some back.

        Raises:
            NemoVideoError: It is not started; `facts["deferred"]` is set.
        """
        if number in self._reserved:
            # It goes on after a pause.
            return
        if number in self._earlier and self._end is None:
            self._reserved[number] = self._earlier.pop(number)
            self.started.add(number)
            return
        if self.allowed_each is not None and price > self.allowed_each:
            raise _deferred(
                BudgetReached,
                f"Not started: it costs about {price:g} credits, and {self.allowed_each:g} are allowed for one video.",
                "Run the batch again with more --max-credits-per-video; what is done is skipped.",
            )
        await self.grant(number, price, price)
        self.started.add(number)

    def remember(self, number: int, price: float) -> None:
        """Sets aside what an earlier attempt of this run has set aside for a video: it may have spent it."""
        if self._left is not None:
            self._left -= price
            self._earlier[number] = price

    async def grant(self, number: int, price: float, least: float) -> float | None:
        """Sets aside what several videos will cost together, or what is left for them once nobody may give some back.

        Args:
            least: With less than this, none of them can be made.

        Returns:
            What they may cost; None for no limit.

        Raises:
            NemoVideoError: There is too little left; `facts["deferred"]` is set.
        """
        while self._left is not None and price > self._left and self._reserved and not self._end:
            self._changed.clear()
            await self._changed.wait()
        if self._end is not None:
            reason = self._end.facts.get("without_costs", self._end.message)
            raise _deferred(type(self._end), f"Not started: {reason}", self._end.next_step)
        if self._left is not None:
            if least > self._left:
                raise _deferred(
                    BudgetReached,
                    f"Not started: it costs about {least:g} credits, and {self._left:g} of the allowed ones are left.",
                    "Run the batch again with more --max-credits; what is done is skipped.",
                )
            price = min(price, self._left)
            self._left -= price
        self._reserved[number] = price
        return None if self._left is None else price

    def settle(self, number: int, spent: float | None) -> None:
        """A video has ended.

        Args:
            spent: What it did cost, where that can be told; what was set aside for it, otherwise.
        """
        price = self._reserved.pop(number, self._earlier.pop(number, None))
        if price is not None and self._left is not None and spent is not None:
            self._left += price - spent
        self._changed.set()

    def end(self, error: BaseException) -> None:
        """Starts nothing more, if this error means that the next video would meet it too."""
        if isinstance(error, ENDS_ALL) and self._end is None:
            self._end = error
            self._changed.set()


def price_of(instructions: list[str]) -> float:
    """What a video costs, about, in credits."""
    return float(len(instructions) * CREDITS_PER_EDIT)


def _deferred(kind: type[NemoVideoError], message: str, next_step: str) -> NemoVideoError:
    return kind(message, next_step=next_step, deferred=True)
