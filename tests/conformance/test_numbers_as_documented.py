"""The addresses, headers and times that the documentation names are the ones that users have by default."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from prefect_nemovideo.api import NemoVideo, RenderState, Settings
from prefect_nemovideo.api.errors import NemoVideoError
from prefect_nemovideo.api.models import SessionState
from prefect_nemovideo.api.numbers import MAX_UPLOAD_BYTES
from prefect_nemovideo.api.waiting import states

SLOWEST_DOCUMENTED_RENDER_SECONDS = 90


@pytest.mark.conformance("api-base", "fifteen-minutes", "heartbeats", "still-working", "code-429", "max-500mb")
def test_the_defaults_are_the_documented_numbers() -> None:
    """Nothing needs to be set for the documented address and times."""
    settings = Settings()
    assert settings.api_url == "https://mega-api-prod.nemovideo.ai"
    assert settings.nemo_edit_timeout_seconds == 15 * 60
    assert settings.nemo_edit_idle_timeout_seconds == 10 * 60
    assert settings.nemo_still_working_seconds == 2 * 60
    assert settings.nemo_rate_limit_wait_seconds == 30
    assert MAX_UPLOAD_BYTES == 500 * 1024 * 1024


@pytest.mark.conformance("send-message")
async def test_a_message_asks_for_a_stream_of_events() -> None:
    """`Accept: text/event-stream`, with the token, in one POST."""
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        heads.append(head)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = Settings(nemo_api_url=address, nemo_recovery_delays_seconds="0")

    async def no_wait(seconds: float) -> None:
        await asyncio.sleep(0)

    async with server, NemoVideo("nmv_usr_x", settings=settings, sleep=no_wait) as nemo:
        before = SessionState(state={})
        with suppress(NemoVideoError):
            await nemo.edits.apply("1", "mute it", before=before)
    message = next(head for head in heads if head.startswith("post /run_sse"))
    assert "\r\naccept: text/event-stream\r\n" in message
    assert "\r\nauthorization: bearer nmv_usr_x\r\n" in message
    assert "\r\ncontent-type: application/json\r\n" in message
    assert sum(head.startswith("post") for head in heads) == 1


@pytest.mark.conformance("render-time", "poll-render")
async def test_the_slowest_documented_render_is_waited_for() -> None:
    """90 s, by a clock that only waiting moves: asked at once, then every few seconds, never more than 30 apart."""
    waits: list[float] = []

    async def look() -> RenderState:
        is_over = sum(waits) >= SLOWEST_DOCUMENTED_RENDER_SECONDS
        return RenderState(render_id="render_1", status="completed" if is_over else "processing")

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    settings = Settings()
    seen = [
        state
        async for state in states(
            look,
            deadline_seconds=settings.nemo_render_timeout_seconds,
            shortest_seconds=settings.nemo_poll_interval_seconds,
            longest_seconds=settings.nemo_poll_max_interval_seconds,
            forgive=lambda error, waited: False,
            clock=lambda: sum(waits),
            sleep=wait,
        )
    ]
    assert seen[-1].is_completed
    assert max(waits) <= 30
    assert settings.nemo_render_timeout_seconds >= SLOWEST_DOCUMENTED_RENDER_SECONDS
