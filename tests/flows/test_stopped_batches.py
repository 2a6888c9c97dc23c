"""Jobs side by side of which one meets the signal that ends them all."""

from __future__ import annotations

import signal
from collections.abc import Coroutine
from typing import Any

import pytest
from prefect.exceptions import TerminationSignal

from prefect_nemovideo.api.errors import JobFailed
from prefect_nemovideo.flows.batch_work import together
from prefect_nemovideo.problems import INTERRUPTED, exit_code


async def told_to_end() -> None:
    """As where the signal strikes while this task is at work."""
    raise TerminationSignal(signal=signal.SIGTERM)


async def failing() -> None:
    raise JobFailed("It broke off.", next_step="")


async def side_by_side(*jobs: Coroutine[Any, Any, None]) -> None:
    async with together() as group:
        for job in jobs:
            group.create_task(job)


async def test_a_signal_that_strikes_in_one_of_them_leaves_as_itself() -> None:
    with pytest.raises(TerminationSignal) as met:
        await side_by_side(told_to_end())
    assert exit_code(met.value) == INTERRUPTED


async def test_a_signal_goes_before_what_else_went_wrong() -> None:
    """Even where the other error came first."""
    with pytest.raises(TerminationSignal):
        await side_by_side(failing(), told_to_end())


async def test_an_error_leaves_as_itself() -> None:
    with pytest.raises(JobFailed, match="It broke off"):
        await side_by_side(failing())
