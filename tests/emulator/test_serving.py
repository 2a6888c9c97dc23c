"""Starting, stopping, starting again, several on one folder, and the emulator as a program."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from prefect_nemovideo.emulator import Emulator, EmulatorOptions
from prefect_nemovideo.emulator.__main__ import main

TOKENS = ("nmv_usr_test",)
PROGRAM = [sys.executable, "-m", "prefect_nemovideo.emulator"]


@contextmanager
def program(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """An emulator process on a folder, and its URL."""
    command = [*PROGRAM, "--port", "0", "--data", str(folder), "--option", "tokens=nmv_usr_test"]
    for option in options:
        command += ["--option", option]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


def test_it_listens_between_start_and_stop() -> None:
    emulator = Emulator()
    emulator.start()
    url = emulator.url
    assert httpx.get(f"{url}/_emulator/health").status_code == 200
    emulator.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_emulator/health")
    emulator.stop()


def test_a_taken_port_is_an_error_of_start() -> None:
    with Emulator() as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address already in use"):
            Emulator(port=port).start()


def test_a_restart_loses_nothing(tmp_path: Path, clip: Path, caller_at: Callable[..., Any]) -> None:
    """Sessions, files, renders, charges, tokens and the clock are there again, on the same port too."""
    options = EmulatorOptions(tokens=TOKENS, silent_share=0, edit_seconds=0, instant_renders=True)
    with Emulator(tmp_path, options) as emulator:
        url = emulator.url
        caller = caller_at(url).begin()
        caller.upload(clip)
        caller.say("trim the first 1 second")
        caller.export("render_1")
        caller.http.post("/_emulator/clock", json={"advance_seconds": 60})
        before = (caller.state(), caller.exported("render_1"), caller.look("charges"), caller.credits())
    with Emulator(tmp_path, options, port=int(url.rsplit(":", 1)[1])) as emulator:
        assert emulator.url == url
        assert (caller.state(), caller.status("render_1"), caller.look("charges"), caller.credits()) == before
        assert caller.look("clock")["offset_seconds"] == 60
        assert httpx.get(before[1]["output"]["url"]).status_code == 200


def test_a_stopped_emulators_render_is_started_again(tmp_path: Path, clip: Path, caller_at: Callable[..., Any]) -> None:
    slow = EmulatorOptions(tokens=TOKENS, instant_renders=True, render_seconds=60)
    with Emulator(tmp_path, slow) as emulator:
        caller = caller_at(emulator.url).begin()
        caller.upload(clip)
        caller.export("render_1")
    with Emulator(tmp_path, slow.changed({"render_seconds": 0})) as emulator:
        again = caller_at(emulator.url)

        assert again.exported("render_1")["status"] == "completed"


def test_a_killed_emulators_work_is_taken_over(
    tmp_path: Path, clip: Path, caller_at: Callable[..., Any], until: Callable[..., Any]
) -> None:
    """Two processes on one folder: the survivor finishes the render, frees the credits that were held, and
    removes what the other had begun."""
    slow = ("instant_renders=true", "render_seconds=60", "edit_seconds=60")
    with program(tmp_path, *slow) as (victim, victim_url), program(tmp_path, "instant_renders=true") as (_, url):
        caller, survivor = caller_at(victim_url).begin(), caller_at(url)
        caller.upload(clip)
        caller.export("render_1")
        with caller.http.stream("POST", "/run_sse", json=caller.message("mute the audio")) as reply:
            pieces = reply.iter_raw()
            assert next(pieces)
            assert survivor.credits()["frozen"] == 50
            victim.send_signal(signal.SIGKILL)
            victim.wait()

        assert survivor.exported("render_1")["status"] == "completed"
        assert until(lambda: survivor.credits()["frozen"] == 0)
        assert survivor.look("charges") == []
        assert until(lambda: len(list((tmp_path / "instances").iterdir())) == 1)


def encoder_of(parent: int) -> int | None:
    """The process id of the FFmpeg that a process renders with, once it runs."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            process = int(entry.name) if entry.name.isdigit() else parent
            if state_of(process)[1] != str(parent) or "ffmpeg" not in (entry / "exe").readlink().name:
                continue
            if b"-progress" in (entry / "cmdline").read_bytes():  # and not one that is asked for its version
                return process
    return None


def state_of(process: int) -> list[str]:
    """How a process is ("R", "T", "Z"…) and its parent, from /proc."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:2]


def is_gone(process: int) -> bool:
    try:
        return state_of(process)[0] == "Z"
    except OSError:
        return True


def test_the_ffmpeg_of_a_killed_emulator_is_killed(
    tmp_path: Path, clip: Path, caller_at: Callable[..., Any], until: Callable[..., Any]
) -> None:
    """It is stopped first, so that it can't have come to its end by itself."""
    with program(tmp_path) as (emulator, url):
        caller = caller_at(url).begin()
        caller.upload(clip)
        caller.say("upscale to 4K, denoise and play at 0.2x")
        caller.export("render_1")
        ffmpeg = until(lambda: encoder_of(emulator.pid))
        os.kill(ffmpeg, signal.SIGSTOP)
        try:
            emulator.kill()
            emulator.wait()

            assert until(lambda: is_gone(ffmpeg))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(ffmpeg, signal.SIGKILL)


def test_another_process_can_cancel_a_render(
    tmp_path: Path, clip: Path, caller_at: Callable[..., Any], until: Callable[..., Any]
) -> None:
    """The render's own process then gets on with the next one."""
    options = EmulatorOptions(tokens=TOKENS, instant_renders=True, render_seconds=60)
    with Emulator(tmp_path, options) as first, Emulator(tmp_path, options) as second:
        caller, other = caller_at(first.url).begin(), caller_at(second.url)
        caller.upload(clip)
        caller.export("render_1")
        until(lambda: caller.status("render_1")["status"] == "processing")
        assert other.http.post("/api/render/proxy/lambda/render_1/cancel").json()["status"] == "cancelled"
        caller.export("render_2")

        assert until(lambda: caller.status("render_2")["status"] == "processing")


def test_the_program_prints_its_url_and_ends_in_order(tmp_path: Path) -> None:
    with program(tmp_path, "sse_dialect=adk") as (process, url):
        assert httpx.get(f"{url}/_emulator/options").json()["sse_dialect"] == "adk"
        process.terminate()

        assert process.wait(30) == 0
    assert list((tmp_path / "instances").iterdir()) == []


@pytest.mark.parametrize("option", ["sse_dialect=morse", "colour=red", "silent_share"])
def test_the_program_refuses_a_wrong_option(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--option", option])

    assert ended.value.code == 2
    assert option.split("=")[0] in capsys.readouterr().err


def test_options_are_read_from_words() -> None:
    words = ["sse-dialect=adk", "silent_share=0.5", "gui_phrases=true", "tokens=a,b", "public_url=http://x"]
    options = EmulatorOptions.parse(words)

    assert (options.sse_dialect, options.silent_share, options.gui_phrases) == ("adk", 0.5, True)
    assert (options.tokens, options.public_url) == (("a", "b"), "http://x")
