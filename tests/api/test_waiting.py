"""The one wait loop, on a clock that only waiting moves."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from prefect_nemovideo.api.errors import NemoVideoError, NotFound, Unreachable
from prefect_nemovideo.api.waiting import JITTER, LAST_LEG_SHARE, next_pause, states

SHORTEST, LONGEST, DEADLINE = 2.0, 10.0, 900.0


@dataclass(frozen=True)
class Standing:
    """A state that a script tells."""

    progress: float | None = None
    is_terminal: bool = False


@pytest.fixture
def watch(waits: Any) -> Callable[..., Any]:
    """Follows what `look` tells, number by number, and gives all states seen."""

    async def watched(look: Callable[[int], Any], forgive: Any = lambda *_: True, deadline: float = DEADLINE) -> Any:
        looks = 0

        async def read() -> Standing:
            nonlocal looks
            looks += 1
            found: Standing = look(looks)
            return found

        return [
            state
            async for state in states(
                read,
                deadline_seconds=deadline,
                shortest_seconds=SHORTEST,
                longest_seconds=LONGEST,
                forgive=forgive,
                clock=waits.clock,
                sleep=waits,
            )
        ]

    return watched


async def test_it_ends_with_the_terminal_state(watch: Callable[..., Any], waits: Any) -> None:
    seen = await watch(lambda number: Standing(is_terminal=number == 4))

    assert [state.is_terminal for state in seen] == [False, False, False, True]
    assert len(waits.seconds) == 3


async def test_a_first_look_that_is_terminal_waits_for_nothing(watch: Callable[..., Any], waits: Any) -> None:
    await watch(lambda number: Standing(is_terminal=True))

    assert waits.seconds == []


async def test_waits_stay_within_their_bounds_and_differ(watch: Callable[..., Any], waits: Any) -> None:
    """From the shortest to the longest, each up to a tenth more or less, so that jobs do not ask together."""
    await watch(lambda number: Standing())
    *pauses, last = waits.seconds

    assert all(SHORTEST * (1 - JITTER) <= pause <= LONGEST * (1 + JITTER) for pause in pauses)
    assert len(set(pauses)) == len(pauses)
    assert pauses[0] < pauses[-1]
    assert last <= LONGEST * (1 + JITTER)


async def test_it_never_sleeps_past_the_deadline_and_looks_once_more_at_it(
    watch: Callable[..., Any], waits: Any
) -> None:
    seen = await watch(lambda number: Standing())

    assert waits.clock() == pytest.approx(DEADLINE)
    assert len(seen) == len(waits.seconds) + 1


async def test_trouble_is_counted_against_the_deadline_and_not_raised(watch: Callable[..., Any], waits: Any) -> None:
    def look(number: int) -> Standing:
        if number % 2:
            raise Unreachable("gone")
        return Standing(is_terminal=number == 10)

    assert len(await watch(look)) == 5


async def test_trouble_without_end_ends_at_the_deadline(watch: Callable[..., Any], waits: Any) -> None:
    def look(number: int) -> Standing:
        raise Unreachable("gone")

    assert await watch(look) == []
    assert waits.clock() == pytest.approx(DEADLINE)


async def test_what_is_not_forgiven_is_raised(watch: Callable[..., Any], waits: Any) -> None:
    """Who decides is told how long was waited so far."""
    told: list[float] = []

    def forgive(error: NemoVideoError, waited: float) -> bool:
        told.append(waited)
        return waited < 20

    def look(number: int) -> Standing:
        raise NotFound("none")

    with pytest.raises(NotFound):
        await watch(look, forgive)
    assert told[0] == 0
    assert told[-2] < 20 <= told[-1] == waits.clock()


async def test_a_look_that_hangs_ends_at_the_deadline() -> None:
    """A look may have waits of its own; the deadline goes before them."""

    async def hang() -> Standing:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async for _ in states(
        hang, deadline_seconds=0.02, shortest_seconds=0.01, longest_seconds=0.01, forgive=lambda *_: True
    ):
        raise AssertionError("there is no state")


def test_progress_tells_when_to_look_again() -> None:
    """Most of what is left by its speed, at last all of it; the few per cent at the start tell nothing of it."""
    assert next_pause(10, 50, 1, 100) == pytest.approx(7)
    assert next_pause(27, 90, 1, 100) == pytest.approx(2)
    assert next_pause(18, 90, 1, 100) == pytest.approx(2 * LAST_LEG_SHARE)
    assert next_pause(40, 5, 1, 100) == 10
    assert next_pause(0, 50, 1, 100) == 1
    assert next_pause(10_000, None, 1, 100) == 100


def test_without_progress_the_time_that_is_expected_tells_it() -> None:
    """Straight to 0.6 of it, then in steps of 5 % of the time waited so far."""
    assert next_pause(2, None, 1, 100, 90) == 52
    assert next_pause(60, None, 1, 100, 90) == 3
    assert next_pause(60, 100, 1, 100, 90) == 3


@dataclass
class Render:
    """A render of so many seconds, on a clock of its own that only waiting moves."""

    seconds: float
    tells_progress: bool
    now: float = 0.0
    looks: int = 0

    async def look(self) -> Standing:
        self.looks += 1
        progress = float(int(100 * min(self.now / self.seconds, 1))) if self.tells_progress else None
        return Standing(progress, self.now >= self.seconds)

    async def sleep(self, pause: float) -> None:
        self.now += pause

    async def wait(self, expected_seconds: float | None) -> None:
        async for _ in states(
            self.look,
            deadline_seconds=DEADLINE,
            shortest_seconds=SHORTEST,
            longest_seconds=LONGEST,
            forgive=lambda *_: True,
            expected_seconds=expected_seconds,
            clock=lambda: self.now,
            sleep=self.sleep,
        ):
            pass


@pytest.mark.parametrize(
    ("tells_progress", "after_others", "most_looks"), [(True, False, 12), (False, True, 12), (False, False, 17)]
)
async def test_the_end_of_a_render_is_seen_soon_and_asked_for_rarely(
    tells_progress: bool, after_others: bool, most_looks: int
) -> None:
    """Of 500 renders of 30 to 90 s: seen 2 s late in the mean, with at most 12 looks where anything tells the speed."""
    dice = random.Random(5)
    renders = [Render(dice.uniform(30, 90), tells_progress) for _ in range(500)]
    for render in renders:
        # Others of its length took as long, more or less.
        await render.wait(render.seconds * dice.uniform(0.8, 1.2) if after_others else None)
    assert statistics.mean(render.now - render.seconds for render in renders) <= 2
    assert statistics.mean(render.looks for render in renders) <= most_looks
