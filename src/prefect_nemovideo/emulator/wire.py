"""What all endpoints share: the envelope, errors, and who is calling."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from prefect_nemovideo.emulator.accounts import Account
from prefect_nemovideo.emulator.backend import Backend
from prefect_nemovideo.emulator.fault_rules import FaultRule
from prefect_nemovideo.emulator.recorder import Record
from prefect_nemovideo.emulator.refusals import BAD_REQUEST, AgentRefusal, Refusal

log = logging.getLogger(__name__)

BACKEND = web.AppKey("backend", Backend)
RECORD = web.RequestKey("record", Record)
FAULT = web.RequestKey("fault", FaultRule)

CONTROL_PREFIX = "/_emulator/"
PAGE_PREFIXES = ("/workspace/", "/register")
"""For people: another site than the API, which keeps no list of who opens a link and has no faults."""
BEARER = "bearer "


def backend_of(request: web.Request) -> Backend:
    return request.app[BACKEND]


def record_of(request: web.Request) -> Record:
    return request[RECORD]


def fault_of(request: web.Request) -> FaultRule | None:
    """The fault that strikes this request, if one does."""
    return request.get(FAULT)


def json_reply(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")


def success(data: object, **beside: object) -> web.Response:
    """The usual reply, `{"code": 0, "message": "success", "data": …}`."""
    return json_reply({"code": 0, "message": "success", **beside, "data": data})


def signed_in(request: web.Request) -> Account:
    """The account whose token the request carries.

    Raises:
        Refusal: 1001.
    """
    header = request.headers.get("Authorization", "")
    token = header[len(BEARER) :].strip() if header.lower().startswith(BEARER) else None
    return backend_of(request).accounts.by_token(token)


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body.

    Raises:
        Refusal: 4000, it isn't a JSON object.
    """
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise Refusal(BAD_REQUEST, f"The body is not JSON: {error}. Send a JSON object.") from error
    if not isinstance(body, dict):
        raise Refusal(BAD_REQUEST, "The body is not a JSON object. Send one.")
    return body


def public_url(request: web.Request, path: str) -> str:
    """The address of a path for this client, or for everybody if the options name one."""
    base = backend_of(request).options.public_url or f"{request.scheme}://{request.host}"
    return base.rstrip("/") + path


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one place where an error becomes a reply."""
    try:
        return await handler(request)
    except Refusal as refusal:
        envelope = {"code": refusal.code, "success": False, "message": refusal.message, "data": None}
        status = refusal.http_status(backend_of(request).options.error_style)
        return json_reply(envelope, status=status, headers=refusal.headers)
    except AgentRefusal as refusal:
        return json_reply({"detail": refusal.detail}, status=refusal.status)
    except web.HTTPException:
        raise
    except ConnectionError:
        raise
    except Exception:
        log.exception("%s %s failed.", request.method, request.path)
        message = "The emulator failed. Its log says why."
        return json_reply({"code": 500, "success": False, "message": message, "data": None}, status=500)


@web.middleware
async def recording(request: web.Request, handler: Handler) -> web.StreamResponse:
    """List the request from its arrival on, and add what becomes of it."""
    if request.path.startswith((CONTROL_PREFIX, *PAGE_PREFIXES)):
        return await handler(request)
    backend = backend_of(request)
    endpoint = request.match_info.route.name or "unknown"
    record = backend.recorder.arrive(
        backend.clock.now(), request.method, request.path, endpoint, request.query_string, request.headers
    )
    request[RECORD] = record
    try:
        if request.content_type == "application/json" and request.can_read_body:
            record.body = _parsed(await request.read())
        response = await handler(request)
        record.status = response.status
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            record.bytes_out = len(response.body)
        return response
    except web.HTTPException as refusal:
        record.status = refusal.status
        raise
    except BaseException:  # The connection is gone: the handler is cancelled, or can't write.
        record.aborted = True
        raise
    finally:
        record.bytes_in = request.content.total_bytes


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
