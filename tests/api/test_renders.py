"""Exports: started once under one id, followed in both dialects, found again, cancelled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec, RenderState
from prefect_nemovideo.api.errors import (
    DeadlinePassed,
    PlanRefused,
    RequestRefused,
    Unreachable,
)

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


@pytest.mark.conformance("export-request", "poll-render", "download-url")
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


async def test_a_second_export_of_a_session_waits_for_the_first(ready: Callable[..., Any]) -> None:
    """One at a time."""
    backend, nemo, submit = await ready(render_seconds=0.5)
    await submit()
    assert (await submit("render_2")).render_id == "render_2"

    assert renders(backend)["render_1"] == "completed"
    assert (await nemo.renders.wait("render_2")).is_completed


async def test_a_first_export_that_does_not_end_is_told_when_the_time_allowed_is_over(
    ready: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    """In the service's words, which name it."""
    backend, nemo, submit = await ready(render_seconds=30)
    await submit()
    hasty = connect(backend.url, timing={"sleep": asyncio.sleep}, nemo_render_timeout_seconds=0.3)
    with pytest.raises(DeadlinePassed, match=r"being exported already, as render_1.*was not submitted") as caught:
        await submit("render_2", by=hasty)
    assert "Run the same command again" in caught.value.next_step
    assert list(renders(backend)) == ["render_1"]
    await nemo.renders.cancel("render_1")


@pytest.mark.parametrize(
    ("status", "code", "message", "waits_for_it"),
    [
        (409, 409, "", True),
        (200, 409, "Conflict", True),
        (400, 4000, "Another render is in progress.", True),
        (200, 5003, "One export at a time per session.", True),
        (409, 4090, "A render with the id render_1 was made before.", False),
        (403, 403, "Not yours.", False),
    ],
)
async def test_which_refusal_means_that_another_export_is_at_work(
    ready: Callable[..., Any], status: int, code: int, message: str, waits_for_it: bool
) -> None:
    backend, _, submit = await ready()
    backend.fault("render_submit", "envelope_error", status=status, code=code, message=message, times=3)
    if waits_for_it:
        await submit()
    else:
        with pytest.raises(RequestRefused):
            await submit()

    assert list(renders(backend)) == (["render_1"] if waits_for_it else [])


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


@pytest.mark.parametrize("status", [400, 422])
async def test_a_service_that_knows_no_size_is_asked_without_one(ready: Callable[..., Any], status: int) -> None:
    """Size and frame rate are documented as "if supported": an edit that was paid is not lost for them."""
    backend, nemo, submit = await ready(render_seconds=0.0)
    backend.fault(endpoint="render_submit", action="status", status=status, times=1)
    started = await submit()
    first, second = backend.requests("render_submit")

    assert started.render_id == "render_1"
    assert first["body"]["output"] == {"format": "mp4", "quality": "high", "resolution": "720p"}
    assert second["body"]["output"] == {"format": "mp4", "quality": "high"}
    assert (await nemo.renders.wait("render_1")).is_completed


async def test_a_service_that_chooses_its_own_id_is_asked_by_that_one(
    scripted: Callable[..., Any], connect: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    async def answer(request: Any, writer: asyncio.StreamWriter) -> None:
        ended = request.target.endswith("/own_7")
        known = ended or request.method == "POST"
        body = {"success": True, "data": {"id": "own_7", "status": "completed" if ended else "pending"}}
        writer.write(reply(200 if known else 404, json.dumps(body).encode(), content_type="application/json"))

    here = await scripted(answer)
    nemo = connect(here.url)
    started = await nemo.renders.submit("render_1", "7", {"t": []}, SMALL)
    assert started.render_id == "own_7"
    assert (await nemo.renders.wait(started.render_id)).is_completed
