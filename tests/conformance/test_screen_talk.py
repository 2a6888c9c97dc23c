"""The backend talks to somebody at a screen: what it asks of them is done by the API, at most once a reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.flows import answer_request

pytestmark = pytest.mark.usefixtures("prefect_api")


def reply(service: Any, text: str, **rule: Any) -> None:
    """Has the editor say this, and change nothing."""
    event = json.dumps({"type": "text", "content": text})
    stream = {"status": 200, "headers": {"Content-Type": "text/event-stream"}, "body": f"data: {event}\n\n"}
    service.fault("run_sse", "status", **stream, **rule)


@pytest.mark.conformance("gui-assumed", "gui-click", "gui-open", "gui-drag", "gui-preview", "gui-export")
async def test_what_a_reply_asks_for_is_carried_out_once(
    nemo: Callable[..., Any], small_clip: Path, tmp_path: Path, name: str
) -> None:
    """Reading the state, showing the tracks, exporting, sending an edit: by their own calls, and without a loop."""
    service = nemo(instant_renders=True)

    async def say(words: str) -> Any:
        return await answer_request(name, words, str(tmp_path / "out"))

    await say(f"upload {small_clip}")
    timeline = "Timeline (1 track): 1. Video: small (0-1s)"

    reply(service, "Your clip is ready. Open the timeline panel to look at it, or preview it in the timeline.", times=1)
    answer = await say("is the 720p cut ready")
    assert answer.text.splitlines().count(timeline) == 1
    assert "Your clip is ready." in answer.text
    assert "panel" not in answer.text

    reply(service, "Looking good. Click the Export button in the top right. Then click Export.", times=1)
    answer = await say("finish my film")
    assert answer.video.sha256
    assert "button" not in answer.text
    assert service.writes().count("render_submit") == 1

    # The same answer to everything: carrying it out leads nowhere, and is tried once.
    reply(service, "Drag the title to the beginning of the timeline.")
    sent = len(service.requests("run_sse"))
    answer = await say("put the title first")
    assert [done.outcome for done in answer.edits] == ["unchanged", "unchanged"]
    messages = [request["body"]["new_message"]["parts"][0]["text"] for request in service.requests("run_sse")[sent:]]
    assert len(messages) == 2
    assert messages[0] == "put the title first"
    assert "the title to the beginning" in messages[1]
    assert "That changed nothing on the timeline." in answer.text
    assert service.charged() == 0


@pytest.mark.conformance("gui-assumed", "text-events", "silent-edits", "timeline-summary")
async def test_a_backend_that_talks_of_screens_or_not_at_all_still_tells_what_it_did(
    nemo: Callable[..., Any], skill: Any, small_clip: Path, name: str
) -> None:
    """In both dialects, one for each skill: the content of a reply, else the change that the timeline shows."""
    dialect = {"video-4k": "adk", "4k-with-session": "simple"}[skill.profile]
    service = nemo(sse_dialect=dialect, gui_phrases=True, trailing_noise=True)

    async def say(words: str) -> Any:
        return await answer_request(name, words, profile=skill.profile)

    spoken = await say(f"upload {small_clip} and make it brighter")
    assert "brightness +" in spoken.text
    assert not [word for word in ("panel", "button", "temporary issue") if word in spoken.text]
    assert spoken.text.splitlines()[-1] == "Timeline (1 track): 1. Video: small (0-1s)"
    service.options(silent_share=1)
    silent = await say('add the title "Urban Dreams"')
    assert (silent.edits[0].reply, silent.edits[0].silent) == ("", True)
    assert "“Urban Dreams”" in silent.text or '"Urban Dreams"' in silent.text
