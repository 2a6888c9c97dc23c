"""Where a render stands: read in every form, waited for through trouble, on simulated time."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api import RenderState
from prefect_nemovideo.api.errors import (
    NotFound,
    TokenRefused,
    UnexpectedReply,
)
from prefect_nemovideo.api.numbers import NEW_RENDER_GRACE_SECONDS, UNEXPECTED_REPLIES
from prefect_nemovideo.api.renders import read_state


@pytest.fixture
def told(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], waits: Any
) -> Callable[..., Any]:
    """A client, on simulated time, of a server that tells these states one after the other, then the last again."""

    async def start(*documents: dict[str, Any] | int, **settings: Any) -> Any:
        left = list(documents)

        async def answer(request: Any, writer: Any) -> None:
            document = left.pop(0) if len(left) > 1 else left[0]
            body = b"" if isinstance(document, int) else json.dumps(document).encode()
            writer.write(reply(document if isinstance(document, int) else 200, body))

        server = await scripted(answer)
        return connect(server.url, timing={"sleep": waits, "clock": waits.clock}, **settings), server

    return start


@pytest.mark.parametrize(
    ("document", "state"),
    [
        (
            {"taskId": "t", "status": "completed", "progress": 100, "output": {"url": "u", "duration": 9.5, "size": 7}},
            RenderState(render_id="r", status="completed", progress=100, url="u", duration=9.5, size=7),
        ),
        (
            {"id": "r", "status": "COMPLETED", "progress": "100", "outputUrl": "u", "createdAt": 1, "completedAt": 2},
            RenderState(render_id="r", status="completed", progress=100, url="u"),
        ),
        ({"status": "processing", "output": None}, RenderState(render_id="r", status="processing")),
        ({"status": "failed", "error": "bad"}, RenderState(render_id="r", status="failed", error="bad")),
        (
            {"status": "failed", "error": {"message": "bad"}},
            RenderState(render_id="r", status="failed", error="bad"),
        ),
        (
            {"status": "completed", "output": {"url": "", "size": "12.5 MB", "duration": {}}, "progress": True},
            RenderState(render_id="r", status="completed"),
        ),
    ],
)
def test_every_form_of_a_status_is_read(document: dict[str, Any], state: RenderState) -> None:
    assert read_state(document, "the status", "r") == state


@pytest.mark.parametrize("document", [{}, {"status": None}, {"status": ""}, {"status": 3}])
def test_a_status_without_status_is_named(document: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedReply, match="the status with HTTP 200, but without `status`") as caught:
        read_state(document, "the status", "r")

    assert caught.value.next_step


@pytest.mark.parametrize(
    ("status", "completed", "failed", "cancelled"),
    [
        ("completed", True, False, False),
        ("failed", False, True, False),
        ("cancelled", False, True, True),
        ("canceled", False, True, True),
        ("pending", False, False, False),
        ("processing", False, False, False),
        ("hibernating", False, False, False),
    ],
)
def test_a_state_knows_what_it_is(status: str, completed: bool, failed: bool, cancelled: bool) -> None:
    state = RenderState(render_id="r", status=status)

    assert (state.is_completed, state.is_failed, state.is_cancelled) == (completed, failed, cancelled)
    assert state.is_terminal is (completed or failed)
    assert state.is_known is (status != "hibernating")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
async def test_a_failed_render_is_a_state_and_no_exception(told: Callable[..., Any], status: str) -> None:
    nemo, _ = await told({"status": "processing"}, {"status": status, "error": "out of memory"})
    done = await nemo.renders.wait("r")

    assert (done.is_failed, done.error) == (True, "out of memory")


async def test_an_unknown_status_keeps_waiting_and_warns_once(
    told: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    odd = {"success": True, "data": {"id": "r", "status": "hibernating"}}
    nemo, _ = await told(odd, odd, odd, {"status": "completed", "output": {"url": "u"}})
    with caplog.at_level(logging.WARNING):
        done = await nemo.renders.wait("r")

    assert done.url == "u"
    assert [record.message for record in caplog.records if "hibernating" in record.message] == [
        "The export's status is “hibernating”, which is not documented: still waiting."
    ]


async def test_a_404_right_after_the_start_is_given_time(told: Callable[..., Any], waits: Any) -> None:
    nemo, _ = await told(404, 404, {"status": "completed"})

    assert (await nemo.renders.wait("r")).is_completed
    assert waits.clock() < NEW_RENDER_GRACE_SECONDS


async def test_a_render_that_stays_unknown_is_told_after_the_grace(told: Callable[..., Any], waits: Any) -> None:
    nemo, _ = await told(404)
    with pytest.raises(NotFound):
        await nemo.renders.wait("r")

    assert NEW_RENDER_GRACE_SECONDS <= waits.clock() < NEW_RENDER_GRACE_SECONDS * 2


async def test_a_render_that_vanishes_after_the_grace_is_told(told: Callable[..., Any]) -> None:
    nemo, _ = await told(*[{"status": "processing"}] * 20, 404)
    with pytest.raises(NotFound):
        await nemo.renders.wait("r")


async def test_passing_trouble_fails_no_good_render(told: Callable[..., Any]) -> None:
    """Outages, limits and nonsense between two looks."""
    nemo, _ = await told(
        {"status": "pending"}, *[500] * 9, *[429] * 4, *[{"data": []}] * 2, {"status": "completed", "outputUrl": "u"}
    )

    assert (await nemo.renders.wait("r")).url == "u"


async def test_nonsense_without_end_is_told_and_not_waited_for(told: Callable[..., Any]) -> None:
    """A status that never holds what the contract promises is an error that names the field, minutes before the
    deadline."""
    nemo, server = await told({"success": True, "data": {"id": "r"}})
    with pytest.raises(UnexpectedReply, match="without `status`"):
        await nemo.renders.wait("r")

    assert len(server.requests) == UNEXPECTED_REPLIES


async def test_a_refused_token_ends_the_waiting(told: Callable[..., Any]) -> None:
    nemo, _ = await told({"status": "pending"}, 401)
    with pytest.raises(TokenRefused):
        await nemo.renders.wait("r")
