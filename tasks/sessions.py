"""Sessions and their timelines, and the account's credits."""

from __future__ import annotations

import contextlib
import logging

from pydantic import BaseModel

from prefect_nemovideo.api import NemoVideo, NemoVideoError, Session
from prefect_nemovideo.api.auth import AnonymousToken
from prefect_nemovideo.api.errors import BudgetReached, CallFailed, OutOfCredits, TokenRefused
from prefect_nemovideo.api.models import Balance
from prefect_nemovideo.api.numbers import CREDITS_PER_EDIT
from prefect_nemovideo.api.timeline import Kind, Timeline
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.retrying import kept_step, repeatable_step


@kept_step()
async def open_session(job: Job, language: str = "en") -> Session:
    """Opens a session of the backend.

    Args:
        language: ISO code of the language that instructions are in.

    Example:
        ```python
        session = await open_session(Job())
        ```
    """
    intent = Intent(job, open_session.name)
    if (left_behind := await intent.declare({})) is not None and left_behind.result is not None:
        return Session.model_validate(left_behind.result)
    async with client_of(job) as nemo:
        session = await nemo.sessions.create(language=language)
        # On the disk before anything is put into it: a session that is forgotten takes its paid edits with it.
        await intent.end(session)
        if isinstance(nemo.token, AnonymousToken):
            await _tell_account(nemo, nemo.token)
    tell("Connected: the session is open.")
    return session


async def _tell_account(nemo: NemoVideo, token: AnonymousToken) -> None:
    """Whose account it is must be plain: footage goes to an account that nobody registered."""
    left = ""
    with contextlib.suppress(NemoVideoError):
        left = f" with {(await nemo.credits.balance()).available:,.0f} credits"
    expires = token.known.expires_at if token.known else None
    until = f" until {expires[:10]}" if expires else ", for seven days from its making"
    tell(f"Using an anonymous account{left}{until}. NEMO_TOKEN uses your own.")


class TimelineRead(BaseModel):
    """A session's timeline, as people read it, and what is needed to see that it changed.

    Args:
        clips: The names of the videos on it, in their order.
        files: The names of all files that the session shows.
    """

    summary: str
    fingerprint: str
    duration_seconds: float | None = None
    is_exportable: bool = False
    clips: list[str] = []
    files: list[str] = []


@repeatable_step()
async def read_timeline(job: Job, session_id: str) -> TimelineRead:
    """Reads a session's timeline. Read anew each time: it is what the next step is judged by.

    Example:
        ```python
        timeline = await read_timeline(Job(), session.session_id)
        print(timeline.summary)
        ```
    """
    async with client_of(job) as nemo:
        state = await nemo.sessions.settled(session_id)
    timeline = Timeline.from_state(state.state)
    return TimelineRead(
        summary=timeline.summary(),
        fingerprint=timeline.fingerprint(),
        duration_seconds=timeline.duration_ms / 1000 if timeline.duration_ms else None,
        is_exportable=timeline.exportable,
        clips=[clip.title for track in timeline.tracks if track.kind is Kind.VIDEO for clip in track.segments],
        files=[file.filename for file in state.files],
    )


@repeatable_step()
async def check_credits(
    job: Job, edits: int = 0, max_credits: float | None = None, needed: bool = False
) -> Balance | None:
    """Reads the balance, and refuses what it can't pay for or what may not be spent.

    Args:
        edits: How many edits are still to be paid.
        max_credits: The most that they may cost together.
        needed: It is the balance that is asked for, and no look on the way.

    Returns:
        The balance; None where the backend does not tell one.

    Raises:
        BudgetReached: The edits would cost more than `max_credits`.
        OutOfCredits: The account has nothing left to pay an edit with.
    """
    async with client_of(job) as nemo:
        try:
            balance = await nemo.credits.balance()
        except CallFailed as error:
            if needed or max_credits is not None or not error.sent or isinstance(error, TokenRefused | OutOfCredits):
                raise
            # A backend that tells no balance still says 2001 when there is none.
            tell(f"The balance is not known: {error}", level=logging.WARNING)
            return None
    estimate = edits * CREDITS_PER_EDIT
    if max_credits is not None and estimate > max_credits:
        raise BudgetReached(
            f"{edits} edit{'s cost' if edits != 1 else ' costs'} about {estimate} credits, and at most "
            f"{max_credits:g} may be spent. Nothing was started.",
            next_step="Raise --max-credits, or ask for less.",
        )
    if edits and balance.available <= 0:
        empty = OutOfCredits(
            "The account has no credits left. Nothing was uploaded or charged.",
            next_step="Top up credits in your account, then run the same command again.",
        )
        # An anonymous account can't be topped up: it is registered.
        raise nemo.token.explain(empty, nemo.settings.web_url)
    return balance
