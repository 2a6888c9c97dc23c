"""A conversation, fed from a pipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from prefect_nemovideo.api.errors import EditUnknown, SessionGone
from prefect_nemovideo.flows import answer_request

CONVERSATION = "clip.mp4\nupscale this to 4K\nstatus\n余额\nexport\n"


@pytest.mark.conformance(
    "upload-say-download",
    "route-upload",
    "route-edit",
    "route-state",
    "route-credits",
    "route-export",
    "setting-up",
    "no-tokens-no-json",
)
def test_a_piped_conversation_uploads_edits_shows_counts_and_delivers(
    command: Callable[..., Any], small_clip: Path, tmp_path: Path
) -> None:
    """On the embedded backend, with nothing set up: five lines, five answers, and a 4K file at the end."""
    (tmp_path / "clip.mp4").write_bytes(small_clip.read_bytes())
    said = command("chat", "--local", lines=CONVERSATION)
    assert said.code == 0, said.err
    uploaded, *edited, timeline, credits, delivered = said.out.splitlines()
    assert uploaded == "Uploaded clip.mp4."
    assert "3840×2160" in " ".join(edited)
    assert timeline == "Timeline (1 track): 1. Video: clip (0-1s)"
    assert credits == "999,999,950 credits available, 0 held, 999,999,950 in all."
    assert "(3840×2160, 1 s)" in delivered
    (video,) = (tmp_path / "nemovideo-archive").glob("*.mp4")
    assert video.name in delivered
    with av.open(video) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (3840, 2160)
    assert said.err.splitlines().count("Setting up…") == 1
    assert "nmv_usr" not in said.out + said.err
    assert not set("{}") & set(said.out + said.err)


def test_a_line_that_cannot_be_done_is_told_and_the_conversation_goes_on(
    nemo: Callable[..., Any], command: Callable[..., Any], tmp_path: Path
) -> None:
    """Each answer is a sentence with a next step; the last failure is the exit code."""
    nemo()
    said = command("chat", lines="export\nhelp\nbalance\nmake it brighter\nnot-there.mp4\n")
    assert said.code == 2
    assert "Error: There is nothing on the timeline to export yet.\nNext: Upload a video first." in said.err
    assert "not-there.mp4" in said.err
    assert "10,000 credits available" in said.out
    assert "Nothing has been uploaded yet" in said.out, "what the editor asks is no failure"
    assert said.err.count("Error:") == 2
    assert "Traceback" not in said.err


@pytest.mark.usefixtures("prefect_api")
async def test_a_sentence_of_unknown_outcome_is_looked_for_when_it_is_said_again_and_sent_again_only_with_resend(
    nemo: Callable[..., Any], command: Callable[..., Any], small_clip: Path, monkeypatch: Any, name: str
) -> None:
    """The pipe ends there, and says where to go on."""
    service = nemo(instant_renders=True)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    service.fault("run_sse", "cut_stream", applied=False, times=1)
    await answer_request(name, str(small_clip))
    with pytest.raises(EditUnknown):
        await answer_request(name, "sharpen the details")
    lines = "sharpen the details\nstatus\n"
    said = command("chat", name, lines=lines)
    assert said.code == 7, said.err
    assert f"prefect-nemovideo chat {name} --resend" in said.err
    assert "Timeline" not in said.out
    assert service.writes() == ["create_session", "upload", "run_sse"]
    said = command("chat", name, "--resend", lines=lines)
    assert said.code == 0, said.err
    assert "Timeline (1 track)" in said.out
    assert service.writes() == ["create_session", "upload", "run_sse", "run_sse"]
    await answer_request(name, "sharpen the details")
    assert service.writes().count("run_sse") == 3, "said once more after it was done, it is done once more"


@pytest.mark.usefixtures("prefect_api")
async def test_a_conversation_whose_session_is_gone_names_a_way_that_it_has(
    nemo: Callable[..., Any], small_clip: Path, name: str
) -> None:
    service = nemo()
    await answer_request(name, str(small_clip))
    service.reset()
    for sentence in ("status", "sharpen the details"):
        with pytest.raises(SessionGone) as gone:
            await answer_request(name, sentence)
        assert gone.value.next_step.startswith("Begin a new conversation with: prefect-nemovideo chat.")
        assert "--restart" not in gone.value.next_step
