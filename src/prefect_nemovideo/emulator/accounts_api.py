"""The endpoints around an account: anonymous tokens, credits, links for people."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from prefect_nemovideo.emulator.claims import CLAIM_SECONDS
from prefect_nemovideo.emulator.refusals import BAD_REQUEST, NO_CLIENT_ID, Refusal
from prefect_nemovideo.emulator.wire import backend_of, json_object, signed_in, success

CLIENT_ID_MAX_CHARACTERS = 64


async def issue_token(request: web.Request) -> web.Response:
    """POST /api/auth/anonymous-token"""
    backend, options = backend_of(request), backend_of(request).options
    client_id = request.headers.get("X-Client-Id", "").strip()
    if not client_id or len(client_id) > CLIENT_ID_MAX_CHARACTERS:
        raise Refusal(
            NO_CLIENT_ID,
            f"The header X-Client-Id is missing or longer than {CLIENT_ID_MAX_CHARACTERS} characters. Send a UUID.",
        )
    issued = backend.accounts.issue_anonymous(
        client_id,
        request.remote or "",
        credits=options.anonymous_credits,
        days=options.token_days,
        per_address=options.tokens_per_address,
    )
    expires_at = datetime.fromtimestamp(issued.expires_at, UTC).isoformat().replace("+00:00", "Z")
    return success(
        {
            "token": issued.token,
            "user_id": issued.user_id,
            "credits": issued.credits,
            "expires_at": expires_at,
        }
    )


async def credits(request: web.Request) -> web.Response:
    """GET /api/credits/balance/simple"""
    backend = backend_of(request)
    balance = backend.accounts.shown_balance(signed_in(request).user_id, backend.options.balance_lag_seconds)
    return success({"available": balance.available, "frozen": balance.frozen, "total": balance.total})


async def claim_token(request: web.Request) -> web.Response:
    """POST /api/auth/claim-token: what a link for a person ends with."""
    account = signed_in(request)
    body = await json_object(request)
    backend = backend_of(request)
    session = backend.sessions.get(str(body.get("session_id", "")), account.user_id)
    if body.get("task_id") != session.task_id:
        raise Refusal(BAD_REQUEST, "task_id is missing or not the session's. Send the one that came with it.")
    return success({"claim_token": backend.claims.issue(session), "expires_in": CLAIM_SECONDS})
