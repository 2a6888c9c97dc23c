"""Accounts, their tokens and their credits."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from uuid import uuid4

from prefect_nemovideo.emulator.clock import Clock
from prefect_nemovideo.emulator.refusals import BAD_TOKEN, NO_CREDITS, RATE_LIMIT, Refusal
from prefect_nemovideo.emulator.store import Store

SECONDS_PER_DAY = 86_400
RETRY_AFTER_SECONDS = 30
"""What NemoVideo asks clients to wait after a 429."""


@dataclass(frozen=True)
class Account:
    """Somebody who may call the API. `plan` is None where the emulator's own option decides."""

    user_id: str
    anonymous: bool
    credits: int
    plan: str | None


@dataclass(frozen=True)
class Balance:
    """Credits: `frozen` are held for edits in progress, `total` is the sum of both."""

    available: int
    frozen: int

    @property
    def total(self) -> int:
        return self.available + self.frozen


@dataclass(frozen=True)
class IssuedToken:
    token: str
    user_id: str
    credits: int
    expires_at: float


def digest(token: str) -> str:
    """Tokens are stored as digests: a data folder gives nobody access to anything."""
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """Who may call the API, and what they have left to spend."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue_anonymous(self, client_id: str, peer: str, *, credits: int, days: float, per_address: int) -> IssuedToken:
        """A token for a client without an account. The same client id is the same user, next week too.

        Raises:
            Refusal: 429, when this client has a token already or its address has had too many.
        """
        now = self._clock.now()
        since = now - days * SECONDS_PER_DAY
        user_id = "anon_" + hashlib.sha256(client_id.encode()).hexdigest()[:16]
        token = "nmv_anon_" + secrets.token_urlsafe(24)
        with self._store.transaction():
            if self._store.number("SELECT COUNT(*) FROM tokens WHERE user_id = ? AND created_at > ?", user_id, since):
                raise _rate_limit(f"This client has had its token for these {days:g} days")
            issued = self._store.number("SELECT COUNT(*) FROM tokens WHERE peer = ? AND created_at > ?", peer, since)
            if issued >= per_address:
                raise _rate_limit(f"This address has had its {per_address} tokens for these {days:g} days")
            self._store.change(
                "INSERT INTO accounts VALUES (?, ?, ?, NULL, 1)"
                " ON CONFLICT (user_id) DO UPDATE SET credits = excluded.credits",
                user_id,
                client_id,
                credits,
            )
            expires_at = now + days * SECONDS_PER_DAY
            self._store.change(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", digest(token), user_id, peer, now, expires_at
            )
        return IssuedToken(token, user_id, credits, expires_at)

    def register(self, token: str, *, credits: int, plan: str | None = None, keep: bool = False) -> str:
        """Make a registered account with this token, or set what it has. Returns its user id.

        Args:
            keep: Leave an account that exists already as it is.
        """
        user_id = "usr_" + digest(token)[:16]
        clash = "NOTHING" if keep else "UPDATE SET credits = excluded.credits, plan = excluded.plan"
        with self._store.transaction():
            self._store.change(
                f"INSERT INTO accounts VALUES (?, NULL, ?, ?, 0) ON CONFLICT (user_id) DO {clash}",
                user_id,
                credits,
                plan,
            )
            self._store.change(
                "INSERT INTO tokens VALUES (?, ?, NULL, ?, NULL) ON CONFLICT (digest) DO NOTHING",
                digest(token),
                user_id,
                self._clock.now(),
            )
        return user_id

    def by_token(self, token: str | None) -> Account:
        """The account that a token belongs to.

        Raises:
            Refusal: 1001, when there is no token, or nobody's, or one that has expired.
        """
        if not token:
            raise Refusal(BAD_TOKEN, "There is no token. Send it as 'Authorization: Bearer <token>'.")
        row = self._store.row(
            "SELECT accounts.*, tokens.expires_at FROM tokens JOIN accounts USING (user_id) WHERE digest = ?",
            digest(token),
        )
        if row is None:
            raise Refusal(BAD_TOKEN, "The token is not valid. Get a new one, or check the configured one.")
        if row["expires_at"] is not None and row["expires_at"] <= self._clock.now():
            raise Refusal(BAD_TOKEN, "The token has expired. Get a new one with the same client id.")
        return Account(row["user_id"], bool(row["anonymous"]), row["credits"], row["plan"])

    def shown_balance(self, user_id: str, lag_seconds: float) -> Balance:
        """The balance as it is told: where that lags, without what was charged just now and without what is held."""
        if not lag_seconds:
            return self.balance(user_id)
        since = self._clock.now() - lag_seconds
        unseen = self._store.number("SELECT SUM(credits) FROM charges WHERE user_id = ? AND at > ?", user_id, since)
        return Balance(available=self.balance(user_id).total + unseen, frozen=0)

    def balance(self, user_id: str) -> Balance:
        total = self._store.number("SELECT credits FROM accounts WHERE user_id = ?", user_id)
        frozen = self._store.number("SELECT SUM(credits) FROM holds WHERE user_id = ?", user_id)
        return Balance(available=total - frozen, frozen=frozen)

    def hold(self, account: Account, credits: int, *, owner: str) -> str:
        """Freeze credits for an edit that starts now. Returns the hold's id, for `release`.

        Raises:
            Refusal: 2001, when fewer are available.
        """
        hold_id = uuid4().hex
        with self._store.transaction():
            available = self.balance(account.user_id).available
            if available < credits:
                advice = "Register to get more." if account.anonymous else "Top up credits in your account."
                raise Refusal(NO_CREDITS, f"The edit needs {credits} credits and {available} are available. {advice}")
            self._store.change("INSERT INTO holds VALUES (?, ?, ?, ?)", hold_id, account.user_id, credits, owner)
        return hold_id

    def release(self, hold_id: str) -> None:
        self._store.change("DELETE FROM holds WHERE id = ?", hold_id)

    def charge(self, user_id: str, session_id: str, instruction: str, credits: int) -> None:
        """Take the credits of one applied edit. Call it inside the transaction that saves the edit."""
        self._store.change("UPDATE accounts SET credits = credits - ? WHERE user_id = ?", credits, user_id)
        self._store.change(
            "INSERT INTO charges (user_id, session_id, instruction, credits, at) VALUES (?, ?, ?, ?, ?)",
            user_id,
            session_id,
            instruction,
            credits,
            self._clock.now(),
        )


def _rate_limit(reason: str) -> Refusal:
    return Refusal(
        RATE_LIMIT,
        f"{reason}. Wait {RETRY_AFTER_SECONDS} s and try once more, or use the token you have.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )
