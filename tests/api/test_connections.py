"""What becomes of everything that a connection can do, and what goes along on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from prefect_nemovideo.api import errors
from prefect_nemovideo.api.models import SessionState
from prefect_nemovideo.api.transport import NOT_SENT, mapped, ssl_context


async def test_an_address_where_nobody_listens_is_unreachable_and_nothing_was_sent(
    connect: Callable[..., Any], nothing_listens: str, waits: Any
) -> None:
    with pytest.raises(
        errors.Unreachable, match=r"The service at http://127\.0\.0\.1:\d+ could not be reached: nobody answers there"
    ) as caught:
        await connect(nothing_listens).credits.balance()

    assert not caught.value.sent
    assert "Nothing was sent" in caught.value.next_step
    assert waits.seconds == [0.5, 1, 2]


async def test_a_message_that_never_left_is_sent_again_then_given_up_unsent(
    connect: Callable[..., Any], nothing_listens: str, waits: Any
) -> None:
    """Refused connections are no unknown outcome: they may be tried again, and the error says that nothing left."""
    before = SessionState(state={"draft": None})
    with pytest.raises(errors.Unreachable) as caught:
        await connect(nothing_listens).edits.apply("1", "mute it", before=before)

    assert not caught.value.sent
    assert waits.seconds == [0.5, 1, 2]


def test_every_exception_of_httpx_is_mapped() -> None:
    """After httpx's own test: whatever its module defines leaves as Unreachable, which says whether it was sent."""
    kinds = [
        kind
        for kind in vars(httpx).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == "httpx"
    ]
    assert len(kinds) > 20
    for kind in kinds:
        error = kind.__new__(kind)
        Exception.__init__(error, "words of a machine")
        vars(error)["response"] = httpx.Response(418)
        with (
            pytest.raises(errors.Unreachable, match=r"^The .*(the thing|there)\b") as caught,
            mapped("the thing", "there"),
        ):
            raise error
        assert caught.value.sent is not issubclass(kind, NOT_SENT)
        assert caught.value.__cause__ is error


async def test_a_redirect_to_another_host_never_carries_the_token(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    """A read may be led elsewhere; the Authorization header stays behind."""

    async def elsewhere(request: Any, writer: Any) -> None:
        writer.write(reply(body=b'{"code":0,"data":{"available":7}}'))

    other = await scripted(elsewhere)

    async def redirect(request: Any, writer: Any) -> None:
        writer.write(reply(307, location=f"{other.url}/credits"))

    first = await scripted(redirect)
    balance = await connect(first.url).credits.balance()

    assert balance.available == 7
    assert first.requests[0].headers["authorization"] == "Bearer nmv_usr_test"
    assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize(("status", "code"), [(401, 401), (200, 1001), (401, 1010)])
async def test_what_another_host_says_of_the_token_is_not_said_by_the_service(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], status: int, code: int
) -> None:
    """It got none. The token may be as good as ever, and is not renewed."""

    async def elsewhere(request: Any, writer: Any) -> None:
        writer.write(reply(status, body=json.dumps({"code": code, "message": "No token."}).encode()))

    other = await scripted(elsewhere)

    async def redirect(request: Any, writer: Any) -> None:
        writer.write(reply(302, location=f"{other.url}/credits"))

    first = await scripted(redirect)
    with pytest.raises(errors.UnexpectedReply, match="led the request for the credits to another address") as caught:
        await connect(first.url).credits.balance()
    assert "NEMO_API_URL" in caught.value.next_step
    assert len(first.requests) == 1


async def test_a_write_is_not_redirected(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    async def redirect(request: Any, writer: Any) -> None:
        writer.write(reply(308, location="http://127.0.0.1:9/elsewhere"))

    with pytest.raises(errors.UnexpectedReply, match="HTTP 308, a redirect that is not followed"):
        await connect((await scripted(redirect)).url).sessions.create()


async def test_a_reply_without_end_is_not_read_into_memory(
    connect: Callable[..., Any], scripted: Callable[..., Any]
) -> None:
    """More than 32 MiB of JSON is refused, and not asked for again."""

    async def flood(request: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
        while True:
            writer.write(b" " * (1 << 20))
            await writer.drain()

    server = await scripted(flood)
    with pytest.raises(errors.UnexpectedReply, match="the credits with HTTP 200 and more than 32 MiB"):
        await connect(server.url).credits.balance()

    assert len(server.requests) == 1


async def test_ids_stay_within_their_place_in_the_path(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    """An id with slashes and question marks leads to no other endpoint."""

    async def nothing(request: Any, writer: Any) -> None:
        writer.write(reply(404))

    server = await scripted(nothing)
    nemo = connect(server.url)
    for read in (nemo.sessions.state("1/../../x?y=#"), nemo.renders.status("r/cancel?")):
        with pytest.raises(errors.NotFound):
            await read
    assert not await nemo.renders.cancel("a/b")

    assert [request.target for request in server.requests] == [
        "/api/state/nemo_agent/me/1%2F..%2F..%2Fx%3Fy%3D%23/latest",
        "/api/render/proxy/lambda/r%2Fcancel%3F",
        "/api/render/proxy/lambda/a%2Fb/cancel",
    ]


async def test_a_message_goes_on_a_connection_of_its_own(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    """One that was kept from an earlier call may be gone at the other end, which would hide the outcome."""

    async def answer(request: Any, writer: Any) -> None:
        if request.target == "/run_sse":
            writer.write(reply(body=b'data: {"type":"text","content":"Done."}\n\n', content_type="text/event-stream"))
        else:
            writer.write(reply(body=b'{"code":0,"data":{"state":{"draft":null}}}'))

    server = await scripted(answer)
    await connect(server.url).edits.apply("1", "mute it")

    states = [request for request in server.requests if request.method == "GET"]
    [message] = [request for request in server.requests if request.method == "POST"]
    assert message.connection not in {request.connection for request in states}
    assert message.headers["connection"] == "close"


async def test_calls_side_by_side_wait_for_each_other_only_on_the_wire(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """Twenty calls at once on one client all come back."""
    nemo = connect(emulate().url)
    balances = await asyncio.gather(*(nemo.credits.balance() for _ in range(20)))

    assert {balance.available for balance in balances} == {10_000}


def test_clients_share_one_tls_context() -> None:
    """Making one costs more than everything else about a client: a thousand jobs pay for it once."""
    assert ssl_context() is ssl_context()


async def test_a_token_that_a_service_repeats_is_taken_out_of_its_reply(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., bytes],
    stream: Callable[..., bytes],
) -> None:
    """Whatever it looks like: replies are shown, kept as results and archived."""
    token = "an-odd-key-0123456789"

    async def answer(request: Any, writer: Any) -> None:
        if request.method == "POST":
            writer.write(stream({"type": "text", "content": f"Already so for {token}."}))
        else:
            state = {"draft": {"t": [{"tt": 7, "sg": [{"d": 1000, "m": {"text": token}}]}]}}
            writer.write(reply(body=json.dumps({"code": 0, "data": {"state": state}}).encode()))

    nemo = connect((await scripted(answer)).url, token)
    result = await nemo.edits.apply("1", "mute it")

    assert result.reply == "Already so for …."
    assert token not in (await nemo.sessions.state("1")).model_dump_json()
