"""What may pass for an edit and is none, and what says that nothing was done and was wrong: nothing is paid twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import RequestRefused

RECOVERY = [30, 60, 60, 60, 60]
EMPTY: dict[str, Any] = {"draft": None, "video_infos": []}
CLIP = {"d": 3000, "m": {"title": "clip.mp4", "volume": 100}}


def footage(**others: Any) -> dict[str, Any]:
    return {"draft": {"t": [{"tt": 0, "sg": [CLIP]}]}, "video_infos": [{"filename": "clip.mp4"}], **others}


def arriving(look: int, sent: bool) -> dict[str, Any]:
    """Footage that the session shows only after the message."""
    return footage() if look >= 5 else EMPTY


LOST = b""
BROKEN = {"type": "error", "message": "There is no clip."}


async def test_footage_that_arrives_late_is_no_edit(serving: Callable[..., Any], waits: Any) -> None:
    """The message may never have arrived: nothing was charged, and nothing but the footage has come."""
    nemo, service = await serving(arriving, LOST)
    result = await nemo.edits.apply("1", "sharpen it")

    assert (result.outcome, result.changes) == ("unknown", [])
    assert waits.seconds == RECOVERY
    assert service.messages == 1


async def test_footage_that_arrives_while_the_agent_breaks_down_is_no_edit(serving: Callable[..., Any]) -> None:
    nemo, _ = await serving(arriving, BROKEN)

    assert (await nemo.edits.apply("1", "sharpen it")).outcome == "failed"


@pytest.mark.parametrize("charged", [0.0, 50.0])
async def test_footage_with_what_was_paid_or_made_is_an_edit(serving: Callable[..., Any], charged: float) -> None:
    """A charge proves that the message arrived; so does what only an agent makes."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        made = {} if charged else {"generated_media": [{"id": "g", "title": "sunset", "status": "completed"}]}
        return footage(**made) if look >= 5 else EMPTY

    nemo, _ = await serving(state, LOST, spent=lambda asked: 0 if asked == 1 else charged)

    assert (await nemo.edits.apply("1", "sharpen it")).outcome == "applied"


async def test_footage_that_was_listed_and_comes_onto_the_timeline_is_an_edit(serving: Callable[..., Any]) -> None:
    """Some services put nothing there before the first instruction."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        return footage() if look >= 5 else {**footage(), "draft": None}

    nemo, _ = await serving(state, LOST)

    assert (await nemo.edits.apply("1", "use it")).outcome == "applied"


async def test_a_title_on_an_empty_timeline_is_an_edit(serving: Callable[..., Any]) -> None:
    def state(look: int, sent: bool) -> dict[str, Any]:
        title = {"draft": {"t": [{"tt": 7, "sg": [{"d": 3000, "m": {"text": "Paradise"}}]}]}}
        return title if look >= 5 else EMPTY

    nemo, _ = await serving(state, LOST)

    assert (await nemo.edits.apply("1", "add a title")).outcome == "applied"


async def test_an_agent_that_broke_down_after_it_was_paid_is_not_asked_again(
    serving: Callable[..., Any], waits: Any
) -> None:
    """The charge speaks for an edit to come; sent again it would be paid twice."""
    nemo, _ = await serving(lambda look, sent: footage(), BROKEN, spent=lambda asked: 0 if asked == 1 else 50)
    result = await nemo.edits.apply("1", "sharpen it")

    assert result.outcome == "unknown"
    assert result.warnings == [
        "The edit was charged, and the timeline does not show it. The editor reported an error: There is no clip."
    ]
    assert waits.seconds == [0, 2, 4, 8, 16, *RECOVERY]


def refused(status: int) -> bytes:
    body = json.dumps({"code": 409, "message": "a run is already in progress"}).encode()
    head = f"HTTP/1.1 {status} Busy\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("status", [200, 409, 423])
async def test_a_session_that_is_at_work_may_be_at_this_very_edit(
    serving: Callable[..., Any], waits: Any, status: int
) -> None:
    """A gateway has sent the message twice: the second is refused because of the first."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        sharper = {**CLIP, "m": {**CLIP["m"], "sharpen": 0.4}}
        return {"draft": {"t": [{"tt": 0, "sg": [sharper if look >= 5 else CLIP]}]}}

    nemo, service = await serving(state, refused(status), spent=lambda asked: 0 if asked == 1 else 50)

    assert (await nemo.edits.apply("1", "sharpen it")).outcome == "applied"
    assert service.messages == 1


@pytest.mark.parametrize("status", [200, 409, 423])
async def test_a_session_that_is_at_work_for_others_has_refused(
    serving: Callable[..., Any], waits: Any, status: int
) -> None:
    """Nothing came of it for as long as documented, and nothing was charged: it may be sent later."""
    nemo, _ = await serving(lambda look, sent: footage(), refused(status))
    with pytest.raises(RequestRefused, match="a run is already in progress"):
        await nemo.edits.apply("1", "sharpen it")
    assert waits.seconds == RECOVERY


@pytest.mark.parametrize("status", [200, 409, 423])
async def test_a_session_that_is_at_work_and_charges_is_waited_for(
    serving: Callable[..., Any], waits: Any, status: int
) -> None:
    nemo, _ = await serving(lambda look, sent: footage(), refused(status), spent=lambda asked: 0 if asked == 1 else 50)

    assert (await nemo.edits.apply("1", "sharpen it")).outcome == "unknown"
    assert waits.seconds == RECOVERY


async def test_a_render_whose_id_is_taken_is_there_though_it_is_not_shown_yet(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], waits: Any
) -> None:
    """Nobody else has chosen this id: the reply was lost, and the look comes too early."""
    asked = 0

    async def answer(request: Any, writer: Any) -> None:
        nonlocal asked
        if request.method == "POST":
            asked += 1
            if asked == 1:
                writer.close()
            else:
                writer.write(reply(409, b'{"code": 409, "msg": "duplicate render id"}'))
        else:
            is_shown = waits.clock() > 35
            writer.write(reply(body=b'{"status": "completed"}') if is_shown else reply(404, b""))

    nemo = connect((await scripted(answer)).url, timing={"sleep": waits, "clock": waits.clock})
    submitted = await nemo.renders.submit("render_1", "1", {}, OutputSpec())

    assert (submitted.render_id, submitted.is_terminal) == ("render_1", False)
    assert (await nemo.renders.wait("render_1")).is_completed
