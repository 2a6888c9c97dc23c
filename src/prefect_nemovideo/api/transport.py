"""Requests and replies over one connection pool: attribution, token, time-outs, and what may be repeated.

Foreign exceptions stop here: whatever httpx raises leaves as one of our own errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.auth import Token
from prefect_nemovideo.api.envelope import decode
from prefect_nemovideo.api.errors import NemoVideoError, RateLimited, TokenRefused, Unreachable
from prefect_nemovideo.api.profiles import Profile
from prefect_nemovideo.api.settings import Settings

T = TypeVar("T")

logger = logging.getLogger("prefect_nemovideo.api")

#: httpx errors after which the request has certainly not reached the service.
NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """One for the whole process: making it costs some 20 ms of CPU, which a client a job would pay each time."""
    return httpx.create_ssl_context()


@contextlib.contextmanager
def mapped(endpoint: str) -> Any:
    """Turns what httpx raises into our own errors, and says whether the request may have arrived.

    Raises:
        Unreachable: With `sent=False` only where nothing can have arrived.
    """
    try:
        yield
    except NOT_SENT as error:
        raise Unreachable(
            f"{endpoint} could not be reached: {_reason(error)}.",
            next_step="Check the network and NEMO_API_URL, then run the same command again. Nothing was sent.",
            endpoint=endpoint,
            sent=False,
        ) from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise Unreachable(
            f"The connection to {endpoint} was lost before the answer was complete: {_reason(error)}.",
            next_step="Run the same command again; what was done is found, not repeated.",
            endpoint=endpoint,
            sent=True,
        ) from error


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


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
        self.http = httpx.AsyncClient(
            base_url=settings.api_url,
            verify=ssl_context(),
            headers={**profile.headers(), "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(numbers.READ_SECONDS, connect=numbers.CONNECT_SECONDS, write=numbers.WRITE_SECONDS),
        )
        token.bind(self)

    async def close(self) -> None:
        await self.http.aclose()

    async def call(
        self,
        endpoint: str,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: httpx.AsyncByteStream | None = None,
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

        async def once() -> dict[str, Any]:
            sent_headers = dict(headers or {})
            if authorized:
                sent_headers.update(await self.token.headers())
            options: dict[str, Any] = {"timeout": timing} if timing else {}
            with mapped(endpoint):
                request = self.http.build_request(
                    method, path, json=json, content=content, headers=sent_headers, **options
                )
                response = await self.http.send(request, stream=True, follow_redirects=_stays_here(method, content))
                try:
                    body = await read_limited(response, endpoint)
                finally:
                    await response.aclose()
            return decode_response(endpoint, response, body)

        return await self._answered(once, safe=safe, authorized=authorized)

    @contextlib.asynccontextmanager
    async def stream(
        self, endpoint: str, method: str, path: str, *, json: Any, timing: httpx.Timeout
    ) -> AsyncIterator[httpx.Response]:
        """A streamed reply, on a connection of its own: it must never be a stale one, which would hide the outcome.

        Raises:
            CallFailed: The service refused before the stream began; nothing was started.
        """

        async def once() -> httpx.Response:
            headers = {"Accept": "text/event-stream", "Connection": "close", **await self.token.headers()}
            with mapped(endpoint):
                request = self.http.build_request(method, path, json=json, headers=headers, timeout=timing)
                response = await self.http.send(request, stream=True)
            is_events = "event-stream" in response.headers.get("content-type", "").lower()
            if response.status_code != 200 or not is_events:
                try:
                    with mapped(endpoint):
                        body = await read_limited(response, endpoint)
                finally:
                    await response.aclose()
                document = decode_response(endpoint, response, body)
                raise UnexpectedStream(endpoint, response.status_code, document)
            return response

        response = await self._answered(once, safe=False, authorized=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _answered(self, once: Callable[[], Awaitable[T]], *, safe: bool, authorized: bool) -> T:
        """Repeats `once` where the contract says so: each remedy a single time, trouble only where it is safe."""
        renewed = waited = False
        for attempt in range(1, numbers.SAFE_ATTEMPTS + 3):
            refused = self.token.known_token()
            try:
                return await once()
            except TokenRefused as error:
                if renewed or not authorized or not await self.token.renew(refused):
                    raise self.token.explain(error) from error.__cause__
                renewed = True
            except RateLimited as error:
                seconds = error.facts.get("retry_after", self.settings.nemo_rate_limit_wait_seconds)
                if waited or seconds > numbers.MAX_RETRY_AFTER_SECONDS:
                    raise
                waited = True
                logger.info("Too many requests: waiting %.0f s, then trying once more.", seconds)
                await self.sleep(seconds)
            except NemoVideoError as error:
                # A request that never left may always be sent again; one that may have arrived only if it is safe.
                repeatable = error.retryable and (safe or (isinstance(error, Unreachable) and not error.sent))
                if not repeatable or attempt >= numbers.SAFE_ATTEMPTS:
                    raise
                pause = error.facts.get("retry_after", numbers.FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1))
                if pause > numbers.MAX_RETRY_AFTER_SECONDS:
                    raise
                logger.info("%s Trying again in %.1f s.", error, pause)
                await self.sleep(pause)
        raise AssertionError("every path above returns or raises")


class UnexpectedStream(NemoVideoError):
    """A message was answered with a document instead of a stream: what happened to it must be read from the state."""

    def __init__(self, endpoint: str, status: int, document: dict[str, Any]) -> None:
        super().__init__(f"{endpoint} answered HTTP {status} without a stream.", endpoint=endpoint, status=status)
        self.document = document


async def read_limited(response: httpx.Response, endpoint: str) -> bytes:
    """The body, or an error once it is larger than a reply can sensibly be."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > numbers.MAX_REPLY_BYTES:
            raise Unreachable(
                f"The answer of {endpoint} is larger than {numbers.MAX_REPLY_BYTES >> 20} MiB.", sent=True
            )
        parts.append(part)
    return b"".join(parts)


def decode_response(endpoint: str, response: httpx.Response, body: bytes) -> dict[str, Any]:
    """`decode`, with the service's Retry-After kept in the error."""
    try:
        return decode(endpoint, response.status_code, body)
    except NemoVideoError as error:
        if (seconds := retry_after(response.headers)) is not None:
            error.facts["retry_after"] = seconds
        raise


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that a `Retry-After` asks for, given as seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _stays_here(method: str, content: object) -> bool:
    # Reads and uploads may be sent on (307); httpx drops the Authorization header when the host changes.
    return method == "GET" or content is not None
