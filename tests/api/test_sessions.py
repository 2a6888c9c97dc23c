"""Sessions: opened in every dialect, read, linked to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import SessionGone, UnexpectedReply
from prefect_nemovideo.api.models import Session


@pytest.mark.conformance("create-session")
@pytest.mark.parametrize("session_id_top_level", [True, False])
async def test_a_session_is_opened_wherever_the_reply_has_its_id(
    emulate: Callable[..., Any], connect: Callable[..., Any], session_id_top_level: bool
) -> None:
    nemo = connect(emulate(session_id_top_level=session_id_top_level).url)
    session = await nemo.sessions.create()
    state = await nemo.sessions.state(session.session_id)

    assert state.session_id == session.session_id
    assert state.task_id == session.task_id


async def test_an_id_that_is_a_long_number_keeps_every_digit(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(reply(body=b'{"code":0,"data":{"session_id":1234567890123456789012,"task_id":"t"}}'))

    session = await connect((await scripted(answer)).url).sessions.create()
    assert session.session_id == "1234567890123456789012"


@pytest.mark.conformance("state-call")
async def test_the_state_tells_what_was_uploaded(
    emulate: Callable[..., Any], connect: Callable[..., Any], begin: Callable[..., Any], sample_clip: Path
) -> None:
    nemo = connect(emulate().url)
    [file] = (await nemo.sessions.state(await begin(nemo))).files

    assert (file.filename, file.size, file.width) == ("sample.mp4", sample_clip.stat().st_size, 640)


@pytest.mark.conformance("code-1002")
@pytest.mark.parametrize("error_style", ["http", "envelope"])
async def test_a_session_that_is_gone_is_told_with_what_went_with_it(
    emulate: Callable[..., Any], connect: Callable[..., Any], error_style: str
) -> None:
    nemo = connect(emulate(error_style=error_style).url)
    with pytest.raises(SessionGone, match="its uploads and timeline with it") as caught:
        await nemo.sessions.state("12345")

    assert "--restart" in caught.value.next_step


async def test_a_project_opens_in_a_browser_by_a_link_without_a_token(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    nemo = connect(emulate().url, nemo_web_url="https://web.example/")
    link = await nemo.sessions.claim(await nemo.sessions.create())

    assert link.startswith("https://web.example/workspace/claim?ct=clm_")
    assert "nmv_" not in link
    assert await nemo.sessions.claim(Session(session_id="1")) is None


@pytest.mark.conformance("credits-call")
async def test_the_balance_tells_what_is_free_and_what_is_held(
    emulate: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    balance = await connect(emulate(token_credits=70).url).credits.balance()

    assert (balance.available, balance.frozen, balance.owned) == (70, 0, 70)


@pytest.mark.parametrize("told", ["NaN", "Infinity", '"many"', "null"])
async def test_a_balance_that_is_no_number_is_no_balance(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], told: str
) -> None:
    """Nothing is reckoned with it."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(reply(body=f'{{"code": 0, "data": {{"available": {told}}}}}'.encode()))

    with pytest.raises(UnexpectedReply, match="with an unexpected `available`"):
        await connect((await scripted(answer)).url).credits.balance()
