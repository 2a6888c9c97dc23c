"""`chat` in a pipe, both its outputs in one stream: what a log, or a program that talks to it, meets."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import command
import pytest
from nemo_server import NemoServer


@pytest.fixture
def chat(
    cli: Callable[..., command.Ended], nemo: Callable[..., NemoServer], small_clip: Path, tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    """A conversation in a folder with a clip, whose lines are still to be written."""
    del cli
    nemo(instant_renders=True)
    here = tmp_path / "here"
    here.mkdir()
    shutil.copy(small_clip, here / "clip.mp4")
    words = [sys.executable, "-m", "prefect_nemovideo.cli", "chat"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=here, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        yield process
        process.kill()


def test_what_came_first_is_told_first(chat: subprocess.Popen[str]) -> None:
    """Of a sentence that edits and exports, what was edited is told once, and before what was delivered of it."""
    said, _ = chat.communicate("clip.mp4\nmake it 720p and export\n", timeout=command.PATIENCE_SECONDS)
    assert chat.returncode == 0, said
    lines = said.splitlines()
    edited, rendered, archived, delivered = (
        next(number for number, line in enumerate(lines) if words in line)
        for words in ("→ 1280×720", "Rendering (", "Archived: ", "(1280×720, 1 s)")
    )
    assert edited < rendered < archived < delivered
    assert said.count("→ 1280×720") == 1
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_program_that_waits_for_each_answer_gets_it(chat: subprocess.Popen[str]) -> None:
    """Nobody waits for the end of a pipe that its writer holds open: neither with an answer nor at a failure."""
    assert chat.stdin is not None
    assert chat.stdout is not None
    for line, answer in (
        ("credits", "10,000 credits available"),
        ("export", "Error: There is nothing on the timeline"),
    ):
        chat.stdin.write(f"{line}\n")
        chat.stdin.flush()
        assert any(answer in said for said in chat.stdout)
    assert chat.wait(command.PATIENCE_SECONDS) == 1


def test_a_refusal_is_told_once(chat: subprocess.Popen[str]) -> None:
    said, _ = chat.communicate("clip.mp4\nmake it dance\n", timeout=command.PATIENCE_SECONDS)
    assert chat.returncode == 1, said
    assert said.count("I can't do this") == 1
    assert "Error: The editor can't do “make it dance”. Nothing was charged for it.\n" in said
