"""Whose token goes with a call, and what happens when it is refused."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import BadInput, OutOfCredits, TokenRefused

WEEK_SECONDS = 7 * 86_400


def folder() -> Path:
    return Path(os.environ["HOME"]) / ".config" / "nemovideo"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def kept_token(url: str) -> str:
    token: str = json.loads((folder() / "anonymous.json").read_text())[url]["token"]
    return token


@pytest.mark.conformance("free-token")
async def test_an_anonymous_account_is_made_once_and_kept_for_its_owner_only(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """One token request for two clients, one after the other; files of mode 0600 in a folder of 0700."""
    backend = emulate()
    for _ in range(2):
        await connect(backend.url, None).credits.balance()
    [asked] = backend.requests("token")

    assert asked["headers"]["x-client-id"] == (folder() / "client_id").read_text().strip()
    assert asked["headers"]["authorization"] is None
    assert {mode(path) for path in folder().iterdir()} == {0o600}
    assert mode(folder()) == 0o700
    assert sorted(path.name for path in folder().iterdir()) == ["anonymous.json", "client_id", "lock"]


async def test_clients_side_by_side_ask_for_one_account(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """Six clients and twelve calls at once share one account: the service would give only one."""
    backend = emulate()
    clients = [connect(backend.url, None) for _ in range(6)]
    await asyncio.gather(*(client.credits.balance() for client in clients * 2))

    assert len(backend.requests("token")) == 1
    assert len({client.token.known_token() for client in clients}) == 1


async def test_a_configured_client_id_is_the_one_that_is_sent(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    backend = emulate()
    await connect(backend.url, None, nemo_client_id="my-client").credits.balance()

    assert backend.requests("token")[0]["headers"]["x-client-id"] == "my-client"
    assert not (folder() / "client_id").exists()


@pytest.mark.parametrize("client_id", ["x" * 65, "two words", "id\n"])
def test_a_client_id_that_the_service_would_refuse_is_refused_before(
    connect: Callable[..., Any], client_id: str
) -> None:
    with pytest.raises(BadInput, match="client id") as caught:
        connect("http://127.0.0.1:9", None, nemo_client_id=client_id)

    assert "NEMO_CLIENT_ID" in caught.value.next_step


async def test_an_account_of_one_api_is_not_used_for_another(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    first, second = emulate(), emulate()
    await connect(first.url, None).credits.balance()
    await connect(second.url, None).credits.balance()

    assert kept_token(first.url) != kept_token(second.url)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', '"text"', "\xff"])
async def test_a_damaged_file_of_accounts_is_replaced(
    emulate: Callable[..., Any], connect: Callable[..., Any], content: str
) -> None:
    backend = emulate()
    folder().mkdir(parents=True)
    (folder() / "anonymous.json").write_bytes(content.encode("latin-1"))
    await connect(backend.url, None).credits.balance()

    assert kept_token(backend.url).startswith("nmv_anon_")


def test_a_folder_that_cant_be_written_is_named(connect: Callable[..., Any]) -> None:
    folder().parent.mkdir()
    folder().write_text("a file in the way")
    with pytest.raises(BadInput, match="The anonymous account can't be kept") as caught:
        connect("http://127.0.0.1:9", None)

    assert "NEMO_TOKEN" in caught.value.next_step


@pytest.mark.conformance("code-1001")
async def test_a_refused_anonymous_token_is_renewed_once_and_the_call_repeated(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """Expired between two calls: one more token with the same client id, and the call goes through."""
    backend = emulate()
    nemo = connect(backend.url, None)
    session = await nemo.sessions.create()
    before = nemo.token.known_token()
    backend.http.post("/clock", json={"advance_seconds": WEEK_SECONDS + 1})
    await nemo.sessions.state(session.session_id)

    first, second = backend.requests("token")
    assert first["headers"]["x-client-id"] == second["headers"]["x-client-id"]
    assert [request["status"] for request in backend.requests("state")] == [401, 200]
    assert kept_token(backend.url) == nemo.token.known_token() != before


async def test_calls_refused_side_by_side_renew_the_token_once(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    backend = emulate()
    clients = [connect(backend.url, None) for _ in range(3)]
    await asyncio.gather(*(client.credits.balance() for client in clients))
    backend.http.post("/clock", json={"advance_seconds": WEEK_SECONDS + 1})
    await asyncio.gather(*(client.credits.balance() for client in clients * 2))

    assert len(backend.requests("token")) == 2


@pytest.mark.conformance("code-1001")
@pytest.mark.parametrize("code", [1001, 1010, 1011])
@pytest.mark.parametrize("style", [{"action": "envelope_error"}, {"action": "status", "status": 401}])
async def test_a_refused_configured_token_stops_with_an_error_that_says_so(
    emulate: Callable[..., Any], connect: Callable[..., Any], code: int, style: dict[str, Any]
) -> None:
    """As a code in a 200 and as HTTP 401: one request, no other account, and the variable to set."""
    backend = emulate()
    backend.fault("credits", code=code, message="Invalid token.", **style)
    with pytest.raises(TokenRefused, match=r"The token was refused.*The service says: Invalid token") as caught:
        await connect(backend.url).credits.balance()

    assert "NEMO_TOKEN" in caught.value.next_step
    assert [request["endpoint"] for request in backend.requests()] == ["credits"]


async def test_an_anonymous_token_refused_twice_ends_with_the_way_out(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """A new token is asked for once, not again and again; where there is none, the old one is tried once more."""
    backend = emulate(tokens_per_address=5)
    backend.fault("credits", "envelope_error", code=1001)
    nemo = connect(backend.url, None)
    with pytest.raises(TokenRefused, match="account's token, twice, and gives no other in seven days"):
        await nemo.credits.balance()
    assert len(backend.requests("credits")) == 2

    backend.http.post("/clock", json={"advance_seconds": WEEK_SECONDS + 1})
    backend.forget()
    with pytest.raises(TokenRefused, match="The service refused the anonymous account's token, and a new one too"):
        await nemo.credits.balance()
    assert len(backend.requests("token")) == 1
    assert len(backend.requests("credits")) == 2


async def test_an_anonymous_token_refused_by_a_slip_goes_on_being_used(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """The service has no second one for this client: the call is repeated with the one that there is."""
    backend = emulate()
    backend.fault("create_session", "status", status=401, code=1001, times=1)
    nemo = connect(backend.url, None)
    await nemo.sessions.create()

    assert [request["status"] for request in backend.requests("create_session")] == [401, 200]
    assert kept_token(backend.url) == nemo.token.known_token()


@pytest.mark.conformance("code-2001-anonymous", "code-2001-registered")
async def test_no_credits_left_names_the_way_to_more(emulate: Callable[..., Any], connect: Callable[..., Any]) -> None:
    """Anonymous: the link that registers this very account. Registered: top up."""
    backend = emulate(anonymous_credits=0, token_credits=0)
    next_steps = []
    for token in (None, "nmv_usr_test"):
        nemo = connect(backend.url, token, nemo_web_url="https://web.example")
        session = await nemo.sessions.create()
        with pytest.raises(OutOfCredits, match="The account has no credits left") as caught:
            await nemo.edits.apply(session.session_id, "mute the audio")
        next_steps.append(caught.value.next_step)
        if token is None:
            assert f"https://web.example/register?bind={nemo.token.known.user_id}" in next_steps[0]

    assert next_steps[1].startswith("Top up credits in your account")


async def test_errors_survive_pickling(emulate: Callable[..., Any], connect: Callable[..., Any]) -> None:
    """Prefect pickles them: sentence, next step and facts are still there."""
    backend = emulate()
    backend.fault("credits", "envelope_error", code=1001)
    with pytest.raises(TokenRefused) as caught:
        await connect(backend.url).credits.balance()
    again = pickle.loads(pickle.dumps(caught.value))

    assert type(again) is TokenRefused
    assert (str(again), again.next_step, again.facts) == (
        str(caught.value),
        caught.value.next_step,
        caught.value.facts,
    )


def test_accounts_are_told_apart_without_the_token(connect: Callable[..., Any]) -> None:
    """The same token has the same name, on every machine; nothing of it is in there."""
    one, same, other = (connect("http://h", token).token.account() for token in ("nmv_usr_a", "nmv_usr_a", "nmv_usr_b"))

    assert one == same != other
    assert "nmv" not in one
