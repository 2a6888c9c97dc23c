"""Data on stdout, everything else on stderr; one line a change where nobody watches."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import command
import pytest
from nemo_server import TOKEN, NemoServer
from prefect_server import PrefectServer

from prefect_nemovideo.results import VideoResult

Nemo = Callable[..., NemoServer]
Cli = Callable[..., command.Ended]


@pytest.fixture
def words(small_clip: Path, tmp_path: Path) -> tuple[str, ...]:
    """The command of a small job."""
    archive = str(tmp_path / "out")
    return ("edit", str(small_clip), "-i", "sharpen the details", "--archive", archive, "--resolution", "720p")


def test_stdout_has_the_result_and_stderr_the_story(cli: Cli, nemo: Nemo, words: tuple[str, ...]) -> None:
    """For people: where the file is and what it is, on stdout; on stderr each change once, without bars or colors."""
    nemo(instant_renders=True)
    ended = cli(*words)
    assert ended.code == 0, ended.err
    where, what, checksum, *_ = ended.out.splitlines()
    assert where.startswith("file://")
    assert "1280×720, 25 frames a second, 1 s, h264" in what
    assert checksum.startswith("  SHA-256 ")
    told = ended.err.splitlines()
    for beginning in (
        "Setting up",
        "Connected",
        "Uploading small.mp4",
        "Editing: ",
        "Rendering ",
        "Checked: ",
        "Archived",
    ):
        assert len([line for line in told if line.startswith(beginning)]) == 1, ended.err
    assert " kB)." in ended.err, "a small file has a size too"
    assert "\x1b" not in ended.out + ended.err
    assert "%" not in ended.err


def test_json_is_one_document_whatever_is_asked(cli: Cli, nemo: Nemo, words: tuple[str, ...], tmp_path: Path) -> None:
    """The result is the manifest; done again it is the same, marked; credits and status know of the job."""
    nemo(instant_renders=True, token_credits=200)
    first, again = cli(*words, "--json"), cli(*words, "--json")
    (manifest,) = (tmp_path / "out").glob("*.manifest.json")
    assert first.document == json.loads(manifest.read_text())
    assert VideoResult.model_validate(first.document).as_requested
    assert (again.code, again.document) == (0, {**first.document, "resumed": True})
    assert "Already done" in again.err
    assert cli("credits", "--json").document == {"available": 150, "frozen": 0, "total": 150}
    status = cli("status", first.document["session_id"], "--json").document
    assert status["timeline"] == first.document["timeline"]
    assert status["files"] == ["small.mp4"]
    assert "/workspace/claim?ct=clm_" in status["workspace_url"]


@pytest.mark.usefixtures("cli")
def test_on_a_terminal_a_bar_moves(nemo: Nemo, words: tuple[str, ...]) -> None:
    """Percentages are for eyes: they are drawn only where stderr is a terminal."""
    nemo(instant_renders=True, render_seconds=2)
    near, far = pty.openpty()
    line = [sys.executable, "-m", "prefect_nemovideo.cli", *words]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=far, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(far)
        drawn = b""
        while piece := read(near):
            drawn += piece
        assert process.wait() == 0, drawn.decode()
    assert b"Rendering" in drawn
    assert b"%" in drawn


def read(terminal: int) -> bytes:
    """What was drawn; nothing once the other end is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("edit", "--help"), ("edit",)])
def test_help_does_not_wait_for_prefect(words: tuple[str, ...]) -> None:
    """Neither Prefect nor boto3 nor FFmpeg's libraries are imported to say how something is typed."""
    program = (
        "import sys\nfrom prefect_nemovideo.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('prefect', 'boto3', 'av', 'aiohttp') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.usefixtures("cli")
def test_the_emulator_serves_until_it_is_stopped(tmp_path: Path) -> None:
    """Its address is the only thing on stdout; Ctrl-C is its regular end."""
    process = command.begin("emulator", "--port", "0", "--data", str(tmp_path / "data"), "--option", f"tokens={TOKEN}")
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    server = NemoServer(url)
    assert server.requests() == []
    server.close()
    process.send_signal(signal.SIGINT)
    ended = command.end(process)
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert f"NEMO_API_URL={url}" in ended.err


def test_without_a_prefect_server_a_temporary_one_is_used(
    nemo: Nemo, words: tuple[str, ...], prefect_server: PrefectServer
) -> None:
    """One command on a fresh machine: nothing else need be running."""
    nemo(instant_renders=True)
    ended = command.run(*words, "--json")
    assert (ended.code, ended.document["status"]) == (0, "completed"), ended.err


def test_a_full_disk_and_a_closed_pipe_end_in_a_sentence_or_in_silence(
    nemo: Nemo, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the output goes to is full, or nobody reads it any more."""
    nemo()
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.api_url)
    command_line = [sys.executable, "-m", "prefect_nemovideo.cli", "credits"]
    with open("/dev/full", "w") as full:
        filled = subprocess.run(command_line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    told = "Error: The output could not be written: the disk is full.\nNext: Make room, and run"
    assert (filled.returncode, filled.stderr[: len(told)]) == (1, told)
    assert "Traceback" not in filled.stderr
    reading, writing = os.pipe()
    os.close(reading)
    closed = subprocess.run(command_line, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (closed.returncode, closed.stderr) == (0, "")
