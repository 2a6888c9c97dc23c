"""Sessions: a project of the backend, its state, its credits' account, and the link that opens it in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import CREDITS, LINK, SESSION, STATE, parse
from prefect_nemovideo.api.models import Balance, ClaimToken, Session, SessionState

if TYPE_CHECKING:
    from prefect_nemovideo.api.transport import Transport


Fact = Callable[[SessionState], bool]
"""Something that a session's state shows."""


class Sessions:
    """Opens sessions and reads them.

    Example:
        ```python
        session = await nemo.sessions.create(language="en")
        state = await nemo.sessions.state(session.session_id)
        ```
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._shown: dict[str, list[Fact]] = {}

    async def create(self, *, language: str | None = "en", task_name: str = "project") -> Session:
        """Opens a session. An empty one costs nothing, so it may be asked for again after a lost reply.

        Args:
            language: ISO code of the user's language; left out of the request where the profile leaves it out.
        """
        body = {"task_name": task_name}
        if language and self._transport.profile.sends_language:
            body["language"] = language
        data = await self._transport.call(
            SESSION, "POST", "/api/tasks/me/with-session/nemo_agent", json=body, safe=True
        )
        return parse(Session, data, SESSION)

    async def state(self, session_id: str) -> SessionState:
        """The session's latest state: draft, uploads, canvas.

        Raises:
            SessionGone: There is no such session any more.
        """
        data = await self._transport.call(
            STATE, "GET", f"/api/state/nemo_agent/me/{quote(session_id, safe='')}/latest", safe=True
        )
        return parse(SessionState, data, STATE)

    async def settled(self, session_id: str) -> SessionState:
        """The latest state, once it shows again what it has shown before: a read may be answered from a copy that lags.

        What does not show for some seconds is gone: an instruction can take back what another one did.
        """
        state = await self.state(session_id)
        for seconds in numbers.SETTLED_LOOKS_SECONDS:
            if all(fact(state) for fact in self._shown.get(session_id, [])):
                break
            await self._transport.sleep(seconds)
            state = await self.state(session_id)
        return state

    def showed(self, session_id: str, fact: Fact, state: SessionState) -> None:
        """Notes what a state has shown for the first time, for `settled`."""
        still_true = [known for known in self._shown.get(session_id, []) if known(state)]
        self._shown[session_id] = [*still_true, fact]

    async def claim(self, session: Session) -> str | None:
        """A link that opens the project in a browser for a week, or None where the service gives none."""
        if session.task_id is None:
            return None
        data = await self._transport.call(
            LINK,
            "POST",
            "/api/auth/claim-token",
            json={"task_id": session.task_id, "session_id": session.session_id},
            safe=True,
        )
        claim = parse(ClaimToken, data, LINK)
        return f"{self._transport.settings.web_url}/workspace/claim?ct={claim.claim_token}"


class Credits:
    """Reads the account's credits."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def balance(self) -> Balance:
        """Credits free to use, held, and in all."""
        data = await self._transport.call(CREDITS, "GET", "/api/credits/balance/simple", safe=True)
        return parse(Balance, data, CREDITS)
