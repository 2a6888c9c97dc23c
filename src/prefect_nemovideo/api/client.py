"""The client: opens, closes, offers the nouns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from prefect_nemovideo.api.auth import AnonymousToken, ConfiguredToken, Token
from prefect_nemovideo.api.downloads import Downloads
from prefect_nemovideo.api.edits import Edits
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.profiles import PROFILES
from prefect_nemovideo.api.renders import Renders
from prefect_nemovideo.api.sessions import Credits, Sessions
from prefect_nemovideo.api.settings import Settings
from prefect_nemovideo.api.transport import Transport
from prefect_nemovideo.api.uploads import Uploads


class NemoVideo:
    """A client of the NemoVideo API, for one event loop.

    Args:
        token: A registered account's token. Without one: `NEMO_TOKEN`, else an anonymous account, made when needed.
        profile: `video-4k` or `4k-with-session`.
        settings: Addresses and waits; from the environment by default.
        clock: Monotonic seconds.
        sleep: Waits so many seconds.

    Raises:
        BadInput: The token or the profile can't be right.

    Example:
        ```python
        async with NemoVideo() as nemo:
            session = await nemo.sessions.create()
            await nemo.uploads.send(session.session_id, Path("clip.mp4"))
            await nemo.edits.apply(session.session_id, "upscale this video to 4K")
            state = await nemo.sessions.state(session.session_id)
            await nemo.renders.submit("render_1", session.session_id, state.draft, OutputSpec())
            done = await nemo.renders.wait("render_1")
            await nemo.downloads.fetch(done.url, Path("clip-4k.mp4"), render_id="render_1")
        ```
    """

    def __init__(
        self,
        token: SecretStr | str | None = None,
        *,
        profile: str = "video-4k",
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if profile not in PROFILES:
            raise BadInput(f"There is no profile “{profile}”.", next_step=f"Use one of: {', '.join(PROFILES)}.")
        self.settings = settings or Settings()
        self.token = _token(token, self.settings)
        self.profile = PROFILES[profile]
        self._transport = Transport(self.token, self.profile, self.settings, sleep)
        self.sessions = Sessions(self._transport)
        self.credits = Credits(self._transport)
        self.uploads = Uploads(self._transport, self.sessions)
        self.edits = Edits(self._transport, self.sessions, self.credits, clock, sleep)
        self.renders = Renders(self._transport, clock, sleep)
        self.downloads = Downloads(self._transport, sleep)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections. The remote session lives on."""
        await self._transport.close()


def _token(given: SecretStr | str | None, settings: Settings) -> Token:
    if isinstance(given, str):
        given = SecretStr(given)
    token = given or settings.nemo_token
    if token is not None:
        return ConfiguredToken(token)
    return AnonymousToken(settings.realm, settings.nemo_client_id)
