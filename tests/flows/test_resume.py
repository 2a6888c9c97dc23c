"""Nothing is paid for twice: the same job again goes on where it was, whatever stopped it before."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from nemo_server import TOKEN, NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import (
    BudgetReached,
    DeadlinePassed,
    DownloadFailed,
    EditNotApplied,
    EditUnknown,
    NemoVideoError,
    NotFound,
    OutOfCredits,
    PlanRefused,
    RenderFailed,
    RequestRefused,
    TokenRefused,
)
from prefect_nemovideo.api.numbers import NEW_FILE_LOOKS_SECONDS
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.results import VideoResult

WORDS = "sharpen the details"
SMALL = OutputSpec(resolution="720p")

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
Job = Callable[..., Coroutine[Any, Any, VideoResult]]


@pytest.fixture
def job(small_clip: Path, tmp_path: Path) -> Job:
    """The same job each time it is called."""

    async def run(words: str | list[str] = WORDS, **wishes: Any) -> VideoResult:
        return await edit_video(str(small_clip), words, str(tmp_path / "out"), output=SMALL, **wishes)

    return run


async def test_a_job_that_is_done_is_not_done_again(nemo: Nemo, job: Job) -> None:
    """The same result, marked as resumed, and no request that changes anything."""
    service = nemo(instant_renders=True)
    first = await job()
    before = len(service.writes())
    again = await job()
    assert again == first.model_copy(update={"resumed": True})
    assert len(service.writes()) == before


async def test_a_job_of_other_words_is_another_job(nemo: Nemo, job: Job) -> None:
    """Its video lies beside the first one; neither replaces the other."""
    nemo(instant_renders=True)
    first, other = await job(), await job("make it brighter")
    assert first.uri != other.uri


async def test_force_makes_it_anew_beside_what_is_there(nemo: Nemo, job: Job) -> None:
    service = nemo(instant_renders=True)
    first, forced = await job(), await job(force=True)
    assert forced.uri != first.uri
    assert service.charged() == 100


async def test_force_goes_on_in_what_it_has_begun(nemo: Nemo, job: Job) -> None:
    """The same command again, `force` and all, is the same job until it has come to its end; then it is another one."""
    service = nemo(instant_renders=True)
    first = await job()
    service.fault("render_submit", "status", status=403, code=4030, message="Not now.")
    with pytest.raises(RequestRefused):
        await job(force=True)
    service.heal()
    forced = await job(force=True)
    assert (forced.resumed, service.charged()) == (True, 100)
    assert len({first.uri, forced.uri, (await job(force=True)).uri}) == 3
    assert service.charged() == 150


async def test_an_archive_that_lost_the_video_gets_it_again_without_another_edit(nemo: Nemo, job: Job) -> None:
    """The finished steps are known still: the render is fetched again, and nothing is charged."""
    service = nemo(instant_renders=True)
    first = await job()
    video = Path(urlsplit(first.uri).path)
    video.unlink()
    again = await job()
    assert (again.uri, again.sha256, again.resumed) == (first.uri, first.sha256, True)
    assert video.exists()
    assert service.charged() == 50


@pytest.mark.parametrize(
    ("endpoints", "status", "code", "error"),
    [
        (("render_submit",), 403, 4030, RequestRefused),
        (("render_status",), 401, 1001, TokenRefused),
        (("cdn", "download"), 404, 404, DownloadFailed),
    ],
)
async def test_what_failed_after_the_edit_goes_on_after_it(
    nemo: Nemo, job: Job, endpoints: tuple[str, ...], status: int, code: int, error: type[NemoVideoError]
) -> None:
    """One upload, one edit, one charge, though the job ran twice."""
    service = nemo(instant_renders=True)
    for endpoint in endpoints:
        service.fault(endpoint, "status", status=status, code=code, message="Not now.")
    with pytest.raises(error):
        await job()
    service.heal()
    result = await job()
    assert result.resumed
    assert service.charged() == 50
    assert [service.writes().count(name) for name in ("create_session", "upload", "run_sse")] == [1, 1, 1]


@pytest.mark.conformance("code-402", "export-free")
async def test_a_plan_that_may_not_export_keeps_the_edits(nemo: Nemo, job: Job) -> None:
    """402 is no matter of credits: once the plan allows it, the same job exports what was edited."""
    service = nemo(plan="free", instant_renders=True)
    with pytest.raises(PlanRefused, match="not a matter of credits"):
        await job()
    service.options(plan="pro")
    result = await job()
    assert result.credits_spent == 50 == service.charged()


@pytest.mark.conformance("orphaned-job")
async def test_a_render_that_takes_too_long_is_found_again(
    nemo: Nemo, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline is ours, not the render's: it goes on, and the same job waits for the same one."""
    service = nemo(instant_renders=True, render_seconds=2)
    monkeypatch.setenv("NEMO_RENDER_TIMEOUT_SECONDS", "0.2")
    with pytest.raises(DeadlinePassed) as passed:
        await job()
    monkeypatch.delenv("NEMO_RENDER_TIMEOUT_SECONDS")
    result = await job()
    assert result.render_id == passed.value.facts["render_id"]
    assert service.writes().count("render_submit") == 1


async def test_a_failed_render_is_tried_once_more_under_a_new_id(nemo: Nemo, job: Job) -> None:
    service = nemo(instant_renders=True, render_seconds=20)
    running = asyncio.create_task(job())
    await service.cancel_next_render()
    service.options(render_seconds=0)
    result = await running
    first, second = service.renders()
    assert (first["status"], second["status"]) == ("cancelled", "completed")
    assert second["id"] == result.render_id
    assert service.charged() == 50


async def test_an_id_that_is_taken_and_never_shown_is_given_up_by_the_next_run(nemo: Nemo, job: Job) -> None:
    """The service has it, as a reply that was lost may have said, and knows no render under it: another id is free."""
    service = nemo(instant_renders=True)
    service.fault("render_submit", "status", status=409, code=4090, message="This id exists.", times=1)
    with pytest.raises(NotFound):
        await job()
    result = await job()
    assert [render["id"] for render in service.renders()] == [result.render_id]
    assert service.writes().count("render_submit") == 2
    assert service.charged() == 50


async def test_renders_that_failed_do_not_stand_in_the_way_of_the_same_job_later(nemo: Nemo, job: Job) -> None:
    """Two failures end the job; run again it renders anew, and what was paid for is kept."""
    service = nemo(instant_renders=True, render_seconds=20)
    running = asyncio.create_task(job())
    for _ in range(2):
        await service.cancel_next_render()
    with pytest.raises(RenderFailed, match="could not be rendered, twice"):
        await running
    service.options(render_seconds=0)
    assert (await job()).status == "completed"
    assert service.charged() == 50


async def test_a_render_that_the_service_forgot_is_made_anew(nemo: Nemo, job: Job, tmp_path: Path) -> None:
    """Rendering is free: a file that can't be had any more is no reason to be stuck."""
    service = nemo(instant_renders=True)
    first = await job()
    video = Path(urlsplit(first.uri).path)
    video.unlink()
    looks = 1 + len(NEW_FILE_LOOKS_SECONDS)
    service.fault("cdn", "status", status=404, times=looks)
    service.fault("download", "status", status=404, times=looks)
    again = await job()
    assert again.render_id != first.render_id
    assert service.charged() == 50


async def test_an_edit_whose_outcome_is_unknown_is_never_sent_again(
    nemo: Nemo, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream broke and the timeline shows no change: it may come still, so it is only looked for.

    What the balance shows of it is said.
    """
    service = nemo(instant_renders=True, token_credits=500)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service.fault("run_sse", "cut_stream", applied=False, times=1)
    with pytest.raises(EditUnknown, match="The balance has not moved so far") as first:
        await job()
    assert "look once more" in first.value.next_step
    service.account(TOKEN, credits=450)
    with pytest.raises(EditUnknown, match="The balance has 50 credits less than before") as second:
        await job()
    assert re.search(r"prefect-nemovideo status \d+\. If it is not, --resend", second.value.next_step)
    assert service.writes().count("run_sse") == 1
    result = await job(resend=True)
    assert result.edits[0].outcome == "applied"
    assert service.writes().count("run_sse") == 2


async def test_an_edit_that_was_made_though_its_stream_broke_is_found(
    nemo: Nemo, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = nemo(instant_renders=True, run_survives_disconnect=True)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0.2,1")
    service.fault("run_sse", "cut_stream", applied=True, times=1)
    result = await job()
    assert result.edits[0].outcome == "applied"
    assert (service.writes().count("run_sse"), service.charged()) == (1, 50)


@pytest.mark.conformance("specific-words")
async def test_a_question_is_an_error_that_has_it_word_for_word(nemo: Nemo, job: Job) -> None:
    """What the editor asks is for the person to answer: it is neither guessed nor charged."""
    service = nemo()
    with pytest.raises(EditNotApplied, match="asks something") as asked:
        await job("add a title")
    assert asked.value.facts["question"] in str(asked.value)
    assert "?" in str(asked.value)
    assert service.charged() == 0


async def test_what_the_editor_cannot_do_is_an_error_that_says_so(nemo: Nemo, job: Job) -> None:
    service = nemo()
    with pytest.raises(EditNotApplied) as refused:
        await job("generate a new clip of a dragon")
    assert refused.value.facts["outcome"] == "refused"
    assert service.charged() == 0


async def test_credits_that_end_midway_keep_what_was_paid_for(nemo: Nemo, job: Job) -> None:
    """The first edit is made and paid, the second is not; topped up, only the second is sent."""
    service = nemo(token_credits=50, instant_renders=True)
    words = [WORDS, "make it brighter"]
    with pytest.raises(OutOfCredits) as out:
        await job(words)
    assert out.value.facts["credits_spent"] == 50
    service.account(TOKEN, credits=50)
    result = await job(words)
    assert result.credits_spent == 100
    assert service.charged() == 100


async def test_nothing_is_started_that_would_cost_more_than_allowed(nemo: Nemo, job: Job) -> None:
    service = nemo()
    with pytest.raises(BudgetReached, match="2 edits cost about 100 credits, and at most 99 may be spent"):
        await job([WORDS, "make it brighter"], max_credits=99)
    assert "upload" not in service.writes()


async def test_an_answered_question_is_no_instruction_that_was_paid(nemo: Nemo, job: Job) -> None:
    """Two messages were sent for the first instruction: the second one is still to be paid, and counted."""
    service = nemo(token_credits=50, instant_renders=True)
    wishes: dict[str, Any] = {"words": ["add a title", "make it brighter"], "answers": ["add a title saying Paradise"]}
    with pytest.raises(OutOfCredits):
        await job(**wishes)
    service.account(TOKEN, credits=50)
    with pytest.raises(BudgetReached, match="1 edit costs about 50 credits, and at most 49 may"):
        await job(**wishes, max_credits=49)
    assert (await job(**wishes, max_credits=50)).credits_spent == 100


async def test_the_manifest_alone_is_no_proof_of_delivery(nemo: Nemo, job: Job) -> None:
    """A video that was replaced by another of the same name is not taken for the one that was delivered."""
    nemo(instant_renders=True)
    first = await job()
    video = Path(urlsplit(first.uri).path)
    video.write_bytes(video.read_bytes()[:-1] + b"?")
    with pytest.raises(Exception, match="already holds something else"):
        await job()
    assert json.loads(video.with_suffix(".manifest.json").read_text())["sha256"] == first.sha256
