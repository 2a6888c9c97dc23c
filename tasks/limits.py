"""How much of an account is at work at a time, over all workers: one of Prefect's global concurrency limits."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import AsyncIterator

from prefect.client.orchestration import get_client
from prefect.concurrency.asyncio import concurrency
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL

DIGEST_CHARACTERS = 12
#: Whether there is a limit is asked again after so many seconds: it may be made, or removed, while a batch runs.
ASK_AGAIN_SECONDS = 60.0
#: Who dies with a slot gives it back after so long, in seconds; who lives renews it in time.
LEASE_SECONDS = 120.0

#: By server and name: when it was asked for, and whether it was there.
_known: dict[tuple[str | None, str], tuple[float, bool]] = {}


def limit_name(account: str) -> str:
    """The name of an account's limit: the same on every machine, and it gives nothing of the token away."""
    return f"nemovideo-{hashlib.sha256(account.encode()).hexdigest()[:DIGEST_CHARACTERS]}"


@contextlib.asynccontextmanager
async def account_slot(account: str) -> AsyncIterator[None]:
    """Holds one of the account's slots while a video is made; waits for one if all are taken.

    Where no limit was set (`prefect-nemovideo limit`), there is nothing to wait for.

    Args:
        account: As `NemoVideoCredentials.account` names it.
    """
    name = limit_name(account)
    if not await _is_set(name):
        yield
        return
    # Strict: without it a limit that can't be read is none. A slot that could not be renewed must not end a job that
    # is paid for.
    async with concurrency(
        name, occupy=1, strict=True, lease_duration=LEASE_SECONDS, raise_on_lease_renewal_failure=False
    ):
        yield


async def set_limit(account: str, slots: int) -> str:
    """Sets how many videos of an account are made at a time, over all workers of this Prefect server; its name.

    Args:
        slots: How many.
    """
    name = limit_name(account)
    async with get_client() as client:
        await client.upsert_global_concurrency_limit_by_name(name, slots)
    _known.clear()
    return name


async def read_limit(account: str) -> tuple[int, int] | None:
    """How many videos of an account may be made at a time, and how many are now; None where no limit is set."""
    async with get_client() as client:
        try:
            found = await client.read_global_concurrency_limit_by_name(limit_name(account))
        except ObjectNotFound:
            return None
    return found.limit, found.active_slots


async def _is_set(name: str) -> bool:
    place = (PREFECT_API_URL.value(), name)
    asked, there = _known.get(place, (float("-inf"), False))
    if time.monotonic() - asked > ASK_AGAIN_SECONDS:
        async with get_client() as client:
            try:
                await client.read_global_concurrency_limit_by_name(name)
                there = True
            except ObjectNotFound:
                there = False
        _known[place] = (time.monotonic(), there)
    return there
