"""What may be repeated, what may not, and what becomes of everything that a connection can do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from prefect_nemovideo.api import OutputSpec, errors
from prefect_nemovideo.api.models import Session
from prefect_nemovideo.api.transport import retry_after

GET_CALLS = ("state", "credits", "render_status")
SAFE_CALLS = (*GET_CALLS, "create_session", "claim_token", "render_cancel")


async def call(nemo: Any, endpoint: str) -> Any:
    """Calls one endpoint, of a session and a render that need not exist."""
    match endpoint:
        case "create_session":
            return await nemo.sessions.create()
        case "state":
            return await nemo.sessions.state("1")
        case "claim_token":
            return await nemo.sessions.claim(Session(session_id="1", task_id="2"))
        case "credits":
            return await nemo.credits.balance()
        case "render_submit":
            return await nemo.renders.submit("render_1", "1", {}, OutputSpec())
        case "render_status":
            return await nemo.renders.status("render_1")
        case "render_cancel":
            return await nemo.renders.cancel("render_1")
    raise AssertionError(endpoint)


@pytest.mark.conformance(
    "code-1001",
    "code-1002",
    "code-2001-registered",
    "code-4001",
    "code-4002",
    "code-402",
    "code-429",
)
@pytest.mark.parametrize("endpoint", [*SAFE_CALLS, "render_submit"])
@pytest.mark.parametrize(
    ("code", "kind", "requests"),
    [
        (1001, errors.TokenRefused, 1),
        (1002, errors.SessionGone, 1),
        (2001, errors.OutOfCredits, 1),
        (402, errors.PlanRefused, 1),
        (429, errors.RateLimited, 2),
        (500, errors.ServiceTrouble, 4),
    ],
)
@pytest.mark.parametrize("as_http", [True, False])
async def test_every_code_on_every_endpoint_has_its_error_and_its_number_of_requests(
    emulate: Callable[..., Any],
    connect: Callable[..., Any],
    waits: Any,
    endpoint: str,
    code: int,
    kind: type[errors.NemoVideoError],
    requests: int,
    as_http: bool,
) -> None:
    """As HTTP status and as a code in a 200. Refused: asked once. Limited: once more, after the wait. In trouble:
    four times, each wait twice the last; an export that may have been started is looked for, then sent once more.
    """
    backend = emulate()
    status = {1001: 401, 1002: 404, 2001: 403}.get(code, code)
    style = {"action": "status", "status": status} if as_http else {"action": "envelope_error"}
    backend.fault(endpoint, code=code, **style)
    with pytest.raises(kind) as caught:
        await call(connect(backend.url), endpoint)

    assert type(caught.value) is kind
    assert caught.value.next_step
    asked = len(backend.requests(endpoint))
    if endpoint == "render_submit" and code == 500:
        assert asked == 2
        assert len(backend.requests("render_status")) == 3
        return
    assert asked == requests
    assert waits.seconds == {1: [], 2: [30], 4: [0.5, 1, 2]}[requests]


@pytest.mark.parametrize("endpoint", SAFE_CALLS)
@pytest.mark.parametrize(
    "fault",
    [
        {"action": "reset_before"},
        {"action": "reset_after"},
        {"action": "truncate"},
        {"action": "status", "status": 502, "html": True},
        {"action": "status", "status": 200, "html": True},
        {"action": "status", "status": 200, "body": ""},
        {"action": "status", "status": 200, "body": '{"code": 0, "data": {'},
    ],
    ids=["reset_before", "reset_after", "truncate", "html_502", "html_200", "nothing", "damaged"],
)
async def test_a_safe_call_outlives_three_failures(
    emulate: Callable[..., Any], connect: Callable[..., Any], waits: Any, endpoint: str, fault: dict[str, Any]
) -> None:
    """Connections that break before, after and within the answer, and a gateway's error page."""
    backend = emulate()
    backend.fault(endpoint, times=3, **fault)
    # The answer, in the end, may be that there is no such session or render.
    with contextlib.suppress(errors.SessionGone, errors.NotFound):
        await call(connect(backend.url), endpoint)

    assert len(backend.requests(endpoint)) == 4
    assert waits.seconds == [0.5, 1, 2]


@pytest.mark.parametrize("endpoint", SAFE_CALLS)
async def test_a_reply_that_is_no_json_is_told_with_endpoint_and_status(
    emulate: Callable[..., Any], connect: Callable[..., Any], endpoint: str
) -> None:
    backend = emulate()
    backend.fault(endpoint, "status", status=200, body='{"code": 0, "data": {')
    with pytest.raises(errors.UnexpectedReply, match=r"The service answered the .* with HTTP 200 and something"):
        await call(connect(backend.url), endpoint)


@pytest.mark.parametrize(
    ("endpoint", "field"),
    [
        ("create_session", "session_id"),
        ("state", "state"),
        ("credits", "available"),
        ("claim_token", "claim_token"),
        ("render_status", "status"),
    ],
)
async def test_a_missing_field_is_named(
    emulate: Callable[..., Any], connect: Callable[..., Any], endpoint: str, field: str
) -> None:
    """With the endpoint, the HTTP status and the field; asked once."""
    backend = emulate()
    backend.fault(endpoint, "status", status=200, body={"code": 0, "message": "success", "data": {}})
    with pytest.raises(errors.UnexpectedReply, match=rf"answered the .* with HTTP 200, but without `{field}`"):
        await call(connect(backend.url), endpoint)

    assert len(backend.requests(endpoint)) == 1


@pytest.mark.parametrize("seconds", [7, 300])
async def test_retry_after_is_obeyed(
    emulate: Callable[..., Any], connect: Callable[..., Any], waits: Any, seconds: int
) -> None:
    backend = emulate()
    backend.fault("credits", "retry_after", seconds=seconds, times=1)
    await connect(backend.url).credits.balance()

    assert waits.seconds == [seconds]


async def test_a_retry_after_of_hours_is_told_instead_of_waited(
    emulate: Callable[..., Any], connect: Callable[..., Any], waits: Any
) -> None:
    backend = emulate()
    backend.fault("credits", "retry_after", seconds=7200, times=1)
    with pytest.raises(errors.RateLimited):
        await connect(backend.url).credits.balance()

    assert waits.seconds == []


async def test_a_503_with_retry_after_is_waited_for(
    emulate: Callable[..., Any], connect: Callable[..., Any], waits: Any
) -> None:
    backend = emulate()
    backend.fault("credits", "status", status=503, headers={"Retry-After": "9"}, times=1)
    await connect(backend.url).credits.balance()

    assert waits.seconds == [9]


def test_retry_after_is_read_in_both_forms_and_nonsense_is_left() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < (retry_after(httpx.Headers({"retry-after": soon})) or 0) <= 60
    assert retry_after(httpx.Headers({"retry-after": "1.5"})) == 1.5
    assert retry_after(httpx.Headers({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0
    for nonsense in (b"", b"soon", b"-1", b"\xb2", b"1e3", b"Wed, 99 Oct 2015"):
        assert retry_after(httpx.Headers([(b"retry-after", nonsense)])) is None
