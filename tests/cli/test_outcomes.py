"""What comes of a job as an exit code, and what the same command does afterwards."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import command
import pytest
from nemo_server import NemoServer

Nemo = Callable[..., NemoServer]
Cli = Callable[..., command.Ended]


@pytest.fixture
def words(small_clip: Path, tmp_path: Path) -> tuple[str, ...]:
    """The command of a small job."""
    archive = str(tmp_path / "out")
    return (
        "edit",
        str(small_clip),
        "-i",
        "sharpen the details",
        "--archive",
        archive,
        "--resolution",
        "720p",
        "--json",
    )


@pytest.mark.conformance("orphaned-job")
def test_a_deadline_that_passes_is_exit_6_and_the_same_command_goes_on(
    cli: Cli, nemo: Nemo, words: tuple[str, ...]
) -> None:
    """The render lives; the second command waits for it, submits nothing and delivers."""
    service = nemo(instant_renders=True, render_seconds=4)
    late = cli(*words, NEMO_RENDER_TIMEOUT_SECONDS="0.2")
    assert late.code == 6
    assert late.document["error"]["code"] == "deadline_passed"
    assert "Run the same command again" in late.document["error"]["next_step"]
    done = cli(*words)
    assert (done.code, done.document["status"], done.document["resumed"]) == (0, "completed", True)
    assert [service.writes().count(name) for name in ("upload", "run_sse", "render_submit")] == [1, 1, 1]


@pytest.mark.usefixtures("cli")
def test_ctrl_c_is_exit_130_and_cancels_the_render_at_the_service(nemo: Nemo, words: tuple[str, ...]) -> None:
    """No traceback, one document, and no render that goes on for nobody."""
    service = nemo(instant_renders=True, render_seconds=60)
    process = command.begin(*words)
    wait_for_render(process)
    process.send_signal(signal.SIGINT)
    ended = command.end(process)
    assert ended.code == 130, ended.err
    assert ended.document["error"]["code"] == "interrupted"
    assert ended.document["error"]["message"] == "Interrupted. 50 credits were spent; the edit made is kept."
    assert "Traceback" not in ended.err
    assert [render["status"] for render in service.renders()] == ["cancelled"]


@pytest.mark.usefixtures("cli")
def test_a_signal_to_end_ends_a_command_in_the_middle_of_an_edit(nemo: Nemo, words: tuple[str, ...]) -> None:
    """It is not carried on with, and what it may cost is said."""
    service = nemo(edit_seconds=5, run_survives_disconnect=True)
    process = command.begin(*words)
    service.is_asked("run_sse")
    process.send_signal(signal.SIGTERM)
    ended = command.end(process)
    assert ended.code == 130, ended.err
    assert ended.document["error"]["message"].endswith("was being carried out and may be charged too.")
    assert "render_submit" not in service.writes()


@pytest.mark.usefixtures("cli")
def test_a_signal_to_end_ends_a_conversation_in_the_middle_of_an_edit(nemo: Nemo, small_clip: Path) -> None:
    service = nemo(edit_seconds=5, run_survives_disconnect=True)
    process = command.begin("chat", said=f"{small_clip}\nsharpen the details\nexport\n")
    service.is_asked("run_sse")
    process.send_signal(signal.SIGTERM)
    ended = command.end(process)
    assert ended.code == 130, ended.err
    assert "may be charged too." in ended.err
    assert "render_submit" not in service.writes()


@pytest.mark.parametrize("endpoint", ["run_sse", "render_submit"])
@pytest.mark.usefixtures("cli")
def test_a_command_that_is_killed_goes_on_when_it_is_typed_again(
    nemo: Nemo, words: tuple[str, ...], endpoint: str
) -> None:
    """Killed with an edit or a render in flight: it is found again, not sent again, and paid for once."""
    service = nemo(instant_renders=True, edit_seconds=2, render_seconds=2, run_survives_disconnect=True)
    process = command.begin(*words)
    service.is_asked(endpoint)
    process.kill()
    command.end(process)
    done = command.run(*words, NEMO_RECOVERY_DELAYS_SECONDS="1,1,1,1,1")
    assert (done.code, done.document["edits"][0]["outcome"]) == (0, "applied"), done.err
    assert [service.writes().count(name) for name in ("upload", "run_sse")] == [1, 1]
    assert len(service.renders()) == 1
    assert service.charged() == 50


def wait_for_render(process: subprocess.Popen[str]) -> None:
    """Reads what the command says until it says that it renders."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Rendering"):
            return
    raise AssertionError("It never rendered.")


def test_an_edit_of_unknown_outcome_is_exit_7(cli: Cli, nemo: Nemo, words: tuple[str, ...]) -> None:
    """It was sent once, and the sentence says that it was not sent again."""
    service = nemo()
    service.fault("run_sse", "cut_stream", applied=False)
    ended = cli(*words, NEMO_RECOVERY_DELAYS_SECONDS="0,0")
    assert ended.code == 7
    assert ended.document["error"]["code"] == "edit_unknown"
    assert "It was not sent again." in ended.document["error"]["message"]
    assert service.writes().count("run_sse") == 1


@pytest.mark.conformance("specific-words")
def test_a_question_is_exit_1_with_the_question_and_its_answer_goes_on(
    cli: Cli, nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """The question stands in the error; the same command with an answer asks nothing a second time."""
    service = nemo(instant_renders=True)
    words = ("edit", str(small_clip), "-i", "add a title", "--archive", str(tmp_path / "out"), "--json")
    asked = cli(*words)
    assert asked.code == 1
    assert "?" in asked.document["error"]["message"]
    assert "--answer" in asked.document["error"]["next_step"]
    done = cli(*words, "--answer", 'the title is "Urban Dreams"')
    assert done.code == 0, done.err
    assert "Urban Dreams" in done.document["timeline"]
    assert service.writes().count("run_sse") == 2
    assert service.charged() == 50
