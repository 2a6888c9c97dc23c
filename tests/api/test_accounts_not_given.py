"""An anonymous account that can't be had: what is said, and what was not sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import RateLimited, TokenRefused, Unreachable

WEEK_SECONDS = 7 * 86_400


@pytest.mark.conformance("code-429")
async def test_no_second_account_in_seven_days_is_explained(
    emulate: Callable[..., Any], connect: Callable[..., Any], waits: Any
) -> None:
    """429: waited for as asked and tried once more, then told what to do; nothing else was sent."""
    backend = emulate()
    await connect(backend.url, None).credits.balance()
    (Path(os.environ["HOME"]) / ".config" / "nemovideo" / "anonymous.json").unlink()
    backend.forget()
    with pytest.raises(RateLimited, match="the service gives one a client in seven days, and ten an address") as caught:
        await connect(backend.url, None).sessions.create()

    assert "NEMO_TOKEN" in caught.value.next_step
    assert waits.seconds == [30]
    assert [request["endpoint"] for request in backend.requests()] == ["token", "token"]
    assert not caught.value.sent


async def test_a_token_that_cant_be_had_leaves_the_message_unsent(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """The trouble is the token's: the edit was not sent, and is no edit of unknown outcome."""
    backend = emulate()
    nemo = connect(backend.url, None)
    session = await nemo.sessions.create()
    before = await nemo.sessions.state(session.session_id)
    backend.http.post("/clock", json={"advance_seconds": WEEK_SECONDS + 1})
    backend.fault("token", "reset_before")
    with pytest.raises(Unreachable) as caught:
        await nemo.edits.apply(session.session_id, "mute the audio", before=before)

    assert not caught.value.sent
    assert [request["status"] for request in backend.requests("run_sse")] == [401]


async def test_a_lost_token_reply_is_asked_for_again(emulate: Callable[..., Any], connect: Callable[..., Any]) -> None:
    backend = emulate()
    backend.fault("token", "reset_before", times=2)
    await connect(backend.url, None).credits.balance()

    assert len(backend.requests("token")) == 3


async def test_a_token_whose_reply_was_lost_is_told_as_that(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """One a client in seven days: the one that was lost is the one that there was."""
    backend = emulate()
    backend.fault("token", "reset_after", times=1)
    with pytest.raises(RateLimited, match="by an answer that got lost") as caught:
        await connect(backend.url, None).credits.balance()
    assert "NEMO_CLIENT_ID to a new UUID" in caught.value.next_step


async def test_a_reply_without_a_token_is_named_and_shows_none(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """Neither the error nor what it came from holds what else was in the reply."""
    backend = emulate()
    backend.fault("token", "drop_field", field="data.token", times=1)
    backend.fault("token", "malformed_json", times=1)
    for said in (
        "the request for an anonymous account with HTTP 200, but without `token`",
        "an anonymous account by an answer that got lost",
    ):
        with pytest.raises(Exception, match=said) as caught:
            await connect(backend.url, None, nemo_client_id=said.replace(" ", "-")[:60]).credits.balance()
        chain: BaseException | None = caught.value
        while chain is not None:
            assert "nmv_anon_" not in f"{chain} {chain!r}".replace("nmv_…", "")
            chain = chain.__cause__ or chain.__context__


async def test_a_first_account_that_is_refused_is_not_called_a_token_that_was(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    backend = emulate()
    backend.fault("token", "status", status=401, code=1001)
    with pytest.raises(TokenRefused, match="refuses to give an anonymous account"):
        await connect(backend.url, None).credits.balance()
