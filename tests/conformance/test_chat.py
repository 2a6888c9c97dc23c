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


@pytest.mark.parametrize(
    ("lines", "code", "told"),
    [
        ("export\nstatus\n", 1, "Error: There is nothing on the timeline to export yet."),
        ("not-there.mp4\nmake it brighter\n", 2, "Error: There is no file not-there.mp4."),
        ("clip.mp4\nmake it dance\nexport\n", 1, "Error: The editor can't do “make it dance”"),
    ],
)
def test_the_first_line_of_a_pipe_that_fails_is_the_last(
    nemo: Callable[..., Any],
    command: Callable[..., Any],
    small_clip: Path,
    tmp_path: Path,
    lines: str,
    code: int,
    told: str,
) -> None:
    """What follows was said in the belief that it was done: nothing is sent, charged or delivered for it."""
    service = nemo()
    (tmp_path / "clip.mp4").write_bytes(small_clip.read_bytes())
    said = command("chat", lines=f"help\nbalance\n{lines}")
    assert said.code == code, said.err
    assert "10,000 credits available" in said.out
    assert told in said.err
    assert "Stopped here: 1 line after it was not carried out, because it counts on it." in said.err
    assert said.err.count("Error:") == 1
    assert "Traceback" not in said.err
    assert service.charged() == 0
    assert "render_submit" not in service.writes()


def test_a_question_in_a_pipe_is_not_answered_by_the_line_that_comes_next(
    nemo: Callable[..., Any], command: Callable[..., Any], small_clip: Path, tmp_path: Path
) -> None:
    """Whoever wrote it did not know the question. The reply is said in a conversation of its own, and goes on there."""
    service = nemo(instant_renders=True)
    (tmp_path / "clip.mp4").write_bytes(small_clip.read_bytes())
    asked = command("chat", lines="clip.mp4\nadd a title\nmake it brighter\nexport\nquit\ncredits\n")
    assert asked.code == 1, asked.err
    assert "What should the title say?" in asked.out
    assert "Stopped here: 2 lines after it were not carried out, because they count on it." in asked.err
    assert (service.writes().count("run_sse"), service.charged()) == (1, 0)
    name = asked.err.split()[-1]
    answered = command("chat", name, lines='the title is "Urban Dreams"\nstatus\n')
    assert answered.code == 0, answered.err
    assert "Urban Dreams" in answered.out
    assert service.charged() == 50


def test_a_session_that_was_begun_before_the_failure_is_named(
    nemo: Callable[..., Any], command: Callable[..., Any], small_clip: Path, tmp_path: Path
) -> None:
    """What was uploaded by the very line that failed is not lost; where nothing was begun there is nothing to name."""
    nemo()
    (tmp_path / "clip.mp4").write_bytes(small_clip.read_bytes())
    begun = command("chat", lines="clip.mp4 make it dance\n")
    assert "Kept as “chat-" in begun.err
    assert "clip.mp4" in command("status", begun.err.split()[-1]).out
    assert "Kept as" not in command("chat", lines="not-there.mp4\n").err


@pytest.mark.usefixtures("prefect_api")
async def test_a_sentence_of_unknown_outcome_is_looked_for_when_it_is_said_again_and_sent_again_only_with_resend(
    nemo: Callable[..., Any], command: Callable[..., Any], small_clip: Path, monkeypatch: Any, name: str
) -> None:
    """The conversation says where to go on."""
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
