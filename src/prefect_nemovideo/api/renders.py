"""Exports: submitted under an id that was chosen before, followed, cancelled, and found again after a lost reply."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import EXPORT, EXPORT_CANCELLATION, EXPORT_STATUS, unexpected
from prefect_nemovideo.api.errors import (
    DeadlinePassed,
    NemoVideoError,
    NotFound,
    RateLimited,
    RequestRefused,
    ServiceTrouble,
    UnexpectedReply,
    Unreachable,
)
from prefect_nemovideo.api.expectations import render_times
from prefect_nemovideo.api.models import OutputSpec, RenderState
from prefect_nemovideo.api.waiting import next_pause, states

if TYPE_CHECKING:
    from prefect_nemovideo.api.transport import Transport

logger = logging.getLogger("prefect_nemovideo.api")

#: Fields of a render's output that a service need not know, by what they are for people.
OPTIONAL_OUTPUT = {"resolution": "a size", "fps": "a frame rate"}


_TAKEN = re.compile(r"\b(?:exists?|duplicate|taken|in use)\b|已存在|重复", re.IGNORECASE)
_BUSY = re.compile(
    r"\b(?:in progress|at a time|under ?way|busy|being (?:exported|rendered))\b|正在(?:导出|渲染)", re.IGNORECASE
)


class Renders:
    """Exports of a draft. The id is the caller's choice: who has it can find the render again.

    Example:
        ```python
        await nemo.renders.submit("render_1f0c", session_id, draft, OutputSpec())
        done = await nemo.renders.wait("render_1f0c")
        ```
    """

    def __init__(
        self,
        transport: Transport,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._sleep = sleep

    async def submit(self, render_id: str, session_id: str, draft: Any, output: OutputSpec) -> RenderState:
        """Starts a render, or finds the one that this id already started.

        Args:
            render_id: Unique; the same id never starts a second render.
            draft: The timeline to render, as the state gave it.
            output: Container, quality, size and frame rate.

        Another render of the session that is at work is waited for: the service takes one at a time.

        Raises:
            PlanRefused: The plan may not export.
            DeadlinePassed: The other render did not end in the time allowed; nothing was submitted.
            Unreachable: No answer, and no render under this id was found afterwards.
        """
        settings, started, told = self._transport.settings, self._clock(), False
        while True:
            try:
                return await self._submit(render_id, session_id, draft, output)
            except RequestRefused as error:
                if not _is_busy(error, render_id):
                    raise
                waited, allowed = self._clock() - started, settings.nemo_render_timeout_seconds
                if waited >= allowed:
                    raise DeadlinePassed(
                        f"{error.message} It was waited for in vain; this export was not submitted.",
                        next_step="Run the same command again when the other export has ended; nothing is charged "
                        "twice. NEMO_RENDER_TIMEOUT_SECONDS allows more time.",
                        render_id=render_id,
                    ) from error
                log = logger.debug if told else logger.warning
                log("%s Waiting for it to end.", error)
                told = True
                shortest, longest = settings.nemo_poll_interval_seconds, settings.nemo_poll_max_interval_seconds
                await self._sleep(min(allowed - waited, next_pause(waited, 0.0, shortest, longest)))

    async def _submit(self, render_id: str, session_id: str, draft: Any, output: OutputSpec) -> RenderState:
        body: dict[str, Any] = {"id": render_id, "sessionId": session_id, "draft": draft, "output": output.as_request()}

        async def post() -> RenderState:
            data = await self._transport.call(EXPORT, "POST", "/api/render/proxy/lambda", json=body, safe=False)
            # A service that chooses an id of its own is asked by that one.
            given = next((data[name] for name in ("id", "renderId", "render_id") if data.get(name)), render_id)
            return read_state(data, EXPORT, given if isinstance(given, str) else render_id, fallback="pending")

        try:
            return await post()
        except (Unreachable, ServiceTrouble, UnexpectedReply) as error:
            if not error.sent:
                raise
            logger.info("%s Looking whether the export was started all the same.", error)
            if found := await self._started(render_id, numbers.LOST_REPLY_LOOKS_SECONDS):
                return found
        except RequestRefused as error:
            # "This id exists", perhaps: then there is a render.
            if found := await self._started(render_id, (0.0,), error):
                return found
            optional = {name: words for name, words in OPTIONAL_OUTPUT.items() if name in body["output"]}
            is_wrong = bool({error.facts.get("status"), error.facts.get("api_code")} & {400, 422})
            if not optional or not is_wrong or _is_busy(error, render_id):
                raise
            # Size and frame rate are documented as "if supported". What comes is measured anyway.
            logger.warning("%s Asking once more without naming %s.", error, " and ".join(optional.values()))
            body["output"] = {name: value for name, value in body["output"].items() if name not in optional}
        try:
            # Not there: the same id again can start it only once.
            return await post()
        except RequestRefused as error:
            if found := await self._started(render_id, numbers.LOST_REPLY_LOOKS_SECONDS, error):
                return found
            raise

    async def _started(
        self, render_id: str, looks_seconds: tuple[float, ...], refused: RequestRefused | None = None
    ) -> RenderState | None:
        for seconds in looks_seconds:
            await self._sleep(seconds)
            if found := await self.find(render_id):
                return found
        if refused is None or not _TAKEN.search(refused.message):
            return None
        # Nobody else would have chosen this id: it is there, and is not shown yet.
        logger.warning("%s So it was started before: waiting until the export %s is shown.", refused, render_id)
        return RenderState(render_id=render_id, status="pending")

    async def find(self, render_id: str) -> RenderState | None:
        """Where a render stands, or None where the service knows none under this id."""
        try:
            data = await self._transport.call(EXPORT_STATUS, "GET", _path(render_id), safe=True)
        except (NotFound, RequestRefused):
            return None
        if "status" not in data and data.get("data", data) is None:
            # Nothing, told with success, is no render either.
            return None
        return read_state(data, EXPORT_STATUS, render_id)

    async def status(self, render_id: str) -> RenderState:
        """Where a render stands.

        Raises:
            NotFound: The service knows no render under this id.
        """
        data = await self._transport.call(EXPORT_STATUS, "GET", _path(render_id), safe=True)
        return read_state(data, EXPORT_STATUS, render_id)

    async def follow(
        self, render_id: str, *, timeout_seconds: float | None = None, output_seconds: float | None = None
    ) -> AsyncIterator[RenderState]:
        """Each state of a render up to the terminal one; ends without one when the time allowed is over.

        Args:
            output_seconds: The length of what is rendered, of a render that was started just now: earlier ones of the
                account then tell when it is worth looking, and later ones learn from it.
        """
        settings = self._transport.settings
        allowed = timeout_seconds if timeout_seconds is not None else settings.nemo_render_timeout_seconds
        times, started = render_times(self._transport.account), self._clock()
        unknown: set[str] = set()
        odd, is_seen = 0, False

        def forgive(error: NemoVideoError, waited: float) -> bool:
            """Trouble that passes; a render that isn't known yet; a few odd replies in a row: one bad look fails no
            render."""
            nonlocal odd
            if isinstance(error, NotFound | RequestRefused) and waited < numbers.NEW_RENDER_GRACE_SECONDS:
                return True
            is_odd = isinstance(error, NotFound | RequestRefused | UnexpectedReply)
            odd = odd + 1 if is_odd else 0
            if is_odd:
                return odd < numbers.UNEXPECTED_REPLIES and (is_seen or isinstance(error, UnexpectedReply))
            return isinstance(error, Unreachable | ServiceTrouble | RateLimited)

        async for state in states(
            lambda: self.status(render_id),
            deadline_seconds=allowed,
            shortest_seconds=settings.nemo_poll_interval_seconds,
            longest_seconds=settings.nemo_poll_max_interval_seconds,
            forgive=forgive,
            expected_seconds=None if output_seconds is None else times.expected(output_seconds),
            clock=self._clock,
            sleep=self._sleep,
        ):
            odd, is_seen = 0, True
            if state.is_completed and output_seconds is not None:
                times.add(self._clock() - started, output_seconds)
            if not state.is_known and state.status not in unknown:
                unknown.add(state.status)
                logger.warning("The export's status is “%s”, which is not documented: still waiting.", state.status)
            yield state

    async def wait(self, render_id: str, *, timeout_seconds: float | None = None) -> RenderState:
        """The terminal state of a render.

        Raises:
            DeadlinePassed: The time allowed is over; the render goes on.
        """
        last: RenderState | None = None
        async for state in self.follow(render_id, timeout_seconds=timeout_seconds):
            last = state
        if last is None or not last.is_terminal:
            raise DeadlinePassed(
                f"The export {render_id} did not finish in the time allowed; it goes on at the service.",
                next_step="Run the same command again to go on waiting for it; nothing is charged twice. "
                "NEMO_RENDER_TIMEOUT_SECONDS allows more time.",
                render_id=render_id,
                status=last.status if last else None,
            )
        return last

    async def cancel(self, render_id: str) -> bool:
        """Cancels a render that hasn't ended; False where the service would not."""
        try:
            data = await self._transport.call(EXPORT_CANCELLATION, "POST", f"{_path(render_id)}/cancel", safe=True)
        except (NotFound, RequestRefused) as error:
            logger.info("The export %s could not be cancelled: %s", render_id, error)
            return False
        state = read_state(data, EXPORT_CANCELLATION, render_id, fallback="cancelled")
        return state.is_cancelled or not state.is_terminal


def _is_busy(error: RequestRefused, render_id: str) -> bool:
    """Whether a refused export only has to wait for another one of the session; not where its own id is taken."""
    if render_id in error.message or _TAKEN.search(error.message):
        return False
    return 409 in (error.facts.get("status"), error.facts.get("api_code")) or bool(_BUSY.search(error.message))


def _path(render_id: str) -> str:
    return f"/api/render/proxy/lambda/{quote(render_id, safe='')}"


def read_state(data: dict[str, Any], endpoint: str, render_id: str, fallback: str | None = None) -> RenderState:
    """A render's state out of either dialect of the reply.

    Args:
        fallback: The status of a reply that names none.
    """
    output = data.get("output")
    if not isinstance(output, dict):
        output = {}
    status = data.get("status") or fallback
    if not isinstance(status, str):
        raise unexpected(endpoint, "status")
    return RenderState(
        render_id=render_id,
        status=status.strip().lower(),
        progress=_number(data.get("progress")),
        url=_first_text(output.get("url"), data.get("outputUrl"), data.get("output_url"), data.get("url")),
        duration=_number(output.get("duration", data.get("duration"))),
        size=_whole(output.get("size", data.get("size"))),
        error=_first_text(data.get("error"), data.get("errorMessage"), data.get("message"), output.get("error")),
    )


def _number(value: Any) -> float | None:
    try:
        return float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number.is_integer() else None


def _first_text(*values: Any) -> str | None:
    for value in values:
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and value:
            return value
    return None
