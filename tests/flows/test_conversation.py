"""What one sentence of a conversation comes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nemo_server import NemoServer

from prefect_nemovideo.api.errors import BadInput, DeadlinePassed, EditUnknown
from prefect_nemovideo.flows import answer_request

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


async def test_a_sentence_may_be_as_long_as_an_instruction_may_be(nemo: Nemo, small_clip: Path) -> None:
    """The run is named by its beginning; the editor is sent all of it."""
    service = nemo(silent_share=0)
    await answer_request("long", f"upload {small_clip}")
    words = "make it brighter, " + "and mind the faces in the dark, " * 250
    answer = await answer_request("long", words)
    assert [edit.outcome for edit in answer.edits] == ["applied"]
    (message,) = service.requests("run_sse")
    assert message["body"]["new_message"]["parts"][0]["text"].strip() == words.strip()


async def test_a_sentence_of_unknown_outcome_is_not_sent_again_when_others_came_between(
    nemo: Nemo, small_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the timeline shows then may be theirs: a person looks, and says it with `resend`."""
    service = nemo()
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    await answer_request("unsure", f"upload {small_clip}")
    service.fault("run_sse", "cut_stream", applied=False, times=1)
    with pytest.raises(EditUnknown):
        await answer_request("unsure", "make it brighter")
    await answer_request("unsure", "sharpen the details")
    for _ in range(2):
        with pytest.raises(EditUnknown, match="was sent before"):
            await answer_request("unsure", "make it brighter")
        assert service.writes().count("run_sse") == 2
    answer = await answer_request("unsure", "make it brighter", resend=True)
    assert answer.edits[-1].outcome == "applied"
    assert service.writes().count("run_sse") == 3


async def test_an_export_that_took_too_long_is_waited_for_when_it_is_said_again(
    nemo: Nemo, small_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edit before it is not made again either."""
    service = nemo(instant_renders=True, render_seconds=4)
    monkeypatch.setenv("NEMO_RENDER_TIMEOUT_SECONDS", "1")
    await answer_request("slow", f"upload {small_clip}")
    words, out = "make it brighter and export 720p", str(tmp_path / "out")
    with pytest.raises(DeadlinePassed):
        await answer_request("slow", words, out)
    monkeypatch.setenv("NEMO_RENDER_TIMEOUT_SECONDS", "60")
    answer = await answer_request("slow", words, out)
    assert answer.video is not None
    assert (service.writes().count("run_sse"), service.writes().count("render_submit")) == (1, 1)
    # Delivered, the same words are meant once more.
    again = await answer_request("slow", words, out)
    assert again.video is not None
    assert (service.writes().count("run_sse"), service.writes().count("render_submit")) == (2, 2)


def reply(service: NemoServer, text: str, **rule: Any) -> None:
    """Has the editor say this, and change nothing."""
    event = json.dumps({"type": "text", "content": text})
    stream = {"status": 200, "headers": {"Content-Type": "text/event-stream"}, "body": f"data: {event}\n\n"}
    service.fault("run_sse", "status", **stream, **rule)


async def test_two_edits_that_a_reply_asks_for_are_sent_as_one(nemo: Nemo, small_clip: Path) -> None:
    """Once a reply: of two messages the second would never be sent."""
    service = nemo()
    await answer_request("two", f"upload {small_clip}")
    reply(service, "Step 1: click on the music track and drag it to 0:05.", times=1)
    await answer_request("two", "start the music later")
    messages = [request["body"]["new_message"]["parts"][0]["text"] for request in service.requests("run_sse")]
    assert messages == ["start the music later", "click on the music track, then drag it to 0:05"]


async def test_nothing_is_exported_that_was_not_to_be_yet(nemo: Nemo, small_clip: Path) -> None:
    """Though the editor says, as after most edits, to click Export."""
    service = nemo()
    await answer_request("early", f"upload {small_clip}")
    reply(service, "Done. Click the Export button to download it.", times=2)
    answer = await answer_request("early", "make it black and white, but don't export yet")
    assert answer.video is None
    assert service.writes().count("render_submit") == 0
    assert (await answer_request("early", "make it black and white")).video is not None


async def test_who_only_puts_the_export_off_pays_nothing(nemo: Nemo) -> None:
    """Nothing is sent to the editor, nor is a session made for it."""
    service = nemo()
    answer = await answer_request("later", "don't export yet")
    assert answer.text == "Nothing was done: nothing is uploaded or exported until you ask for it."
    assert (answer.edits, answer.video, service.writes()) == ([], None, [])


async def test_a_sentence_that_asks_for_an_export_and_a_look_gets_both(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    service = nemo(instant_renders=True)
    await answer_request("both", f"upload {small_clip}")
    answer = await answer_request("both", "export 720p, then show my credits", str(tmp_path / "out"))
    assert answer.video is not None
    delivered, credits = answer.text.splitlines()
    assert delivered.startswith(answer.video.uri)
    assert "credits available" in credits
    assert service.writes().count("run_sse") == 0


async def test_a_file_that_the_service_does_not_take_is_refused_with_the_formats(nemo: Nemo, tmp_path: Path) -> None:
    service = nemo()
    (tmp_path / "clip.flv").write_bytes(b"FLV")
    with pytest.raises(BadInput, match=r"does not take “\.flv” files") as refused:
        await answer_request("flash", f"upload {tmp_path / 'clip.flv'}")
    assert "mp4, mov, avi" in str(refused.value.next_step)
    assert service.writes() == []
