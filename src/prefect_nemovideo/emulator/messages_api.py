"""POST /run_sse: a message to the agent, answered by a stream of what it does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from prefect_nemovideo.emulator.backend import Backend
from prefect_nemovideo.emulator.fault_rules import FaultRule
from prefect_nemovideo.emulator.faults import hang_up, stall
from prefect_nemovideo.emulator.refusals import AgentRefusal
from prefect_nemovideo.emulator.runs import Run
from prefect_nemovideo.emulator.streams import AdkDialect, Dialect, SimpleDialect, error_frame, heartbeat
from prefect_nemovideo.emulator.wire import backend_of, fault_of, record_of, signed_in

AGENT = "nemo_agent"
USER = "me"

NOT_JSON = b'data: {"type":"text","content":\n\n'


async def run_sse(request: web.Request) -> web.StreamResponse:
    account = signed_in(request)
    backend = backend_of(request)
    session_id, text = _message(await request.read())
    session = backend.sessions.get(session_id, account.user_id)
    fault = fault_of(request)
    doomed = fault is not None and fault.dooms_the_run
    run = backend.runs.start(account, session, text, backend.options, doomed=doomed)
    try:
        if fault is not None and fault.replaces_the_reply:
            await run.finish()
            return web.Response()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        record_of(request).status = response.status
        await _Stream(request, response, backend, run, fault).send()
        return response
    finally:
        # As a stock agent server has it: a run doesn't outlive its connection. A finished one is past that.
        if not backend.options.run_survives_disconnect:
            await run.abort()


def _message(raw: bytes) -> tuple[str, str]:
    """The session and the text of a request, refused as an agent server refuses them."""
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise AgentRefusal(422, [{"type": "json_invalid", "loc": ["body"], "msg": str(error)}]) from error
    if not isinstance(body, dict):
        raise AgentRefusal(422, [{"type": "model_type", "loc": ["body"], "msg": "Input should be an object"}])
    app = body.get("app_name", body.get("appName"))
    if not app:
        raise AgentRefusal(400, "app_name is required")
    if app != AGENT:
        raise AgentRefusal(404, f"Agent not found: {app!r}")
    session_id = _required(body, "session_id", "sessionId")
    if _required(body, "user_id", "userId") != USER:
        raise AgentRefusal(404, f"Session not found: {session_id}")
    message = body.get("new_message", body.get("newMessage"))
    parts = message.get("parts") if isinstance(message, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise AgentRefusal(422, [_missing("newMessage")])
    text = " ".join(part["text"] for part in parts if isinstance(part.get("text"), str)).strip()
    if not text:
        raise AgentRefusal(422, [_missing("newMessage", "parts", 0, "text")])
    return session_id, text


def _required(body: dict[str, Any], snake: str, camel: str) -> str:
    value = body.get(camel, body.get(snake))
    if not isinstance(value, str):
        raise AgentRefusal(422, [_missing(camel)])
    return value


def _missing(*place: str | int) -> dict[str, Any]:
    return {"type": "missing", "loc": ["body", *place], "msg": "Field required"}


class _Stream:
    """One reply being streamed, with whatever a fault does to it."""

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        backend: Backend,
        run: Run,
        fault: FaultRule | None,
    ) -> None:
        self._request = request
        self._response = response
        self._options = backend.options
        self._now = backend.clock.now()
        self._run = run
        self._fault = fault
        self._adk = AdkDialect(AGENT, self._now)
        self._dialect: Dialect = self._adk if backend.options.sse_dialect == "adk" else SimpleDialect()

    async def send(self) -> None:
        fault, sent = self._fault, 0
        copies = 2 if fault is not None and fault.action == "duplicate_events" else 1
        async for frame, is_event in self._frames():
            due = fault is not None and is_event and sent == fault.after_events
            if fault is not None and due and not await self._strike(fault, frame):
                return
            for _ in range(copies if is_event else 1):
                await self._write(frame)
            sent += is_event
        if fault is not None and sent <= fault.after_events:
            await self._strike(fault, NOT_JSON)

    async def _frames(self) -> AsyncIterator[tuple[bytes, bool]]:
        """The stream's frames, and whether each is an event; heartbeats aren't."""
        async for event in self._run.events(self._options.heartbeat_seconds):
            if event is None:
                beat = heartbeat(self._options.heartbeat)
                if beat:
                    yield beat, False
                continue
            for frame in self._dialect.frames(event):
                yield frame, True

    async def _strike(self, fault: FaultRule, frame: bytes) -> bool:
        """Do what the rule says in place of this frame, or before it. Whether the stream goes on."""
        match fault.action:
            case "stall":
                await stall(self._request)
            case "malformed_json":
                await self._write(NOT_JSON)
            case "cut_stream":
                if fault.applied:
                    await self._run.finish()
                if fault.mode == "clean":
                    return False
                if fault.mode == "mid_event":
                    await self._write(frame[: len(frame) // 2])
                await hang_up(self._request, reset=fault.mode == "rst")
            case "stream_error":
                await (self._run.finish() if fault.applied else self._run.abort())
                await self._write(self._error(fault))
                return False
        return True

    def _error(self, fault: FaultRule) -> bytes:
        if fault.generation == "event":
            return self._adk.error_event("RuntimeError", fault.message)
        return error_frame(fault.generation, fault.message, self._now)

    async def _write(self, data: bytes) -> None:
        await self._response.write(data)
        record_of(self._request).bytes_out += len(data)
