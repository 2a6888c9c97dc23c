"""What a conversation shows while the editor speaks: its words as they come, in their order, each once."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr

import pytest

from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.cli.chat import Talk

NOISE = "I encountered a temporary issue. Please try again."


def heard(talk: Talk, text: str, size: int) -> None:
    """Says a text to it in pieces."""
    for at in range(0, len(text), size):
        talk.heard(text[at : at + size])


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_temporary_issue_after_an_answer_is_not_shown(capsys: pytest.CaptureFixture[str], size: int) -> None:
    talk = Talk()
    heard(talk, f"Title added. It stands for 3 s. {NOISE}", size)
    talk.finish()
    assert capsys.readouterr().out == "Title added. It stands for 3 s. \n"


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_temporary_issue_that_the_editor_goes_on_from_is_part_of_its_answer(
    capsys: pytest.CaptureFixture[str], size: int
) -> None:
    talk = Talk()
    heard(talk, "I encountered a temporary issue. Now the title is there.", size)
    talk.finish()
    assert "I encountered a temporary issue. Now the title is there." in capsys.readouterr().out


def test_what_is_told_of_the_work_begins_a_line_and_comes_after_what_was_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    talk = Talk()
    heard(talk, "Title added. Enjoy!", 4)
    with redirect_stderr(sys.stdout):
        talk.told("Rendering (render_1).")
    talk.finish()
    assert capsys.readouterr().out == "Title added. Enjoy! \nRendering (render_1).\n"


def test_that_the_editor_still_works_breaks_no_sentence_off(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.heard("One is done. Two is ")
    talk.told(STILL_WORKING)
    talk.heard("done. ")
    talk.finish()
    said = capsys.readouterr()
    assert said.out == "One is done. \nTwo is done. \n"
    assert said.err == f"{STILL_WORKING}\n"


@pytest.mark.parametrize(
    "line",
    [
        "The editor says: Done.",
        "  Title added",
        "The timeline is as it was before: this instruction changed nothing.",
        "The editor changed the timeline and then reported an error: oops. Look at what was delivered.",
        "Not as requested: Asked for 4K, got 1080p.",
    ],
)
def test_what_the_answer_says_itself_is_not_told_before_it(capsys: pytest.CaptureFixture[str], line: str) -> None:
    Talk().told(line)
    assert capsys.readouterr().err == ""
