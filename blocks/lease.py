"""One run at a time: who works on a saved session holds its lease, on whatever machine.

A lease is a saved block: the server takes only one of a name, so exactly one of two runs gets it. It is renewed
while its run lives; one that is not renewed belongs to a run that died, and the next run takes it over.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.blocks.core import Block
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import BlockDocumentUpdate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError
from pydantic import Field

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.credentials import DOCUMENTATION, LOGO

#: How long a lease holds without being renewed, in seconds: longer than a stall of server or machine.
LEASE_SECONDS = 60.0
#: Seconds between two renewals: three may fail before the lease is lost.
RENEW_SECONDS = 15.0


class SessionLease(Block):
    """Says which run works on a saved session. Made and removed by the runs themselves.

    Attributes:
        holder: The run and its machine.
        good_until: Until when it holds unless it is renewed.

    Example:
        Load a stored lease:
        ```python
        from prefect_nemovideo.blocks.lease import SessionLease

        lease = SessionLease.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "NemoVideo Session Lease"
    _block_type_slug = "nemovideo-session-lease"
    _documentation_url = DOCUMENTATION
    _logo_url = LOGO

    holder: str = Field(default=..., description="The run and the machine that hold it.")
    good_until: str = Field(default=..., description="Until when it holds unless it is renewed, as ISO 8601 in UTC.")

    @property
    def is_over(self) -> bool:
        return datetime.fromisoformat(self.good_until) <= datetime.now(UTC)


@contextlib.asynccontextmanager
async def only_run(session_name: str, run: str) -> AsyncIterator[None]:
    """Holds the lease of a session while the context is open.

    Args:
        session_name: The saved session.
        run: Who asks, for the message that the other one gets.

    Raises:
        BadInput: Another run works on this session now.
    """
    holder = f"{run} on {socket.gethostname()} ({uuid.uuid4().hex[:8]})"
    async with get_client() as client:
        document = await _acquire(client, session_name, holder)
    renewing = asyncio.create_task(_renew(document, holder))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait([renewing])
        async with get_client() as client:
            with contextlib.suppress(ObjectNotFound):
                await client.delete_block_document(document)


async def _acquire(client: PrefectClient, name: str, holder: str) -> uuid.UUID:
    for _ in range(2):
        try:
            return uuid.UUID(str(await _lease(holder).asave(name, client=client)))
        except (ObjectAlreadyExists, ValueError):
            standing: Any = await SessionLease.aload(name, client=client)
            if not standing.is_over:
                break
            # Its run died without giving it back. Deleted by its own id: never a lease that somebody took meanwhile.
            with contextlib.suppress(ObjectNotFound):
                await client.delete_block_document(standing._block_document_id)
    raise BadInput(
        f"Another run works on the session “{name}” now. Nothing was sent.",
        next_step="Wait until it has ended, then run it again. A run that died is forgotten after a minute.",
    )


async def _renew(document: uuid.UUID, holder: str) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        with contextlib.suppress(PrefectHTTPStatusError, OSError):
            async with get_client() as client:
                await client.update_block_document(
                    document, BlockDocumentUpdate(data=_lease(holder).model_dump(), merge_existing_data=False)
                )


def _lease(holder: str) -> SessionLease:
    until = datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS)
    return SessionLease(holder=holder, good_until=until.isoformat())
