"""Requests and replies over one connection pool: attribution, token, time-outs, and what may be repeated.

Foreign exceptions stop here: whatever httpx raises leaves as one of our own errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.auth import Token
from prefect_nemovideo.api.bodies import read_limited, sent_by_thread
from prefect_nemovideo.api.envelope import decode, without_token
from prefect_nemovideo.api.errors import (
    CallFailed,
    OutOfCredits,
    PlanRefused,
    RateLimited,
    TokenRefused,
    UnexpectedReply,
    Unreachable,
)
from prefect_nemovideo.api.multipart import MultipartBody
from prefect_nemovideo.api.profiles import Profile
from prefect_nemovideo.api.queueing import queue_of
from prefect_nemovideo.api.reasons import BROKE_OFF, why_broken
from prefect_nemovideo.api.settings import Settings

T = TypeVar("T")

logger = logging.getLogger("prefect_nemovideo.api")

#: httpx errors after which the request has certainly not reached the service.
NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """One for the whole process: making it costs some 20 ms of CPU, which a client a job would pay each time."""
    return httpx.create_ssl_context()


@contextlib.contextmanager
def mapped(endpoint: str, address: str) -> Iterator[None]:
    """Turns what httpx raises into our own errors, and says whether the request may have arrived.

    Args:
        endpoint: The call's name for people.
        address: Where it goes.

    Raises:
        Unreachable: With `sent=False` only where nothing can have arrived.
    """
    try:
        yield
    except NOT_SENT as error:
        raise Unreachable(
            f"The service at {address} could not be reached: {why_broken(error)}.",
            next_step="Check the network and NEMO_API_URL, then run the same command again. Nothing was sent.",
            endpoint=endpoint,
            sent=False,
        ) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.CookieConflict) as error:
        why = why_broken(error)
        raise Unreachable(
            f"The connection was lost before the answer to {endpoint} was complete"
            + (f": {why}." if why != BROKE_OFF else "."),
            next_step="Run the same command again; what was done is found, not repeated.",
            endpoint=endpoint,
            sent=True,
        ) from error


class Transport:
    """Calls of the API by one account under one profile.

    Args:
        token: Gives the token, and a new one where the account can have one.
        profile: Whom calls are attributed to.
        settings: Waits and addresses.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        token: Token,
        profile: Profile,
        settings: Settings,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.token = token
        self.profile = profile
        self.settings = settings
        self.sleep = sleep
        self.http = self._new_client()
        token.bind(self)

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.settings.api_url,
            verify=ssl_context(),
            headers={**self.attribution(), "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(numbers.READ_SECONDS, connect=numbers.CONNECT_SECONDS, write=numbers.WRITE_SECONDS),
        )

    @property
    def account(self) -> str:
        """Whose calls these are: the same for all clients of one account, and nothing of its token."""
        return f"{self.settings.realm} {self.token.account()}"

    def attribution(self) -> dict[str, str]:
        """The headers by which every call says whom it is from."""
        return self.profile.headers(self.settings.skill_source)

    def explained(self, error: CallFailed) -> CallFailed:
        """The error with the next step that fits this kind of account."""
        return self.token.explain(error, self.settings.web_url)

    async def close(self) -> None:
        await self.http.aclose()

    async def call(
        self,
        endpoint: str,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: MultipartBody | None = None,
        headers: dict[str, str] | None = None,
        timing: httpx.Timeout | None = None,
        safe: bool,
        authorized: bool = True,
    ) -> dict[str, Any]:
        """One call, its reply unwrapped.

        Args:
            endpoint: Its name for people, as in "create a session".
            timing: Time-outs by phase, where the usual ones do not fit.
            safe: Whether it may be repeated when its outcome is not known: reads may, writes may not.
            authorized: Whether the token goes with it.

        Raises:
            CallFailed: See `errors`. A refused anonymous token is renewed once, 429 is waited out once.
        """

        async def once(identity: dict[str, str]) -> dict[str, Any]:
            options: dict[str, Any] = {"timeout": timing} if timing else {}
            with mapped(endpoint, self.settings.api_url):
                request = self.http.build_request(
                    method, path, json=json, content=content, headers={**(headers or {}), **identity}, **options
                )
                if content is not None:
                    response, body = await sent_by_thread(request, content, endpoint, ssl_context())
                else:
                    # Reads may be sent on; httpx drops the Authorization header when the host changes.
                    response = await self.http.send(request, stream=True, follow_redirects=method == "GET")
                    try:
                        body = await read_limited(response, endpoint)
                    finally:
                        await response.aclose()
            try:
                return decode_response(endpoint, response, body)
            except TokenRefused as error:
                if "authorization" in response.request.headers or not identity:
                    raise
                # Another host was asked, which does not get the token: what it says of it, it says of none.
                raise UnexpectedReply(
                    f"The service led {endpoint} to another address, which does not answer without a token.",
                    next_step="Set NEMO_API_URL to the address of the NemoVideo API itself.",
                    endpoint=endpoint,
                    status=response.status_code,
                ) from error

        return await self._answered(once, safe=safe, authorized=authorized)

    @contextlib.asynccontextmanager
    async def stream(
        self, endpoint: str, method: str, path: str, *, json: Any, timing: httpx.Timeout
    ) -> AsyncIterator[httpx.Response]:
        """A streamed reply, on a connection of its own.

        A connection that was kept from an earlier call may be closed already at the other end: a request sent on it
        is lost without a trace of whether it arrived, and a message that may have arrived is never sent again.

        Raises:
            CallFailed: There is no stream. What the service refused was not started; see `CallFailed.sent` and
                `UnexpectedReply` for what may have been.
        """

        async def once(identity: dict[str, str]) -> httpx.Response:
            headers = {"Accept": "text/event-stream", "Connection": "close", **identity}
            with mapped(endpoint, self.settings.api_url):
                request = http.build_request(method, path, json=json, headers=headers, timeout=timing)
                response = await http.send(request, stream=True)
                kind = response.headers.get("content-type", "").lower()
                if response.status_code == 200 and (not kind or "event-stream" in kind):
                    return response
                try:
                    body = await read_limited(response, endpoint)
                finally:
                    await response.aclose()
            decode_response(endpoint, response, body)
            raise UnexpectedReply(
                f"The service answered {endpoint} with HTTP {response.status_code} and a document, not a stream.",
                next_step="Look at the session with: prefect-nemovideo status.",
                endpoint=endpoint,
                status=response.status_code,
            )

        async with self._new_client() as http:
            response = await self._answered(once, safe=False)
            try:
                yield response
            finally:
                await response.aclose()

    async def _answered(
        self, once: Callable[[dict[str, str]], Awaitable[T]], *, safe: bool, authorized: bool = True
    ) -> T:
        """Repeats `once` where the contract says so: each remedy a single time, trouble only where it is safe."""
        renewed = waited = False
        troubles = 0
        while True:
            # Outside the try: trouble in getting a token is not trouble of this call, which was not sent.
            identity = await self.token.headers() if authorized else {}
            queue = queue_of(self.account)
            if authorized:
                await queue.turn()
            used = self.token.known_token()
            try:
                return await once(identity)
            except TokenRefused as error:
                if not authorized:
                    raise
                if renewed or not await self.token.renew(used):
                    raise self.explained(error) from error.__cause__
                renewed = True
            except (OutOfCredits, PlanRefused) as error:
                raise self.explained(error) from error.__cause__
            except RateLimited as error:
                seconds = error.facts.setdefault("retry_after", self.settings.nemo_rate_limit_wait_seconds)
                if waited or seconds > numbers.MAX_RETRY_AFTER_SECONDS:
                    error.facts["after_trouble"] = troubles > 0
                    raise
                waited = True
                logger.info("Too many requests: waiting %.0f s, then trying once more.", seconds)
                await queue.pause(seconds, self.sleep)
            except CallFailed as error:
                troubles += 1
                # A request that never left may always be sent again; one that may have arrived only if it is safe.
                if not error.passes or (error.sent and not safe) or troubles >= numbers.SAFE_ATTEMPTS:
                    raise
                pause = error.facts.get("retry_after", numbers.FIRST_BACKOFF_SECONDS * 2 ** (troubles - 1))
                if pause > numbers.MAX_RETRY_AFTER_SECONDS:
                    raise
                logger.info("%s Trying again in %.1f s.", error, pause)
                await self.sleep(pause)


def decode_response(endpoint: str, response: httpx.Response, body: bytes) -> dict[str, Any]:
    """`decode`, with the service's Retry-After kept in the error."""
    try:
        return decode(endpoint, response.status_code, without_token(body, response))
    except CallFailed as error:
        if (seconds := retry_after(response.headers)) is not None:
            error.facts["retry_after"] = seconds
        raise


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that a `Retry-After` asks for, given as seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
