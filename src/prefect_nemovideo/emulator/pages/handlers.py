"""The addresses that people open."""

from __future__ import annotations

from aiohttp import web

from prefect_nemovideo.emulator.pages.document import page
from prefect_nemovideo.emulator.pages.markup import tag
from prefect_nemovideo.emulator.pages.workspace import workspace
from prefect_nemovideo.emulator.wire import backend_of


async def claim(request: web.Request) -> web.Response:
    """GET /workspace/claim?ct=clm_…: the project that a claim token opens, to look at."""
    backend = backend_of(request)
    claimed = backend.claims.find(request.query.get("ct", ""))
    if claimed is None:
        title = "This link opens nothing"
        said = (
            "It has expired, it is incomplete, or its project is gone. Links last 7 days. To get a new one, run "
            "“prefect-nemovideo status” with the session's name or number."
        )
        return page(title, tag("section", tag("h1", title), tag("p", said)), status=404)
    session = backend.sessions.get(claimed.session_id, claimed.user_id)
    parts = workspace(
        session,
        backend.sessions.files(session.id),
        backend.renders.of_session(session.id),
        backend.accounts.balance(claimed.user_id),
        claimed.expires_at,
    )
    return page(session.task_name, *parts)


async def register(request: web.Request) -> web.Response:
    """GET /register?bind=…: what the real site would do there."""
    whose = request.query.get("bind") or "an anonymous user"
    said = f"Here NemoVideo would register you and bind everything of {whose} to your account; the emulator doesn't."
    return page("Register", tag("section", tag("p", said)))


ROUTES = (web.get("/workspace/claim", claim), web.get("/register", register))
