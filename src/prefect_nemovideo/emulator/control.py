"""The control surface, /_emulator/…: look into the emulator, change how it behaves, move its time.

It is for the person or test that runs the emulator: only loopback reaches it, and no web page does.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from prefect_nemovideo.emulator.fault_rules import FaultRule
from prefect_nemovideo.emulator.renders import Render
from prefect_nemovideo.emulator.wire import CONTROL_PREFIX, backend_of, json_reply

RULES: TypeAdapter[list[FaultRule]] = TypeAdapter(list[FaultRule])


class NewAccount(BaseModel):
    """A registered account: its token, and what it has."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1)
    credits: int = Field(default=10_000, ge=0)
    plan: Literal["pro", "free"] | None = None


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    advance_seconds: float


class Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    options: bool = False


def is_loopback(peer: str | None) -> bool:
    """Whether an address is this machine's own, written as IPv4, IPv6, or IPv4 within IPv6."""
    try:
        address = ipaddress.ip_address((peer or "").split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


@web.middleware
async def guarding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep the control surface to this machine, and tell what a wrong request got wrong."""
    if not request.path.startswith(CONTROL_PREFIX):
        return await handler(request)
    # A browser adds Origin to what a page sends: without this, any web page could reset an emulator.
    if not is_loopback(request.remote) or "Origin" in request.headers:
        return json_reply({"error": "The control surface answers programs on this machine only."}, status=403)
    try:
        return await handler(request)
    except ValidationError as error:
        problems = json.loads(error.json(include_url=False, include_context=False, include_input=False))
        return json_reply({"error": "The request doesn't fit. See problems.", "problems": problems}, status=400)
    except ValueError as error:
        return json_reply({"error": f"The body can't be read: {error}"}, status=400)


async def _body(request: web.Request) -> Any:
    return json.loads(await request.read() or b"{}")


async def health(request: web.Request) -> web.Response:
    backend = backend_of(request)
    return json_reply({"status": "ok", "instance": backend.instance.name})


async def add_faults(request: web.Request) -> web.Response:
    body = await _body(request)
    backend_of(request).faults.add(RULES.validate_python(body if isinstance(body, list) else [body]))
    return await faults(request)


async def faults(request: web.Request) -> web.Response:
    return json_reply(backend_of(request).faults.report())


async def clear_faults(request: web.Request) -> web.Response:
    backend_of(request).clear_faults()
    return json_reply([])


async def requests(request: web.Request) -> web.Response:
    return json_reply(backend_of(request).recorder.report())


async def clear_requests(request: web.Request) -> web.Response:
    backend_of(request).recorder.clear()
    return json_reply([])


async def charges(request: web.Request) -> web.Response:
    """Every charge: one for each edit that was applied."""
    rows = backend_of(request).store.rows("SELECT session_id, instruction, credits, at FROM charges ORDER BY seq")
    return json_reply([{**dict(row), "applied": True} for row in rows])


async def options(request: web.Request) -> web.Response:
    return json_reply(backend_of(request).options.model_dump(mode="json"))


async def change_options(request: web.Request) -> web.Response:
    backend, changes = backend_of(request), await _body(request)
    if not isinstance(changes, dict):
        raise ValueError("Send a JSON object of the options to change.")
    backend.set_options(backend.options.changed(changes))
    return await options(request)


async def clock(request: web.Request) -> web.Response:
    ours = backend_of(request).clock
    return json_reply({"now": ours.now(), "offset_seconds": ours.offset})


async def advance_clock(request: web.Request) -> web.Response:
    backend_of(request).clock.advance(Advance.model_validate(await _body(request)).advance_seconds)
    return await clock(request)


async def reset(request: web.Request) -> web.Response:
    await backend_of(request).reset(options=Reset.model_validate(await _body(request)).options)
    return json_reply({"status": "ok"})


async def add_account(request: web.Request) -> web.Response:
    new = NewAccount.model_validate(await _body(request))
    user_id = backend_of(request).accounts.register(new.token, credits=new.credits, plan=new.plan)
    return json_reply({"user_id": user_id, "credits": new.credits, "plan": new.plan})


async def renders(request: web.Request) -> web.Response:
    return json_reply([_shown(render) for render in backend_of(request).renders.all()])


def _shown(render: Render) -> dict[str, Any]:
    return {
        "id": render.id,
        "session_id": render.session_id,
        "status": render.status,
        "progress": render.progress,
        "error": render.error,
        "output": render.output,
        "bytes": render.bytes,
        "duration_seconds": render.duration_seconds,
        "created_ms": render.created_ms,
        "completed_ms": render.completed_ms,
        "instance": render.owner,
    }


ROUTES = (
    web.get(CONTROL_PREFIX + "health", health),
    web.get(CONTROL_PREFIX + "faults", faults),
    web.post(CONTROL_PREFIX + "faults", add_faults),
    web.delete(CONTROL_PREFIX + "faults", clear_faults),
    web.get(CONTROL_PREFIX + "requests", requests),
    web.delete(CONTROL_PREFIX + "requests", clear_requests),
    web.get(CONTROL_PREFIX + "charges", charges),
    web.get(CONTROL_PREFIX + "options", options),
    web.patch(CONTROL_PREFIX + "options", change_options),
    web.get(CONTROL_PREFIX + "clock", clock),
    web.post(CONTROL_PREFIX + "clock", advance_clock),
    web.post(CONTROL_PREFIX + "reset", reset),
    web.post(CONTROL_PREFIX + "accounts", add_account),
    web.get(CONTROL_PREFIX + "renders", renders),
)
