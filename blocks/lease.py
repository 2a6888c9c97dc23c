"""One run at a time: who works on a job or a saved session holds its lease, on whatever machine.

A lease is a note that is put up where everybody looks: a variable on the Prefect server here, a record in the
result storage in `tasks/leases.py`. It is renewed while its run lives. A note whose process is dead is taken over at
once by a run on the same machine; others wait until it is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self, TypeVar
from weakref import WeakKeyDictionary

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.exceptions import ObjectAlreadyExists, PrefectHTTPStatusError
from pydantic import BaseModel, Field

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.processes import Process
from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.words import shortened

#: How long a lease holds without being renewed, in seconds: longer than a stall of server or machine.
LEASE_SECONDS = 60.0
#: Seconds between two renewals: three may fail before the lease is lost.
RENEW_SECONDS = 15.0
#: Seconds between two looks at a lease that somebody else holds.
LOOK_SECONDS = 1.0
#: … and after somebody else was faster.
LOST_RACE_SECONDS = 0.2
#: A note that stays up is over in a minute: the end of a job is not held up for long by it.
GIVING_BACK_SECONDS = 10.0
DIGEST_CHARACTERS = 32
#: A note is small: a variable of Prefect's holds 5,000 characters, escaped.
HOLDER_CHARACTERS = 200
#: What a server or storage in trouble raises: a renewal that fails is tried again.
PASSING = (PrefectHTTPStatusError, httpx.HTTPError, OSError, StorageError, RuntimeError)


class Note(BaseModel):
    """Says who holds a lease, and until when unless it is renewed.

    Args:
        holder: The run, for people.
        process: Where it runs.
        good_until: Machines' clocks are taken to agree by a few seconds; where they don't, intents still protect.
        mark: Tells one holding from another.
    """

    holder: str
    process: Process = Field(default_factory=Process.this)
    good_until: datetime = Field(default_factory=lambda: datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS))
    mark: str = Field(default_factory=lambda: uuid.uuid4().hex)

    def renewed(self) -> Self:
        """The same, good from now."""
        return self.model_copy(update={"good_until": datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS)})

    @property
    def is_over(self) -> bool:
        return self.process.is_dead or self.good_until <= datetime.now(UTC)

    def __str__(self) -> str:
        return f"{self.holder} ({self.process})"


class Board(Protocol):
    """Where the note of one lease is put up. Of several that take it at the same time, one gets it."""

    async def find(self) -> Note | None:
        """The note that is up."""

    async def take(self, note: Note, over: Note | None) -> bool:
        """Puts a note up where none is, or in place of one that is over; False where somebody was faster."""

    async def renew(self, note: Note) -> None:
        """Puts up a note of ours again, as long as it is still there."""

    async def give_back(self, note: Note) -> None:
        """Takes our note down."""


Meanwhile = Callable[[Note, Note], Awaitable[None]]


async def wait(note: Note, first: Note) -> None:
    """What to do while somebody else holds a lease: nothing. It will end, or be over."""


async def refuse(note: Note, first: Note) -> None:
    """What to do instead where waiting is wrong.

    Raises:
        BadInput: The holder lives: its process is here, or has renewed its note since the first look.
    """
    if note.process.is_here or note.good_until != first.good_until:
        raise BadInput(
            f"Another run works on this session now: {note}. Nothing was sent.",
            next_step="Wait until it has ended, then run it again.",
        )


@contextlib.asynccontextmanager
async def only_run(
    board: Board,
    run: str,
    *,
    tell: Callable[[Note], None],
    meanwhile: Meanwhile = wait,
    tell_every_seconds: float = LEASE_SECONDS,
) -> AsyncIterator[bool]:
    """Holds a lease while the context is open; its value is whether another run had to be waited for.

    Args:
        board: Where it is put up.
        run: Who asks, for the others.
        tell: Told whom we wait for, now and then.
        meanwhile: Called with the note and the first one seen each time we look: `wait`, or `refuse`.
    """
    note = Note(holder=shortened(run, HOLDER_CHARACTERS))
    waited = await _taken(board, note, tell, meanwhile, tell_every_seconds)
    renewing = asyncio.create_task(_renewed(board, note))
    try:
        yield waited
    finally:
        renewing.cancel()
        await asyncio.wait([renewing])
        # A note that stays up is over when this process has ended: nobody has to wait for it long.
        with contextlib.suppress(*PASSING):
            async with asyncio.timeout(GIVING_BACK_SECONDS):
                await board.give_back(note)


async def _taken(
    board: Board, note: Note, tell: Callable[[Note], None], meanwhile: Meanwhile, tell_every_seconds: float
) -> bool:
    first: Note | None = None
    last_told = float("-inf")
    while True:
        there = await board.find()
        if there is None or there.is_over:
            if await board.take(note.renewed(), there):
                return first is not None
            await asyncio.sleep(LOST_RACE_SECONDS)
            continue
        first = first or there
        await meanwhile(there, first)
        if time.monotonic() - last_told >= tell_every_seconds:
            last_told = time.monotonic()
            tell(there)
        await asyncio.sleep(LOOK_SECONDS)


async def _renewed(board: Board, note: Note) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        with contextlib.suppress(*PASSING):
            await board.renew(note.renewed())


#: A Prefect server on SQLite refuses (503) whoever had begun to read before another one wrote; …
REFUSED = 503
#: … then Prefect's client would wait 2, 4, 8 s, which is longer than the job that ends may take. In seconds.
AGAIN_SECONDS = 0.1
#: … and where others write without a pause it would give up too soon: a server may stand still for a minute, as long as
#: SQLite lets one wait for its turn.
PATIENCE_SECONDS = 120.0
#: Who takes notes down in an event loop does so one after another: else they would refuse each other.
_taking_down: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
T = TypeVar("T")


class PrefectBoard:
    """The Prefect server: it takes only one variable of a name.

    A variable and not a block: to make one, SQLite waits for its turn, where a block is refused (see `REFUSED`) while
    anybody else writes. Of eight jobs of a batch that begin at once, the last would begin after a quarter of a minute.

    Args:
        name: The lease's name; anything.
    """

    def __init__(self, name: str) -> None:
        # Variables are called by few characters only; what it is called by people stands in its tags.
        self._name = f"nemovideo_lease_{hashlib.sha256(name.encode()).hexdigest()[:DIGEST_CHARACTERS]}"
        self._tags = ["nemovideo", name]
        self._found: uuid.UUID | None = None
        self._ours: uuid.UUID | None = None

    async def find(self) -> Note | None:
        standing = await _patiently(lambda client: client.read_variable_by_name(self._name))
        if standing is None:
            return None
        self._found = standing.id
        return Note.model_validate(standing.value)

    async def take(self, note: Note, over: Note | None) -> bool:
        if over is not None and self._found is not None:
            # By its own id: never a lease that somebody took meanwhile.
            await _taken_down(self._found)
        wanted = VariableCreate(name=self._name, value=note.model_dump(mode="json"), tags=self._tags)
        try:
            self._ours = (await _patiently(lambda client: client.create_variable(wanted))).id
        except ObjectAlreadyExists:
            # The server may have taken ours, and its word of it got lost.
            there = await self.find()
            if there is None or there.mark != note.mark:
                return False
            self._ours = self._found
        return True

    async def renew(self, note: Note) -> None:
        if self._ours is not None:
            async with _client() as client:
                update = {"value": note.model_dump(mode="json")}
                await client.request("PATCH", "/variables/{id}", path_params={"id": str(self._ours)}, json=update)

    async def give_back(self, note: Note) -> None:
        del note
        if self._ours is not None:
            await _taken_down(self._ours)


async def _taken_down(note: uuid.UUID) -> None:
    turn = _taking_down.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    try:
        async with turn:
            await _patiently(lambda client: client.request("DELETE", "/variables/{id}", path_params={"id": str(note)}))
    except httpx.HTTPStatusError as error:
        # Gone already is as good.
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise


async def _patiently(ask: Callable[[PrefectClient], Awaitable[T]]) -> T:
    """Asks the Prefect server, and for a while again where it refused."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = AGAIN_SECONDS
    while True:
        try:
            async with _client() as client:
                return await ask(client)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != REFUSED or time.monotonic() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LOOK_SECONDS)


def _client() -> PrefectClient:
    """A client of the Prefect server that is soon there again where SQLite refused a write."""
    return get_client(httpx_settings={"event_hooks": {"response": [_hasten]}})


async def _hasten(response: httpx.Response) -> None:
    if response.status_code == REFUSED:
        response.headers.setdefault("Retry-After", str(AGAIN_SECONDS))
