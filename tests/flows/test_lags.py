"""A service that shows late what it did: nothing passes for what it is not, and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nemo_server import NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.edits import EditResult
from prefect_nemovideo.api.errors import EditUnknown, NotAsRequested, UploadedTwice
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.flows.editing import Story
from prefect_nemovideo.tasks.edits import EditDone

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
SMALL = OutputSpec(resolution="720p")
LONG = 600
"""Seconds: longer than anybody looks for what the service shows late."""


def meanwhile(work: Callable[[], None]) -> None:
    """Does this beside the test; a test that fails does not wait for it."""
    threading.Thread(target=work, daemon=True).start()


def lag_from_the_edit_on(service: NemoServer, edit: int = 1) -> None:
    """Neither the timeline nor the balance shows what the edit does that is being made, the so-manieth."""
    service.is_asked("run_sse", edit)
    service.advance(2 * LONG)
    service.options(state_lag_seconds=LONG, balance_lag_seconds=LONG)


async def test_an_upload_that_shows_late_is_not_taken_for_a_lost_edit(
    nemo: Nemo, small_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edit was never carried out: what comes into sight meanwhile is the video itself."""
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "1,1,1")
    service = nemo(instant_renders=True, state_lag_seconds=2)
    service.fault("run_sse", "cut_stream", after_events=0, applied=False)
    with pytest.raises(EditUnknown, match="No change was seen on the timeline"):
        await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)

    assert service.writes() == ["create_session", "upload", "run_sse"]
    assert service.charged() == 0


async def test_edits_that_show_late_are_seen_each_by_itself(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """And what is rendered has them both."""
    service = nemo(instant_renders=True, state_lag_seconds=2.5, token_credits=100)
    result = await edit_video(
        str(small_clip), ["sharpen the details", 'add a title "Hi"'], str(tmp_path / "out"), output=SMALL
    )

    assert [edit.outcome for edit in result.edits] == ["applied", "applied"]
    assert result.edits[1].changes == ['Title added: "Hi", 0–1 s']
    assert (result.as_requested, result.credits_spent, result.warnings) == (True, 100, [])
    assert 'Title: "Hi"' in result.timeline
    assert service.writes() == ["create_session", "upload", "run_sse", "run_sse", "render_submit"]


async def test_a_charge_that_shows_late_is_in_the_result(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """Until the render has ended, most are."""
    service = nemo(instant_renders=True, render_seconds=3, balance_lag_seconds=2)
    result = await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)

    assert result.credits_spent == service.charged() == 50


async def test_an_edit_that_came_into_sight_is_not_sent_again_though_that_is_asked_for(
    nemo: Nemo, small_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carried out, its answer lost, shown only when everybody had stopped looking: there is nothing to send again."""
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service = nemo(instant_renders=True, edit_seconds=3, run_survives_disconnect=True)
    service.fault("run_sse", "cut_stream", after_events=0, times=1)
    words = (str(small_clip), "sharpen the details", str(tmp_path / "out"))
    with pytest.raises(EditUnknown):
        await edit_video(*words, output=SMALL)
    await asyncio.to_thread(service.has_charged)
    result = await edit_video(*words, output=SMALL, resend=True)

    assert [edit.outcome for edit in result.edits] == ["applied"]
    assert (service.charged(), service.writes().count("run_sse")) == (50, 1)


async def test_a_charge_that_does_not_show_is_not_told_to_be_none(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    nemo(instant_renders=True, balance_lag_seconds=600)
    result = await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)

    assert result.credits_spent is None


async def test_an_edit_that_was_paid_and_broke_down_is_not_paid_twice(
    nemo: Nemo, small_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charge speaks for an edit to come: the same command looks for it, and sends nothing."""
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service = nemo(instant_renders=True, state_lag_seconds=600)
    service.fault("run_sse", "stream_error", message="It broke.", applied=True)
    words = (str(small_clip), "sharpen the details", str(tmp_path / "out"))
    for _ in range(2):
        with pytest.raises(EditUnknown, match="The balance has 50 credits less than before"):
            await edit_video(*words, output=SMALL)
    assert (service.charged(), service.writes().count("run_sse")) == (50, 1)


async def test_an_edit_that_shows_only_while_it_is_rendered_is_delivered(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """It was said to be done and was paid for; that nothing showed it for half a minute does not make it less so."""
    service = nemo(instant_renders=True, edit_seconds=2)

    def show_it_late() -> None:
        lag_from_the_edit_on(service)
        service.is_asked("render_submit")
        service.advance(2 * LONG)

    meanwhile(show_it_late)
    result = await edit_video(str(small_clip), 'add a title "Hi"', str(tmp_path / "out"), output=SMALL)

    (edit,) = result.edits
    assert (edit.outcome, edit.changes) == ("applied", ['Title added: "Hi", 0–1 s'])
    assert (result.as_requested, result.credits_spent, result.warnings) == (True, 50, [])
    assert 'Title: "Hi"' in result.timeline
    assert service.writes() == ["create_session", "upload", "run_sse", "render_submit", "render_submit"]
    assert result.render_id == service.renders()[-1]["id"]
    assert service.charged() == 50


async def test_what_shows_late_beside_other_edits_is_delivered_and_told(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """The price that shows with it may be another one's."""
    service = nemo(instant_renders=True, edit_seconds=2)

    def show_it_late() -> None:
        lag_from_the_edit_on(service, 2)
        service.is_asked("render_submit")
        service.advance(2 * LONG)

    meanwhile(show_it_late)
    words = ["sharpen the details", 'add a title "Hi"']
    result = await edit_video(str(small_clip), words, str(tmp_path / "out"), output=SMALL)

    assert [edit.outcome for edit in result.edits] == ["applied", "unchanged"]
    assert [w for w in result.warnings if "The timeline changed later" in w and 'Title added: "Hi"' in w] != []
    assert (result.as_requested, result.credits_spent) == (False, 100)
    assert 'Title: "Hi"' in result.timeline
    assert result.render_id == service.renders()[-1]["id"]
    assert service.writes().count("render_submit") == 2


async def test_what_shows_after_the_job_has_failed_is_delivered_by_the_same_command(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """What was rendered without it is not taken for it. Others may have spent since: nothing proves whose it is."""
    service = nemo(instant_renders=True, edit_seconds=2)
    words = (str(small_clip), 'add a title "Hi"', str(tmp_path / "out"))
    meanwhile(lambda: lag_from_the_edit_on(service))
    with pytest.raises(NotAsRequested, match="changed nothing on the timeline"):
        await edit_video(*words, output=SMALL, strict=True)
    service.advance(2 * LONG)
    with pytest.raises(NotAsRequested, match="changed nothing on the timeline"):
        await edit_video(*words, output=SMALL, strict=True)
    result = await edit_video(*words, output=SMALL)

    assert [edit.outcome for edit in result.edits] == ["unchanged"]
    assert [w for w in result.warnings if "The timeline changed later" in w and 'Title added: "Hi"' in w] != []
    assert not result.as_requested
    assert 'Title: "Hi"' in result.timeline
    assert result.render_id == service.renders()[-1]["id"]
    assert service.writes() == ["create_session", "upload", "run_sse", "render_submit", "render_submit"]
    assert service.charged() == 50


async def test_what_lies_in_the_archive_stays_though_an_edit_shows_later(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """Its run died before the record was there: another video of its name would be in its way for ever."""
    service = nemo(instant_renders=True, edit_seconds=2)
    words = (str(small_clip), 'add a title "Hi"', str(tmp_path / "out"))
    meanwhile(lambda: lag_from_the_edit_on(service))
    first = await edit_video(*words, output=SMALL)
    (record,) = (tmp_path / "out").glob("*.manifest.json")
    record.unlink()
    service.advance(2 * LONG)
    again = await edit_video(*words, output=SMALL)

    assert (again.sha256, again.render_id, again.as_requested) == (first.sha256, first.render_id, False)
    assert service.writes().count("render_submit") == 1


def test_of_several_edits_that_came_to_nothing_the_first_is_the_one_that_shows() -> None:
    """Nothing tells whose it is: what else was asked for stays what is missing."""
    story = Story()
    for number, words in enumerate(["mute it", "blur it"]):
        story.add(EditDone(edit=EditResult(instruction=words, outcome="unchanged")))
        story.unmet[number] = f"“{words}” changed nothing on the timeline."
        story.warnings.append(story.unmet[number])
    assert story.unseen == 0
    story.found(0, EditResult(instruction="mute it", outcome="applied"))

    assert story.unseen is None
    assert story.warnings == list(story.unmet.values()) == ["“blur it” changed nothing on the timeline."]


async def test_an_upload_that_shows_after_it_was_sent_again_is_left_with_its_session(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """Nothing was edited where the video is twice: it is edited in a session of its own."""
    service = nemo(instant_renders=True, state_lag_seconds=LONG)
    service.fault("upload", "reply_status", status=502, times=1)

    def show_it_late() -> None:
        service.is_asked("upload", 2)
        service.options(state_lag_seconds=0)

    meanwhile(show_it_late)
    result = await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)

    twice, once = ["create_session", "upload", "upload"], ["create_session", "upload", "run_sse", "render_submit"]
    assert service.writes() == [*twice, *once]
    assert (result.as_requested, service.charged()) == (True, 50)


async def test_a_session_with_an_edit_of_unknown_outcome_is_not_left(
    nemo: Nemo, small_clip: Path, hd_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left, it would be forgotten, and the edit be sent and paid again."""
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0")
    service = nemo(instant_renders=True)
    service.fault("run_sse", "cut_stream", after_events=0, applied=False, times=1)
    terms: dict[str, Any] = {"archive": str(tmp_path / "out"), "output": SMALL, "session": "kept"}
    with pytest.raises(EditUnknown):
        await edit_video(str(small_clip), "sharpen the details", **terms)
    service.fault("upload", "reply_status", status=502, times=1)
    service.advance(2 * LONG)
    service.options(state_lag_seconds=LONG)

    def show_it_late() -> None:
        service.is_asked("upload", 3)
        service.options(state_lag_seconds=0)

    meanwhile(show_it_late)
    with pytest.raises(UploadedTwice, match="in the session twice"):
        await edit_video([str(small_clip), str(hd_clip)], "make it brighter", **terms)

    assert service.writes() == ["create_session", "upload", "run_sse", "upload", "upload"]
