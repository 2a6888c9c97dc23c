"""The endpoints of an export: submit, status, cancel."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from prefect_nemovideo.emulator.files_api import cdn_path
from prefect_nemovideo.emulator.refusals import BAD_REQUEST, PLAN_BLOCKS_EXPORT, Refusal
from prefect_nemovideo.emulator.renderer import BadDraft, Output, check_draft
from prefect_nemovideo.emulator.renders import Render
from prefect_nemovideo.emulator.wire import backend_of, json_object, json_reply, public_url, signed_in

ATTRIBUTION_HEADERS = ("X-Skill-Source", "X-Skill-Version", "X-Skill-Platform")

RENDER_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
"""The id is the client's choice; it becomes a part of URLs."""


async def submit(request: web.Request) -> web.Response:
    """POST /api/render/proxy/lambda

    A second submit with an id that exists is refused with code 4090 (HTTP 409), so a client whose first reply got
    lost learns that its render is there. While a session's render isn't finished, another one is refused with 4091.
    """
    account = signed_in(request)
    backend = backend_of(request)
    absent = [name for name in ATTRIBUTION_HEADERS if not request.headers.get(name)]
    if absent:
        raise Refusal(PLAN_BLOCKS_EXPORT, f"Exports need the header {absent[0]}. Send all attribution headers.")
    if (account.plan or backend.options.plan) == "free":
        raise Refusal(PLAN_BLOCKS_EXPORT, "Register or upgrade your plan to unlock export.")
    body = await json_object(request)
    render_id, wish, draft = body.get("id"), body.get("output") or {}, body.get("draft")
    if not isinstance(render_id, str) or not RENDER_ID.fullmatch(render_id):
        raise Refusal(BAD_REQUEST, "id is missing or has other characters than A-Z a-z 0-9 _ . - in it.")
    if not isinstance(draft, dict) or not isinstance(wish, dict):
        raise Refusal(BAD_REQUEST, "draft and output are missing or no objects. Send the draft that the state shows.")
    session = backend.sessions.get(str(body.get("sessionId", "")), account.user_id)
    try:
        output = Output.parse(wish)
        check_draft(draft, {file.id for file in backend.sessions.files(session.id)})
    except BadDraft as error:
        raise Refusal(BAD_REQUEST, f"The draft can't be exported. {error}") from error
    render = backend.renders.submit(
        render_id, session.id, account.user_id, draft, wish, f".{output.format}", backend.instance.name
    )
    backend.jobs.submit(render.id)
    return _reply(request, {"id": render.id, "status": render.status, "progress": render.progress})


async def status(request: web.Request) -> web.Response:
    """GET /api/render/proxy/lambda/{render_id}"""
    account = signed_in(request)
    backend = backend_of(request)
    render = backend.renders.get(request.match_info["render_id"], account.user_id)
    shown = _newer(request, render) if backend.options.render_dialect == "envelope" else _seed(request, render)
    return _reply(request, shown)


async def cancel(request: web.Request) -> web.Response:
    """POST /api/render/proxy/lambda/{render_id}/cancel: a finished render stays what it is."""
    account = signed_in(request)
    backend = backend_of(request)
    render_id = backend.renders.get(request.match_info["render_id"], account.user_id).id
    backend.jobs.cancel(render_id)
    render = backend.renders.get(render_id, account.user_id)
    return _reply(request, {"id": render.id, "status": render.status, "progress": render.progress})


def _seed(request: web.Request, render: Render) -> dict[str, Any]:
    shown: dict[str, Any] = {"taskId": render.id, "status": render.status, "progress": render.progress}
    if render.status == "completed":
        output = {"url": _url(request, render), "duration": render.duration_seconds, "size": render.bytes}
        shown["output"] = output
    if render.error is not None:
        shown["error"] = render.error
    return shown


def _newer(request: web.Request, render: Render) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": render.id, "status": render.status, "progress": render.progress}
    shown["createdAt"] = render.created_ms
    if render.completed_ms is not None:
        shown["completedAt"] = render.completed_ms
    if render.status == "completed":
        shown["outputUrl"] = _url(request, render)
    if render.error is not None:
        shown["error"] = render.error
    return shown


def _url(request: web.Request, render: Render) -> str:
    return public_url(request, cdn_path(render.cdn_key, render.name))


def _reply(request: web.Request, data: dict[str, Any]) -> web.Response:
    if backend_of(request).options.render_dialect == "envelope":
        return json_reply({"success": True, "data": data})
    return json_reply(data)
