"""Refusals that are no reason to stop, and sessions that are gone before anything of worth was in them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from nemo_server import NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import NemoVideoError, OutOfCredits, SessionGone, TokenRefused
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.results import VideoResult

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
Job = Callable[..., Coroutine[Any, Any, VideoResult]]


@pytest.fixture
def job(small_clip: Path, tmp_path: Path) -> Job:
    """The same job each time it is called."""

    async def run(**wishes: Any) -> VideoResult:
        output = OutputSpec(resolution="720p")
        return await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=output, **wishes)

    return run


@pytest.mark.parametrize(
    "trouble",
    [
        {"action": "status", "status": 403, "code": 403},
        {"action": "status", "status": 404, "code": 404},
        {"action": "status", "status": 402, "code": 402},
        {"action": "status", "status": 503, "code": 503},
        {"action": "envelope_error", "code": 1002},
        {"action": "envelope_error", "code": 4003},
        {"action": "reset_after"},
        {"action": "retry_after", "seconds": 0},
    ],
    ids=str,
)
async def test_a_balance_that_is_not_told_stops_no_job(nemo: Nemo, job: Job, trouble: dict[str, Any]) -> None:
    """What may be spent is checked where somebody has said how much that is; the service says itself when none is left.

    The result says that its price is not known.
    """
    service = nemo(instant_renders=True)
    service.fault("credits", **trouble)
    result = await job()
    assert (result.edits[0].outcome, result.credits_spent) == ("applied", None)
    assert service.charged() == 50


@pytest.mark.parametrize(("code", "error"), [(1001, TokenRefused), (2001, OutOfCredits)])
async def test_a_balance_that_says_no_stops_the_job(
    nemo: Nemo, job: Job, code: int, error: type[NemoVideoError]
) -> None:
    service = nemo(instant_renders=True)
    service.fault("credits", "envelope_error", code=code)
    with pytest.raises(error, match="Nothing was charged"):
        await job()
    assert service.writes() == ["create_session"]


async def test_a_budget_needs_a_balance(nemo: Nemo, job: Job) -> None:
    service = nemo(instant_renders=True)
    service.fault("credits", "status", status=403, code=403)
    with pytest.raises(NemoVideoError, match="refused the request for the credits with HTTP 403"):
        await job(max_credits=50)
    assert service.writes() == ["create_session"]


@pytest.mark.parametrize(("times", "sessions"), [(1, 1), (2, 2)])
async def test_a_session_that_goes_before_anything_was_edited_is_opened_anew(
    nemo: Nemo, job: Job, times: int, sessions: int
) -> None:
    """In the middle of the run too: an upload is lost with it, which costs nothing. If it is there at a second look,
    that was a slip, and the job goes on in it.
    """
    service = nemo(instant_renders=True)
    service.fault("state", "envelope_error", code=1002, after=1, times=times)
    result = await job()
    assert result.edits[0].outcome == "applied"
    assert service.writes() == [*["create_session", "upload"] * sessions, "run_sse", "render_submit"]
    assert service.charged() == 50


@pytest.mark.parametrize("endpoint", ["create_session", "upload"])
async def test_a_service_that_knows_none_of_its_sessions_has_lost_nothing(nemo: Nemo, job: Job, endpoint: str) -> None:
    """Neither an upload nor a restart is spoken of: there was nothing."""
    service = nemo(instant_renders=True)
    service.fault(endpoint, "envelope_error", code=1002)
    with pytest.raises(SessionGone, match="Nothing had been edited in it") as gone:
        await job()
    assert gone.value.message.endswith("Nothing was charged.")
    assert "--restart" not in gone.value.next_step
    assert service.charged() == 0
