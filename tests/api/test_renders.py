"""Exports: started once under one id, followed in both dialects, found again, cancelled."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec, RenderState
from prefect_nemovideo.api.errors import (
    DeadlinePassed,
    NotFound,
    PlanRefused,
    RequestRefused,
    TokenRefused,
    UnexpectedReply,
    Unreachable,
)
from prefect_nemovideo.api.numbers import NEW_RENDER_GRACE_SECONDS, UNEXPECTED_REPLIES
from prefect_nemovideo.api.renders import read_state

SMALL = OutputSpec(resolution="720p")


@pytest.fixture
def ready(resume: Callable[..., Any], connect: Callable[..., Any]) -> Callable[..., Any]:
    """An emulator, a client that really waits, a session with footage, and how to submit its draft."""

    async def start(**options: Any) -> Any:
        backend, session_id = resume(**options)
        nemo = connect(backend.url, timing={"sleep": asyncio.sleep}, nemo_poll_interval_seconds=0.05)
        draft = (await nemo.sessions.state(session_id)).draft

        async def submit(render_id: str = "render_1", by: Any = nemo) -> RenderState:
            started: RenderState = await by.renders.submit(render_id, session_id, draft, SMALL)
            return started

        return backend, nemo, submit

    return start


def renders(backend: Any) -> dict[str, str]:
    """Every render that the backend ever started, and where it stands."""
    return {render["id"]: render["status"] for render in backend.http.get("/renders").json()}


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


@pytest.mark.parametrize("render_dialect", ["seed", "envelope"])
@pytest.mark.parametrize("profile", ["video-4k", "4k-with-session"])
async def test_a_render_runs_to_its_end_in_both_dialects(
    resume: Callable[..., Any], connect: Callable[..., Any], render_dialect: str, profile: str
) -> None:
    backend, session_id = resume(render_dialect=render_dialect, render_seconds=0.2)
    nemo = connect(backend.url, profile=profile, timing={"sleep": asyncio.sleep}, nemo_poll_interval_seconds=0.05)
    draft = (await nemo.sessions.state(session_id)).draft
    started = await nemo.renders.submit("render_1", session_id, draft, SMALL)
    seen = [state async for state in nemo.renders.follow("render_1")]
    [request] = backend.requests("render_submit")

    assert started.status == "pending"
    assert seen[-1].is_completed
    assert seen[-1].progress == 100
    assert seen[-1].url is not None
    assert seen[-1].url.startswith(backend.url)
    assert {"id", "sessionId", "draft", "output"} == request["body"].keys()
    assert request["body"]["output"] == {"format": "mp4", "quality": "high", "resolution": "720p"}


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


async def test_a_passed_deadline_leaves_the_remote_render_alive(
    ready: Callable[..., Any], connect: Callable[..., Any], waits: Any
) -> None:
    """Nobody cancels it; the error says how to go on, and looking again finds it at work."""
    backend, nemo, submit = await ready(render_seconds=60)
    await submit()
    hasty = connect(backend.url, timing={"sleep": waits, "clock": waits.clock})
    with pytest.raises(DeadlinePassed, match="did not finish in the time allowed; it goes on") as caught:
        await hasty.renders.wait("render_1", timeout_seconds=20)

    assert caught.value.facts["render_id"] == "render_1"
    assert "Run the same command again" in caught.value.next_step
    assert waits.clock() == pytest.approx(20)
    assert backend.requests("render_cancel") == []
    assert not (await nemo.renders.status("render_1")).is_terminal


@pytest.mark.parametrize("error_style", ["http", "envelope"])
async def test_an_id_that_exists_is_adopted(ready: Callable[..., Any], error_style: str) -> None:
    backend, nemo, submit = await ready(error_style=error_style)
    await submit()
    await nemo.renders.wait("render_1")

    assert (await submit()).is_completed
    assert list(renders(backend)) == ["render_1"]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "reset_after"},
        {"action": "reply_status", "status": 502, "html": True},
        {"action": "truncate"},
        {"action": "malformed_json"},
    ],
    ids=["reset", "502", "truncated", "malformed"],
)
async def test_a_lost_reply_finds_the_render_that_was_started(ready: Callable[..., Any], fault: dict[str, Any]) -> None:
    backend, nemo, submit = await ready()
    backend.fault("render_submit", times=1, **fault)
    started = await submit()

    assert started.render_id == "render_1"
    assert len(backend.requests("render_submit")) == 1
    assert (await nemo.renders.wait("render_1")).is_completed


@pytest.mark.parametrize("error_style", ["http", "envelope"])
async def test_a_render_that_was_not_started_is_sent_again_under_the_same_id(
    ready: Callable[..., Any], connect: Callable[..., Any], error_style: str
) -> None:
    backend, _, submit = await ready(error_style=error_style)
    backend.fault("render_submit", "reset_before", times=1)
    await submit(by=connect(backend.url))

    assert [request["body"] and request["body"]["id"] for request in backend.requests("render_submit")][1:] == [
        "render_1"
    ]
    assert len(backend.requests("render_submit")) == 2
    assert list(renders(backend)) == ["render_1"]


async def test_a_render_that_shows_late_is_adopted_and_not_started_twice(
    ready: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """The reply is lost and the render not shown yet: sending the same id again is refused, and then it is found."""
    backend, _, submit = await ready()
    backend.fault("render_submit", "reset_after", times=1)
    backend.fault("render_status", "status", status=404, times=4)
    await submit(by=connect(backend.url))

    assert len(backend.requests("render_submit")) == 2
    assert list(renders(backend)) == ["render_1"]


async def test_a_second_export_of_a_session_is_refused_in_the_services_words(ready: Callable[..., Any]) -> None:
    """One at a time: the error names the one that is under way."""
    _, nemo, submit = await ready(render_seconds=30)
    await submit()
    with pytest.raises(RequestRefused, match="being exported already, as render_1"):
        await submit("render_2")
    await nemo.renders.cancel("render_1")


async def test_a_plan_without_export_is_told_before_anything_starts(ready: Callable[..., Any]) -> None:
    backend, _, submit = await ready(plan="free")
    with pytest.raises(PlanRefused, match="This is not a matter of credits") as caught:
        await submit()

    assert caught.value.next_step.startswith("Register or upgrade your plan to unlock export")
    assert len(backend.requests("render_submit")) == 1
    assert renders(backend) == {}


async def test_an_export_nobody_can_receive_was_not_sent(connect: Callable[..., Any], nothing_listens: str) -> None:
    with pytest.raises(Unreachable) as caught:
        await connect(nothing_listens).renders.submit("render_1", "1", {}, SMALL)

    assert not caught.value.sent


async def test_cancelling_ends_a_render_and_says_whether_it_did(ready: Callable[..., Any]) -> None:
    """True for one under way, False for one that has ended or never was."""
    backend, nemo, submit = await ready(render_seconds=30)
    await submit()
    assert await nemo.renders.cancel("render_1")
    assert (await nemo.renders.wait("render_1")).is_cancelled
    backend.options(render_seconds=0)
    await submit("render_2")
    await nemo.renders.wait("render_2")

    assert not await nemo.renders.cancel("render_2")
    assert not await nemo.renders.cancel("render_3")
    assert renders(backend) == {"render_1": "cancelled", "render_2": "completed"}
