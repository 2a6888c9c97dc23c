"""`chat` on a terminal: what only a person at a keyboard meets."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from nemo_server import NemoServer
from prefect_server import PrefectServer

Nemo = Callable[..., NemoServer]
PROMPT = "\r\n> "
UP, CTRL_C, CTRL_D = "\x1b[A", "\x03", "\x04"
PATIENCE_SECONDS = 60


@pytest.fixture
def chat(
    nemo: Nemo, small_clip: Path, tmp_path: Path, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], pexpect.spawn]]:
    """Begins a conversation in a folder with a clip, and waits until it can be typed in."""
    nemo(instant_renders=True)
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.api_url)
    here = tmp_path / "here"
    here.mkdir()
    shutil.copy(small_clip, here / "clip.mp4")
    begun: list[pexpect.spawn] = []

    def begin() -> pexpect.spawn:
        command = [sys.executable, "-m", "prefect_nemovideo.cli", "chat"]
        talk = pexpect.spawn(
            command[0],
            command[1:],
            cwd=here,
            env={**os.environ, "TERM": "xterm"},
            encoding="utf-8",
            dimensions=(40, 200),
            timeout=PATIENCE_SECONDS,
        )
        begun.append(talk)
        talk.expect("This session is kept as")
        talk.expect("> ")
        return talk

    yield begin
    for talk in begun:
        talk.close(force=True)


def test_tab_completes_words_and_files_and_the_last_lines_come_again(chat: Callable[[], pexpect.spawn]) -> None:
    talk = chat()
    talk.send("cli\t\r")
    talk.expect("Uploaded clip.mp4")
    talk.expect(PROMPT)
    talk.send("sta\t\r")
    talk.expect(r"Timeline \(1 track\)")
    talk.expect(PROMPT)
    talk.sendline("quit")
    talk.expect("Kept as")
    talk.expect(pexpect.EOF)
    again = chat()
    again.send(UP + UP)
    again.expect("status")


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_whoever_leaves_at_the_prompt_leaves_at_once(chat: Callable[[], pexpect.spawn], key: str) -> None:
    """And the terminal shows what is typed, as before."""
    talk = chat()
    talk.send(key)
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0
    assert "Traceback" not in talk.before


def test_whoever_stops_a_line_at_work_is_told_where_to_go_on(chat: Callable[[], pexpect.spawn]) -> None:
    """In a new conversation the same command would begin another one."""
    service = NemoServer(os.environ["NEMO_API_URL"])
    service.options(edit_seconds=60)
    talk = chat()
    talk.sendline("clip.mp4")
    talk.expect("Uploaded clip.mp4")
    talk.expect(PROMPT)
    talk.sendline("make it brighter")
    service.is_asked("run_sse")
    talk.send(CTRL_C)
    talk.expect(
        "Error: Interrupted. Nothing was spent. “make it brighter” was being carried out and may be charged too."
    )
    talk.expect("Next: Go on with: prefect-nemovideo chat chat-")
    talk.expect(pexpect.EOF)
    talk.close()
    service.close()
    assert talk.exitstatus == 130


def test_ctrl_c_does_not_reach_the_temporary_server(
    nemo: Nemo, small_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal tells all processes of a command; the run still needs its server to end as it should."""
    service = nemo(instant_renders=True, render_seconds=600)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    words = ["edit", str(small_clip), "-i", "sharpen", "--resolution", "720p", "--archive", str(tmp_path / "out")]
    edit = pexpect.spawn(
        sys.executable,
        ["-m", "prefect_nemovideo.cli", *words],
        env={**os.environ, "TERM": "xterm"},
        encoding="utf-8",
        dimensions=(40, 200),
        timeout=PATIENCE_SECONDS,
    )
    service.is_asked("render_status")
    edit.send(CTRL_C)
    edit.expect("was cancelled at the service too")
    edit.expect(r"Interrupted\. 50 credits were spent")
    edit.expect(pexpect.EOF)
    edit.close()
    assert edit.exitstatus == 130
    assert [render["status"] for render in service.renders()] == ["cancelled"]


def test_a_line_that_is_being_typed_is_not_disturbed(chat: Callable[[], pexpect.spawn]) -> None:
    """Nothing draws on the terminal, or hides its cursor, while nothing moves."""
    talk = chat()
    with pytest.raises(pexpect.TIMEOUT):
        talk.expect("\x1b", timeout=1)
