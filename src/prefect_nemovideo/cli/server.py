"""Prefect's temporary server, for a command that has no other to go to."""

from __future__ import annotations

import asyncio
import signal

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL


async def server_at_hand() -> None:
    """Starts the temporary server, if no other is named, where Ctrl-C does not reach it.

    A terminal sends SIGINT to all processes of a command. A run that is told to stop still needs its server, to say so.
    """
    if PREFECT_API_URL.value() is None:
        await asyncio.to_thread(_start)


def _start() -> None:
    # A process that is started inherits what the thread blocks that starts it.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    get_client(sync_client=True)
