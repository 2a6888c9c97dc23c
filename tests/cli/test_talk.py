"""What a conversation shows while the editor speaks: its words as they come, in their order, each once."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr

import pytest

from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.api.replies import translate
from prefect_nemovideo.api.requests import Kind
from prefect_nemovideo.cli.talk import Talk
from prefect_nemovideo.results import Answer, EditRecord

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
    assert capsys.readouterr().out == "Title added. It stands for 3 s.\n"


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_temporary_issue_that_the_editor_goes_on_from_is_part_of_its_answer(
    capsys: pytest.CaptureFixture[str], size: int
) -> None:
    talk = Talk()
    heard(talk, "I encountered a temporary issue. Now the title is there.", size)
    talk.finish()
    assert "I encountered a temporary issue. Now the title is there." in capsys.readouterr().out


@pytest.mark.parametrize("size", [1, 3, 7, 200])
def test_lists_keep_their_lines_and_all_that_they_list(capsys: pytest.CaptureFixture[str], size: int) -> None:
    """In whatever pieces they come, though the titles look like instructions."""
    talk = Talk()
    titles = "I added these titles:\n1. Click Here\n2. Open the Door\n3. Export"
    heard(talk, f"Done. {titles}\n\nNow click Export. Enjoy!", size)
    talk.finish()
    assert capsys.readouterr().out == f"Done. {titles}\n\nEnjoy!\n"


def test_what_is_told_of_the_work_begins_a_line_and_comes_after_what_was_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    talk = Talk()
    heard(talk, "Title added. Enjoy!", 4)
    with redirect_stderr(sys.stdout):
        talk.told("Rendering (render_1).")
    talk.finish()
    assert capsys.readouterr().out == "Title added. Enjoy!\nRendering (render_1).\n"


def test_that_the_editor_still_works_breaks_no_sentence_off(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.heard("One is done. Two is ")
    talk.told(STILL_WORKING)
    talk.heard("done. ")
    talk.finish()
    said = capsys.readouterr()
    assert said.out == "One is done.\nTwo is done.\n"
    assert said.err == f"{STILL_WORKING}\n"


@pytest.mark.parametrize(
    "line",
    [
        "The timeline is as it was before: this instruction changed nothing.",
        "Not as requested: Asked for 4K, got 1080p.",
    ],
)
def test_what_the_answer_says_at_its_end_is_not_told_before_it(capsys: pytest.CaptureFixture[str], line: str) -> None:
    Talk().told(line)
    said = capsys.readouterr()
    assert said.out + said.err == ""


def an_answer(text: str, reply: str) -> Answer:
    edit = EditRecord(instruction="make it 720p", reply=reply, outcome="applied")
    return Answer(kind=Kind.EDIT, text=text, edits=[edit])


def test_what_an_edit_came_to_is_shown_when_it_is_told_and_not_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    """The editor's words as well, where they did not come while it spoke."""
    warning = "The editor changed the timeline and then reported an error: oops. Look at what was delivered."
    talk = Talk()
    for line in ("The editor says: Done.\nEnjoy.", "  Title added", f"  {warning[:3]}", warning):
        talk.told(line)
    said = capsys.readouterr()
    assert said.out == f"Done.\nEnjoy.\nTitle added\nThe\n{warning}\n"
    assert said.err == ""
    text = f"Uploaded a.mp4.\nDone.\nEnjoy.\nTitle added\nThe\n{warning}\nTitle added"
    assert talk.left_of(an_answer(text, "Done.\nEnjoy.")) == "Uploaded a.mp4.\nTitle added"


def test_what_was_heard_is_not_told_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    heard(talk, "Done. Enjoy.", 4)
    talk.told("The editor says: Done. Enjoy.")
    talk.finish()
    assert capsys.readouterr().out == "Done. Enjoy.\n"
    assert talk.left_of(an_answer("Done. Enjoy.\nTitle added", "Done. Enjoy.")) == "Title added"


LINES = [
    "Done. The title says “Hello. Click Export now.” for 3 s.",
    "It reads \"Stop. Go.\" in white.\nThe clip fades out.",
    "Two things changed:\n- the title, 3 s\n- the music, 35%\n\nAnything else?",
    "Steps:\n1. Title added.\n2. Music lowered. It's at 35%.",
    "已添加标题“你好。点击导出。”。\n音乐已调低。",
    "First line without an end\nsecond line",
    "a 5\" screen. And more. And so on.",
    "**Title.** added. `a. b` stays.",
]  # fmt: skip


@pytest.mark.parametrize("text", LINES)
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_line_ends_and_quotes_come_out_as_they_went_in(
    capsys: pytest.CaptureFixture[str], text: str, size: int
) -> None:
    talk = Talk()
    heard(talk, text, size)
    talk.finish()
    assert capsys.readouterr().out == f"{translate(text).text}\n"


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_talk_of_a_screen_is_left_out_with_the_heading_over_it(capsys: pytest.CaptureFixture[str], size: int) -> None:
    talk = Talk()
    heard(talk, "Title added.\nNext steps:\n- Click the Export button\nEnjoy. Open the panel. Bye.", size)
    talk.finish()
    assert capsys.readouterr().out == "Title added.\nEnjoy. Bye.\n"


def test_a_sentence_is_shown_when_the_next_one_begins(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.heard("One. “Two. Three")
    assert capsys.readouterr().out == "One."
    talk.heard("” is a quote.\nFo")
    assert capsys.readouterr().out == " “Two. Three” is a quote."
    talk.heard("ur")
    talk.finish()
    assert capsys.readouterr().out == "\nFour\n"


def test_a_quote_that_never_ends_holds_up_no_more_than_a_quote_can_be_long(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.heard(f"A “quote. {'No end. ' * 50}")
    assert capsys.readouterr().out.startswith("A “quote. No end. No end.")


def test_a_refusal_that_was_heard_is_not_told_once_more() -> None:
    refusal = "I can't do that:\nthe clip has no sound."
    message = "The editor can't do “mute it”: I can't do that:\nthe clip has no sound. Nothing was charged for it."
    talk = Talk()
    assert talk.left_of_error(message) == message
    heard(talk, refusal, 4)
    talk.finish()
    assert talk.left_of_error(message) == "The editor can't do “mute it”. Nothing was charged for it."
    assert talk.left_of_error("The disk is full.") == "The disk is full."


@pytest.mark.parametrize("size", [5, 200])
def test_what_a_terminal_would_obey_is_not_shown(capsys: pytest.CaptureFixture[str], size: int) -> None:
    """A service's words must not move the cursor, or write into the window's title."""
    talk = Talk()
    heard(talk, "Done\x1b[2J\x1b]0;owned\x07 now. All set.", size)
    talk.told("It said \x1b[31mred\x1b[0m.")
    talk.finish()
    said = capsys.readouterr()
    assert said.out == "Done now. All set.\n"
    assert said.err == "It said red.\n"
