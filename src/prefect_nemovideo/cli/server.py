"""Prefect's temporary server, for a command that has no other to go to."""

from __future__ import annotations

import asyncio
import signal

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from prefect_nemovideo.api.errors import JobFailed


async def server_at_hand() -> None:
    """Starts the temporary server, if no other is named, where Ctrl-C does not reach it.

    A terminal sends SIGINT to all processes of a command. A run that is told to stop still needs its server, to say so.

    Raises:
        JobFailed: It does not start.
    """
    if PREFECT_API_URL.value() is not None:
        return
    try:
        await asyncio.to_thread(_start)
    except (RuntimeError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise JobFailed(
            f"Prefect's temporary server could not be started: {reason}. Nothing was sent.",
            next_step="Name a server with PREFECT_API_URL; on a slow machine allow the temporary one more time with "
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS.",
        ) from error


def _start() -> None:
    # A process that is started inherits what the thread blocks that starts it.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    get_client(sync_client=True)
