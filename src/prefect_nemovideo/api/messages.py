"""One message to the agent, sent at most once, and all that was heard of it. What became of it is told by `edits`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import EDITOR, EXPLAINED_CODES, without_token
from prefect_nemovideo.api.errors import NemoVideoError, RequestRefused, ServiceTrouble, UnexpectedReply, Unreachable
from prefect_nemovideo.api.frames import TOO_LARGE_CODE
from prefect_nemovideo.api.models import SessionState
from prefect_nemovideo.api.replies import is_already_so, is_question, is_refusal
from prefect_nemovideo.api.stream import Event, Heartbeat, Reply, ReplyReader, read_events
from prefect_nemovideo.api.transport import mapped

if TYPE_CHECKING:
    from prefect_nemovideo.api.sessions import Sessions
    from prefect_nemovideo.api.transport import Transport

ENDPOINT = EDITOR
#: Statuses by which HTTP says that the request was wrong.
CLIENT_ERRORS = range(400, 500)
#: Statuses by which HTTP says that the address is another one: that is the way on then.
REDIRECTS = range(300, 400)
#: Statuses by which a service says that the session is at work: at this very message, perhaps, if it came twice.
AT_WORK = frozenset({409, 423})
#: Codes of the contract's table that mean, inside a stream too, that the account or the session can't edit. Any other
#: number in a stream is the agent's own, or its model's: HTTP 429 of a model is no rate limit of this API.
REFUSALS_IN_STREAMS = frozenset({1001, 1002, 1010, 1011, 2001})
STILL_WORKING = "⏳ Still working..."

#: Payloads as they come; None after the last.
Payloads = asyncio.Queue[str | None]


@dataclass(frozen=True)
class Heard:
    """What came back of a message.

    Args:
        reply: What the stream told.
        ended: The stream came to a provable end: the agent has finished.
        trouble: Why it did not, as a sentence.
        state: The session's state, read while a stalled stream was still open.
        refusal: The service says that the session is at work.
    """

    reply: Reply
    ended: bool
    trouble: str = ""
    state: SessionState | None = None
    refusal: RequestRefused | None = None

    @property
    def is_over(self) -> bool:
        """The agent does nothing more: it has finished, or the last that was heard of it is that it failed."""
        fault = self.reply.fault
        return self.ended or (fault is not None and fault.code != TOO_LARGE_CODE and not self.reply.went_on)

    @property
    def is_mute(self) -> bool:
        """Nothing was said or done: perhaps the end of a gateway's patience with a run that goes on.

        A tool that was called and came back is a silent edit at its end: it did what it did.
        """
        return not (self.reply.text or self.reply.tool_calls or self.reply.fault)

    @property
    def proves_nothing(self) -> bool:
        """Nothing of it says that the instruction was carried out: it was lost, or the agent broke down."""
        return self.reply.fault is not None or (self.is_mute and not self.is_over)

    @property
    def is_definite(self) -> bool:
        """The reply explains by itself why nothing changed; first words alone ("Let me trim it.") don't."""
        text = self.reply.text
        return self.reply.fault is not None or is_question(text) or is_refusal(text) or is_already_so(text)

    @property
    def may_go_on(self) -> bool:
        """The agent says that it has failed, and may be at work all the same: it would be sent, and paid, once more.

        A refusal of the API itself is none of the agent's.
        """
        fault = self.reply.fault
        if fault is not None:
            return fault.api_code not in REFUSALS_IN_STREAMS
        return bool(self.reply.tool_calls) and is_refusal(self.reply.text)

    @classmethod
    def nothing(cls, trouble: str, refusal: RequestRefused | None = None) -> Heard:
        """Nothing, of a message that may have arrived."""
        return cls(Reply(text="", complete=False), ended=False, trouble=trouble, refusal=refusal)


@dataclass(frozen=True)
class _Received:
    """How the stream ended.

    Args:
        began: There was one.
        framed: It had a length or chunks: only then can its end be told from a break.
        error: What broke it off.
    """

    began: bool
    framed: bool
    error: NemoVideoError | None = None


class Messages:
    """Sends messages.

    Args:
        transport: By which they go.
        sessions: Read when a stream stalls.
        clock: Monotonic seconds.
    """

    def __init__(self, transport: Transport, sessions: Sessions, clock: Callable[[], float]) -> None:
        self._transport = transport
        self._sessions = sessions
        self._clock = clock

    async def send(self, session_id: str, text: str, on_event: Callable[[Event | str], None]) -> Heard:
        """Sends a message, once, and listens until the stream ends or the time allowed for it does.

        Args:
            on_event: Told each event as it comes, and `STILL_WORKING` when nothing has come for long.

        Raises:
            NemoVideoError: The message was not taken: nothing was started.
        """
        payloads: Payloads = asyncio.Queue()
        # Read by a task of its own: waiting with a time-out must not close the connection.
        receiving = asyncio.create_task(self._receive(session_id, text, payloads))
        reader = ReplyReader()
        try:
            async with aclosing(self._timed(payloads)) as items:
                async for item in items:
                    if item is None:
                        # Read before the connection closes: closing it can abort the run, and then nothing could be
                        # learned about what was done so far.
                        seen = None
                        with contextlib.suppress(NemoVideoError):
                            seen = await self._sessions.state(session_id)
                        trouble = "The editor did not finish in the time allowed."
                        return Heard(reader.finish(clean=False), ended=False, trouble=trouble, state=seen)
                    if item == STILL_WORKING:
                        on_event(STILL_WORKING)
                        continue
                    for event in reader.feed(item):
                        on_event(event)
            return _heard(reader, await receiving)
        finally:
            receiving.cancel()
            await asyncio.wait([receiving])

    async def _receive(self, session_id: str, text: str, payloads: Payloads) -> _Received:
        body = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": session_id,
            "new_message": {"parts": [{"text": text}]},
        }
        # How long to wait for bytes is decided by `_timed`, which reads the state before it hangs up.
        timing = httpx.Timeout(None, connect=numbers.CONNECT_SECONDS, write=numbers.WRITE_SECONDS)
        began = framed = False
        try:
            async with self._transport.stream(ENDPOINT, "POST", "/run_sse", json=body, timing=timing) as response:
                began = True
                framed = "transfer-encoding" in response.headers or "content-length" in response.headers
                with mapped(ENDPOINT, self._transport.settings.api_url):
                    async for data in read_events(response):
                        payloads.put_nowait(without_token(data, response))
        except NemoVideoError as error:
            return _Received(began, framed, error)
        finally:
            payloads.put_nowait(None)
        return _Received(began, framed)

    async def _timed(self, payloads: Payloads) -> AsyncGenerator[str | None, None]:
        """The stream's payloads; `STILL_WORKING` now and then; None once, when the time allowed is over."""
        settings = self._transport.settings
        started = last_real = last_told = self._clock()
        while True:
            over = min(
                started + settings.nemo_edit_timeout_seconds, last_real + settings.nemo_edit_idle_timeout_seconds
            )
            wake = min(over, last_told + settings.nemo_still_working_seconds)
            try:
                async with asyncio.timeout(max(0.0, wake - self._clock())):
                    data = await payloads.get()
            except TimeoutError:
                if self._clock() >= over:
                    yield None
                    return
                last_told = self._clock()
                yield STILL_WORKING
                continue
            if data is None:
                return
            if self._clock() >= over:
                # Heartbeats that come without a pause would keep the time-out from ever striking.
                yield None
                return
            yield data
            if not _is_heartbeat(data):
                last_real = last_told = self._clock()


def _heard(reader: ReplyReader, received: _Received) -> Heard:
    error = received.error
    if error is not None and not received.began:
        if isinstance(error, RequestRefused) and AT_WORK & {error.facts.get("status"), error.facts.get("api_code")}:
            return Heard.nothing(error.message, error)
        if _may_have_begun(error):
            is_redirected = error.facts.get("status") in REDIRECTS
            return Heard.nothing(f"{error.message} {error.next_step}" if is_redirected else error.message)
        raise error
    reply = reader.finish(clean=error is None)
    too_large = reply.fault is not None and reply.fault.code == TOO_LARGE_CODE
    if error is None and reply.complete and not too_large and (received.framed or reply.text):
        return Heard(reply, ended=True)
    return Heard(reply, ended=False, trouble=error.message if error else "The editor's answer broke off.")


def _may_have_begun(error: NemoVideoError) -> bool:
    """Whether the message may have been taken all the same: only a refusal of the contract's, or of HTTP's own (4xx),
    and a message that never left say that it was not.
    """
    if isinstance(error, RequestRefused):
        status, code = error.facts.get("status", 0), error.facts.get("api_code") or 0
        return status not in CLIENT_ERRORS and code not in CLIENT_ERRORS and code not in EXPLAINED_CODES
    return isinstance(error, Unreachable | ServiceTrouble | UnexpectedReply) and error.sent


def _is_heartbeat(data: str) -> bool:
    return all(isinstance(event, Heartbeat) for event in ReplyReader().feed(data))
