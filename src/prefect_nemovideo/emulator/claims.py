"""Claim tokens: what a link for a person ends with. Each shows one project in a browser, and opens no API."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from prefect_nemovideo.emulator.accounts import SECONDS_PER_DAY, digest
from prefect_nemovideo.emulator.clock import Clock
from prefect_nemovideo.emulator.sessions import Session
from prefect_nemovideo.emulator.store import Store

CLAIM_SECONDS = 7 * SECONDS_PER_DAY


@dataclass(frozen=True)
class Claim:
    """Whose project a token shows, and until when, in seconds since 1970."""

    session_id: str
    user_id: str
    expires_at: float


class Claims:
    """All claim tokens, kept as digests."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(self, session: Session) -> str:
        token = "clm_" + secrets.token_urlsafe(24)
        self._store.change(
            "INSERT INTO claims VALUES (?, ?, ?, ?)",
            digest(token),
            session.id,
            session.user_id,
            self._clock.now() + CLAIM_SECONDS,
        )
        return token

    def find(self, token: str) -> Claim | None:
        """What a token shows; None for one that is unknown or has expired."""
        row = self._store.row(
            "SELECT session_id, user_id, expires_at FROM claims WHERE digest = ? AND expires_at > ?",
            digest(token),
            self._clock.now(),
        )
        return None if row is None else Claim(row["session_id"], row["user_id"], row["expires_at"])
