"""Faults on the wire: what a rule says is done to the connection or to the reply."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any, NoReturn

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from prefect_nemovideo.emulator.fault_rules import FaultRule
from prefect_nemovideo.emulator.wire import FAULT, RECORD, backend_of, json_reply, record_of

STREAMING_ENDPOINTS = frozenset({"run_sse", "cdn", "download"})
"""Their handlers write the reply themselves, so a late first byte has to be late before they begin."""

ERROR_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>gateway</body></html>"

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, with no time to linger: closing the socket sends a reset instead of an orderly end."""


@web.middleware
async def striking(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let at most one rule strike an API request."""
    if RECORD not in request:
        return await handler(request)
    record = record_of(request)
    fault = backend_of(request).faults.next_for(record.endpoint)
    if fault is None:
        return await handler(request)
    request[FAULT] = fault
    record.fault = fault.action
    instead = await _instead(request, fault)
    if instead is not None:
        return instead
    if fault.action == "slow_first_byte" and record.endpoint in STREAMING_ENDPOINTS:
        await asyncio.sleep(fault.seconds)
        return await handler(request)
    response = await handler(request)
    # A reply that is on its way already was spoiled by the handler that sent it.
    return response if response.prepared else await _spoil(request, response, fault)


async def hang_up(request: web.Request, *, reset: bool = False) -> NoReturn:
    """End the connection, by a reset or in order, and with it this request's handler."""
    transport = request.transport
    if transport is not None and reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()
    elif transport is not None:
        transport.close()
    await asyncio.Event().wait()  # The server cancels the handler of a connection that is gone.
    raise AssertionError("unreachable")


async def stall(request: web.Request) -> None:
    """Wait until the faults are cleared; a client that goes away ends it too."""
    await backend_of(request).released.wait()


async def _instead(request: web.Request, fault: FaultRule) -> web.Response | None:
    """The reply of a fault that strikes before anything is done, if this is one."""
    match fault.action:
        case "reset_before":
            await hang_up(request, reset=True)
        case "refuse":
            refuse = backend_of(request).refuse_connections
            if refuse is not None:
                refuse(fault.seconds)
            await hang_up(request, reset=True)
        case "status":
            return _answer(fault)
        case "envelope_error":
            status = fault.status if "status" in fault.model_fields_set else 200
            return json_reply({"code": fault.code, "message": fault.message, "data": None}, status=status)
        case "retry_after":
            body = {"code": 429, "message": "Too many requests.", "data": None}
            return json_reply(body, status=429, headers={"Retry-After": f"{fault.seconds:g}"})
    return None


def _answer(fault: FaultRule) -> web.Response:
    if fault.html:
        page = ERROR_PAGE.format(f"{fault.status} {fault.message}")
        return web.Response(text=page, status=fault.status, headers=fault.headers, content_type="text/html")
    if isinstance(fault.body, str):
        return web.Response(text=fault.body, status=fault.status, headers=fault.headers)
    body = fault.body if fault.body is not None else {"code": fault.code, "message": fault.message, "data": None}
    return json_reply(body, status=fault.status, headers=fault.headers)


async def _spoil(request: web.Request, response: web.StreamResponse, fault: FaultRule) -> web.StreamResponse:
    """Do to a finished reply what the rule says."""
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    match fault.action:
        case "reset_after" | "lose_reply":
            await hang_up(request, reset=fault.action == "reset_after")
        case "reply_status":
            return _answer(fault)
        case "slow_first_byte":
            await asyncio.sleep(fault.seconds)
        case "truncate" | "stall":
            part = len(body) // 2 if fault.at_bytes is None else fault.at_bytes
            return await _send_partly(request, response, body, part, fault)
        case "malformed_json":
            return _copy(response, body[: max(1, len(body) // 2)])
        case "drop_field" | "set_field":
            return _copy(response, _edited(body, fault))
    return response


async def _send_partly(
    request: web.Request, response: web.StreamResponse, body: bytes, part: int, fault: FaultRule
) -> web.StreamResponse:
    partial = web.StreamResponse(status=response.status, headers=_headers(response))
    partial.content_length = len(body)
    record_of(request).status = response.status
    await partial.prepare(request)
    await partial.write(body[:part])
    if fault.action == "truncate":
        await hang_up(request)
    await stall(request)
    await partial.write(body[part:])
    return partial


def _copy(response: web.StreamResponse, body: bytes) -> web.Response:
    return web.Response(body=body, status=response.status, headers=_headers(response))


def _headers(response: web.StreamResponse) -> Mapping[str, str]:
    return {name: value for name, value in response.headers.items() if name != hdrs.CONTENT_LENGTH}


def _edited(body: bytes, fault: FaultRule) -> bytes:
    """A JSON body without a field, or with it changed; as it is, if it has no such place."""
    reply = json.loads(body)
    *parents, last = fault.field.split(".")
    place: Any = reply
    for name in parents:
        place = _child(place, name)
    if isinstance(place, dict) and fault.action == "set_field":
        place[last] = fault.value
    elif isinstance(place, dict):
        place.pop(last, None)
    return json.dumps(reply).encode()


def _child(place: Any, name: str) -> Any:
    """A member of an object by its name, or an item of a list by its number."""
    if isinstance(place, list):
        return place[int(name)] if name.isdecimal() and int(name) < len(place) else None
    return place.get(name) if isinstance(place, dict) else None
