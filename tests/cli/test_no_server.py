"""A command that has not what it needs to begin: it says so in a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import command


def test_a_temporary_server_that_does_not_start_is_told_in_a_sentence(small_clip: Path) -> None:
    words = ("edit", str(small_clip), "-i", "make it brighter", "--local")
    ended = command.end(command.begin(*words, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false"))
    assert ended.code == 1
    assert "Error: Prefect's temporary server could not be started:" in ended.err
    assert "Nothing was sent." in ended.err
    assert "Next: Name a server with PREFECT_API_URL" in ended.err
    assert "Traceback" not in ended.err


def test_a_conversation_with_a_closed_input_is_none() -> None:
    line = f"exec {sys.executable} -m prefect_nemovideo.cli chat --local <&-"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Error: There is nobody to talk to: the input is closed." in ended.stderr
    assert "Traceback" not in ended.stderr
