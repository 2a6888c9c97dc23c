"""The one wait loop: states of something remote, until it ends or the time allowed for it does."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from prefect_nemovideo.api.errors import NemoVideoError
from prefect_nemovideo.api.numbers import SECONDS_PER_RENDER

logger = logging.getLogger("prefect_nemovideo.api")

#: The first look comes after this share of the time that is expected: few end before.
FIRST_LOOK_SHARE = 0.6
#: From then on, the next comes after this share of the time waited so far …
STEP_SHARE = 0.05
#: … or this share of what its own progress says is left, whichever is known.
REMAINING_SHARE = 0.7
#: What is left of so many of the shortest times between two looks is waited for in one go, and a bit longer: a look
#: just before the end would only put the next one well behind it.
LAST_LEG, LAST_LEG_SHARE = 2.0, 1.08
#: Services start at a few per cent at once: only beyond that does progress tell the speed.
TELLING_PERCENT = 5.0
#: While it says that it has not begun, the next look comes after this share of the time waited so far.
WAITING_SHARE = 0.25
#: Waits differ by this share, so that jobs started together do not ask together.
JITTER = 0.05


class State(Protocol):
    """What is waited for: knows when it has ended."""

    @property
    def is_terminal(self) -> bool: ...

    @property
    def progress(self) -> float | None: ...


S = TypeVar("S", bound=State)


async def states(
    read: Callable[[], Awaitable[S]],
    *,
    deadline_seconds: float,
    shortest_seconds: float,
    longest_seconds: float,
    forgive: Callable[[NemoVideoError, float], bool],
    expected_seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[S]:
    """Reads a state again and again; ends after a terminal one, or when the deadline has passed.

    Trouble on the way is counted against the deadline, not raised: the remote job goes on without us.

    Args:
        read: One look.
        deadline_seconds: The time allowed, from now.
        shortest_seconds: The shortest time between two looks.
        longest_seconds: The longest time between two looks.
        forgive: Whether an error of a look, so many seconds after the start, only means "look again".
        expected_seconds: How long it will take from now, about, where earlier ones tell it: then nobody looks at once.
        clock: Monotonic seconds.
        sleep: Waits so many seconds.

    Yields:
        Each state read. The caller sees from the last one whether it is terminal.
    """
    started = clock()
    trouble = 0
    if expected_seconds is not None:
        await _pause(sleep, max(shortest_seconds, expected_seconds * FIRST_LOOK_SHARE), deadline_seconds)
    while True:
        state: S | None = None
        # A look may have waits of its own (a rate limit, say); the deadline goes before them. The last one is given
        # the shortest time between two.
        left = deadline_seconds - (clock() - started)
        try:
            async with asyncio.timeout(max(left, shortest_seconds)):
                state = await read()
            trouble = 0
        except TimeoutError:
            logger.warning("The last look took longer than the time allowed for waiting.")
        except NemoVideoError as error:
            trouble += 1
            if not forgive(error, clock() - started):
                raise
            log = logger.warning if trouble == 1 else logger.debug
            log("%s Still waiting; looking again.", error)
        if state is not None:
            yield state
            if state.is_terminal:
                return
        elapsed = clock() - started
        left = deadline_seconds - elapsed
        if left <= 0:
            return
        progress = state.progress if state else None
        pause = next_pause(elapsed, progress, shortest_seconds, longest_seconds, expected_seconds)
        await _pause(sleep, pause, left)


async def _pause(sleep: Callable[[float], Awaitable[None]], seconds: float, left: float) -> None:
    await sleep(min(left, seconds * random.uniform(1 - JITTER, 1 + JITTER)))


def next_pause(
    elapsed: float, progress: float | None, shortest: float, longest: float, expected: float | None = None
) -> float:
    """Seconds until the next look: most of what the progress says is left, at last all of it; else a share of the time
    waited so far.

    Args:
        elapsed: Seconds waited so far.
        progress: Per cent, as the service tells it; None where it does not.
        expected: Seconds that it takes in all, about; the documented time by default.
    """
    due = (SECONDS_PER_RENDER if expected is None else expected) * FIRST_LOOK_SHARE
    if progress is not None and TELLING_PERCENT < progress < 100 and elapsed > 0:
        left = elapsed * (100 - progress) / progress
        is_last = left <= LAST_LEG * shortest
        wanted = left * LAST_LEG_SHARE if is_last else min(left * REMAINING_SHARE, left - shortest)
    elif progress is not None and progress <= TELLING_PERCENT:
        wanted = elapsed * WAITING_SHARE
    elif shortest <= elapsed < due:
        wanted = due - elapsed
    else:
        wanted = elapsed * STEP_SHARE
    return min(max(wanted, shortest), longest)
