"""Whose token goes with a call: a configured one, or an anonymous account's, which is made when first needed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from pydantic import SecretStr

from prefect_nemovideo.api import private
from prefect_nemovideo.api.envelope import ACCOUNT, EXPORTS, parse
from prefect_nemovideo.api.errors import (
    BadInput,
    CallFailed,
    OutOfCredits,
    PlanRefused,
    RateLimited,
    TokenRefused,
)
from prefect_nemovideo.api.models import AnonymousAccount
from prefect_nemovideo.api.settings import config_folder

if TYPE_CHECKING:
    from prefect_nemovideo.api.transport import Transport

#: The longest client id that the service takes.
CLIENT_ID_CHARACTERS = 64


class Token(Protocol):
    """Gives the headers that identify an account."""

    is_anonymous: bool

    def bind(self, transport: Transport) -> None:
        """Told once by which transport a new token can be had."""

    async def headers(self) -> dict[str, str]:
        """The `Authorization` header."""

    def known_token(self) -> str | None:
        """The token in use, to tell later whether it is still the one that was refused."""

    async def renew(self, refused: str | None) -> bool:
        """Gets another token after one was refused; False where there is none to be had."""

    def account(self) -> str:
        """A name for the account that tells nothing about the token, the same on every machine."""

    def explain(self, error: CallFailed, web_url: str) -> CallFailed:
        """The refusal, with the next step that fits this kind of token."""


class ConfiguredToken:
    """A token that somebody set: never replaced by another account's.

    Args:
        token: The token. A header can't hold anything but visible ASCII characters.
    """

    is_anonymous = False

    def __init__(self, token: SecretStr) -> None:
        value = token.get_secret_value().strip()
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise BadInput(
                "The NemoVideo token is empty or has characters that no token has.",
                next_step="Set NEMO_TOKEN to the token alone, without quotes, blanks or line breaks.",
            )
        self._token = SecretStr(value)

    def bind(self, transport: Transport) -> None:
        del transport

    async def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.get_secret_value()}"}

    def known_token(self) -> str | None:
        return self._token.get_secret_value()

    async def renew(self, refused: str | None) -> bool:
        del refused
        return False

    def account(self) -> str:
        # A truncated one-way digest: tells accounts apart, gives nothing away of a long random token.
        digest = hashlib.sha256(b"nemovideo account\0" + self._token.get_secret_value().encode())
        return f"token-{digest.hexdigest()[:16]}"

    def explain(self, error: CallFailed, web_url: str) -> CallFailed:
        del web_url
        return error


class AnonymousToken:
    """An anonymous account's token: asked for once, kept, and renewed when the service refuses it.

    The service gives one token a client in seven days, so it is kept in `anonymous.json` beside the client id, in a
    folder of mode 0700 and with mode 0600.

    Args:
        client_id: The client's id, at most 64 characters; the kept one by default, made when there is none.
        realm: The API that the token is for, by the name that its accounts are known under.
    """

    is_anonymous = True

    def __init__(self, realm: str, client_id: str | None = None, folder: Path | None = None) -> None:
        self.realm = realm
        self._folder = folder or config_folder()
        self.client_id = client_id or _kept_client_id(self._folder)
        if len(self.client_id) > CLIENT_ID_CHARACTERS or not re.fullmatch(r"[\x21-\x7e]+", self.client_id):
            raise BadInput(
                f"The client id has {len(self.client_id)} characters or some that no id has.",
                next_step="Set NEMO_CLIENT_ID to a UUID, or leave it out to have one made.",
            )
        self._transport: Transport | None = None
        self.known = self._kept()
        self._asking = asyncio.Lock()
        self._is_the_only_one = False

    def bind(self, transport: Transport) -> None:
        self._transport = transport

    async def headers(self) -> dict[str, str]:
        async with self._asking:
            if self.known is None:
                self.known = await self._have_one(refused=None)
        return {"Authorization": f"Bearer {self.known.token}"}

    def known_token(self) -> str | None:
        return self.known.token if self.known else None

    async def renew(self, refused: str | None) -> bool:
        async with self._asking:
            # Calls side by side are refused side by side: only the first of them asks.
            if self.known_token() == refused:
                try:
                    self.known = await self._have_one(refused)
                    self._is_the_only_one = False
                except RateLimited:
                    if refused is None:
                        raise
                    # There is none before the seven days are over. Perhaps it was a slip, and the one at hand is good.
                    self._is_the_only_one = True
        return True

    def account(self) -> str:
        digest = hashlib.sha256(b"nemovideo client\0" + self.client_id.encode())
        return f"anonymous-{digest.hexdigest()[:16]}"

    def explain(self, error: CallFailed, web_url: str) -> CallFailed:
        if isinstance(error, TokenRefused):
            again = "twice, and gives no other in seven days" if self._is_the_only_one else "and a new one too"
            return TokenRefused(
                f"The service refused the anonymous account's token, {again}.",
                next_step="Register at the NemoVideo website and set NEMO_TOKEN to your own token.",
                **error.facts,
            )
        bound = f"?bind={quote(self.known.user_id, safe='')}" if self.known and self.known.user_id else ""
        registering = f"{web_url}/register{bound}"
        if isinstance(error, OutOfCredits):
            next_step = f"Register to get more and keep this project: {registering}"
            return OutOfCredits(error.message, next_step=next_step, **error.facts)
        if isinstance(error, PlanRefused):
            what = "export" if error.facts.get("endpoint") in EXPORTS else "it"
            next_step = f"Register or upgrade your plan to unlock {what}, and keep this project: {registering}"
            return PlanRefused(error.message, next_step=next_step, **error.facts)
        return error

    async def _have_one(self, refused: str | None) -> AnonymousAccount:
        """The kept account, where another run renewed it meanwhile; else a new one, which is kept.

        Raises:
            CallFailed: There is none to be had; whatever needed the token was not sent.
        """
        async with private.alone(self._folder):
            kept = self._kept()
            if kept is not None and kept.token != refused:
                return kept
            try:
                account = await self._ask()
            except CallFailed as error:
                error.facts["sent"] = False
                raise
            self._keep(account)
        return account

    async def _ask(self) -> AnonymousAccount:
        assert self._transport is not None, "a token is bound by the transport that uses it"
        try:
            data = await self._transport.call(
                ACCOUNT,
                "POST",
                "/api/auth/anonymous-token",
                headers={"X-Client-Id": self.client_id},
                # An account too many costs nothing.
                safe=True,
                authorized=False,
            )
        except TokenRefused as error:
            raise TokenRefused(
                "The service refuses to give an anonymous account.",
                next_step="Set NEMO_TOKEN to a registered account's token.",
                **error.facts,
            ) from error
        except RateLimited as error:
            if error.facts.get("after_trouble"):
                raise RateLimited(
                    "The service has given this client an anonymous account by an answer that got lost, and gives the "
                    "next one in seven days.",
                    next_step="Set NEMO_TOKEN to a registered account's token, or NEMO_CLIENT_ID to a new UUID.",
                    **error.facts,
                ) from error
            raise RateLimited(
                "No anonymous account is to be had: the service gives one a client in seven days, and ten an address.",
                next_step="Set NEMO_TOKEN to a registered account's token, or wait until the seven days are over.",
                **error.facts,
            ) from error
        return parse(AnonymousAccount, data, ACCOUNT)

    def _file(self) -> Path:
        return self._folder / "anonymous.json"

    def _kept(self) -> AnonymousAccount | None:
        try:
            kept = json.loads(self._file().read_text())[self.realm]
            if kept["client_id"] != self.client_id:
                return None
            account = AnonymousAccount.model_validate(kept)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None if _is_past(account.expires_at) else account

    def _keep(self, account: AnonymousAccount) -> None:
        try:
            kept = dict(json.loads(self._file().read_text()))
        except (OSError, ValueError, TypeError):
            kept = {}
        kept[self.realm] = {**account.model_dump(), "client_id": self.client_id}
        private.write(self._file(), json.dumps(kept, indent=1))


def _is_past(moment: str | None) -> bool:
    if not moment:
        return False
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return False
    return parsed.replace(tzinfo=parsed.tzinfo or UTC) <= datetime.now(UTC)


def _kept_client_id(folder: Path) -> str:
    """The client id that this machine has used before; the first one is made, by one of all who try at once."""
    file = folder / "client_id"
    with contextlib.suppress(OSError, ValueError):
        if kept := file.read_text().strip():
            return kept
    made = str(uuid.uuid4())
    private.write(file, made + "\n", only_if_new=not file.exists())
    return file.read_text().strip()
