"""Too many requests: while one call waits because it was told to, the account's others are not sent either."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest


async def test_while_one_call_waits_no_other_of_its_account_is_sent(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """Of another client of the account either; when the wait is over, all go on."""
    backend = emulate()
    backend.fault("credits", "retry_after", seconds=7, times=1)
    waiting, over = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 7
        waiting.set()
        await over.wait()

    first, second = (connect(backend.url, timing={"sleep": sleep}) for _ in range(2))
    told = asyncio.create_task(first.credits.balance())
    await waiting.wait()
    other = asyncio.create_task(second.sessions.create())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(other), 0.2)
    assert backend.requests("create_session") == []
    over.set()
    await asyncio.gather(told, other)
    assert len(backend.requests("create_session")) == 1
