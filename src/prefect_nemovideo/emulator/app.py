"""Which path leads where."""

from __future__ import annotations

from aiohttp import web

from prefect_nemovideo.emulator import (
    accounts_api,
    control,
    files_api,
    messages_api,
    pages,
    renders_api,
    sessions_api,
    uploads_api,
)
from prefect_nemovideo.emulator.backend import Backend
from prefect_nemovideo.emulator.faults import striking
from prefect_nemovideo.emulator.wire import BACKEND, json_reply, recording, refusals

MAX_JSON_BYTES = 64 * 1024 * 1024
"""For bodies that are read whole: a draft of hours with thousands of cuts is a few MB. Uploads are streamed."""


async def not_imitated(request: web.Request) -> web.Response:
    """What the emulator doesn't know is said to be unknown, rather than imitated badly."""
    message = f"The emulator doesn't imitate {request.method} {request.path}."
    return json_reply({"code": 501, "success": False, "message": message, "data": None}, status=501)


# The names are those that faults and the list of requests use.
ROUTES = (
    web.post("/api/auth/anonymous-token", accounts_api.issue_token, name="token"),
    web.post("/api/auth/claim-token", accounts_api.claim_token, name="claim_token"),
    web.get("/api/credits/balance/simple", accounts_api.credits, name="credits", allow_head=False),
    web.post("/api/tasks/me/with-session/nemo_agent", sessions_api.create, name="create_session"),
    web.get("/api/state/nemo_agent/me/{session_id}/latest", sessions_api.state, name="state", allow_head=False),
    web.post("/api/upload-video/nemo_agent/me/{session_id}", uploads_api.upload, name="upload"),
    web.post("/run_sse", messages_api.run_sse, name="run_sse"),
    web.post("/api/render/proxy/lambda", renders_api.submit, name="render_submit"),
    web.get("/api/render/proxy/lambda/{render_id}", renders_api.status, name="render_status", allow_head=False),
    web.post("/api/render/proxy/lambda/{render_id}/cancel", renders_api.cancel, name="render_cancel"),
    web.get("/api/render/proxy/{render_id}/download", files_api.download, name="download"),
    web.get("/cdn/{key}/{name}", files_api.cdn, name="cdn"),
    *control.ROUTES,
    *pages.ROUTES,
    web.route("*", "/{path:.*}", not_imitated),
)


def make_app(backend: Backend) -> web.Application:
    """The web application of one emulator. From the outside in: list, fault, error, control, handler."""
    middlewares = [recording, striking, refusals, control.guarding]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_JSON_BYTES)
    app[BACKEND] = backend
    app.add_routes(ROUTES)
    return app
