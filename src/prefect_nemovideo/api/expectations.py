"""How long a render will take, told by how long those before it took."""

from __future__ import annotations

import statistics
from collections import deque

#: The newest renders of an account that are remembered: what was slow last week says nothing of today.
REMEMBERED = 50
#: Fewer than this tell nothing.
ENOUGH = 3


class RenderTimes:
    """The renders of one account in this process: seconds that each took per second of its output."""

    def __init__(self) -> None:
        self._shares: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, seconds: float, output_seconds: float) -> None:
        """One more has ended well.

        Args:
            seconds: From its submission until it was seen to have ended.
            output_seconds: The length of what was rendered.
        """
        if output_seconds > 0:
            self._shares.append(seconds / output_seconds)

    def expected(self, output_seconds: float) -> float | None:
        """Seconds that a render of this length will take, about; None while there is too little to go by."""
        if len(self._shares) < ENOUGH:
            return None
        return statistics.median(self._shares) * output_seconds


_accounts: dict[str, RenderTimes] = {}


def render_times(account: str) -> RenderTimes:
    """What is remembered of an account; one for all clients of this process."""
    return _accounts.setdefault(account, RenderTimes())
