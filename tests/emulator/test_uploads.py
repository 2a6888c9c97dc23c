"""Files on their way in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

MIB = 1024 * 1024


@pytest.fixture
def web_folder(clip: Path) -> Iterator[str]:
    """The clip's folder on a plain web server; its URL."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/city%20timelapse.mp4")
                self.end_headers()
            else:
                super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(clip.parent)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def by_url(caller: Any, url: str) -> httpx.Response:
    body = {"urls": [url], "source_type": "url"}
    reply: httpx.Response = caller.http.post(f"/api/upload-video/nemo_agent/me/{caller.session_id}", json=body)
    return reply


@pytest.mark.conformance("state-call")
def test_the_state_shows_what_was_uploaded(emulate: Callable[..., Any], clip: Path) -> None:
    caller = emulate().begin()
    [file] = caller.upload(clip).json()["data"]["files"]
    [info] = caller.state()["state"]["video_infos"]

    assert (info["name"], info["size"], info["hash"]) == (clip.name, clip.stat().st_size, file["hash"])
    assert info["cdn_url"] == file["cdn_url"]
    assert caller.draft()["t"][0]["sg"][0]["src"] == info["id"]
    assert caller.state()["state"]["canvas_config"]["width"] == 320


def test_several_files_come_in_one_form(emulate: Callable[..., Any], clip: Path) -> None:
    caller = emulate().begin()
    data = caller.upload(clip, clip).json()["data"]

    assert [file["filename"] for file in data["files"]] == [clip.name] * 2
    assert len({file["cdn_url"] for file in data["files"]}) == 2


@pytest.mark.parametrize(("name", "content"), [("notes.txt", None), ("fake.mp4", b"just words")])
def test_what_is_no_media_file_is_refused(
    emulate: Callable[..., Any],
    clip: Path,
    tmp_path: Path,
    unfinished: Callable[[], list[Path]],
    name: str,
    content: bytes | None,
) -> None:
    """By its name or by its content, and a good file beside it isn't taken either."""
    caller = emulate().begin()
    bad = tmp_path / name
    bad.write_bytes(content or clip.read_bytes())
    reply = caller.upload(clip, bad)

    assert (reply.status_code, reply.json()["code"]) == (415, 4001)
    assert name in reply.json()["message"]
    assert caller.state()["state"]["video_infos"] == []
    assert unfinished() == []


def test_a_file_that_is_too_large_is_refused_before_it_has_come(
    emulate: Callable[..., Any], unfinished: Callable[[], list[Path]]
) -> None:
    """The answer is there while most of the bytes that were announced have not been sent."""
    caller = emulate(max_upload_bytes=MIB).begin()
    host, port = caller.url.removeprefix("http://").split(":")
    head = (
        f"POST /api/upload-video/nemo_agent/me/{caller.session_id} HTTP/1.1\r\nHost: {host}\r\n"
        "Authorization: Bearer nmv_usr_test\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {500 * MIB}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="big.mp4"\r\n\r\n'
    )
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + bytes(2 * MIB))
        reply = connection.recv(65536)

    assert reply.startswith(b"HTTP/1.1 413")
    assert b'"code":4002' in reply
    assert unfinished() == []


def test_an_upload_that_breaks_off_leaves_nothing(
    emulate: Callable[..., Any], until: Callable[..., Any], unfinished: Callable[[], list[Path]]
) -> None:
    caller = emulate().begin()
    host, port = caller.url.removeprefix("http://").split(":")
    head = (
        f"POST /api/upload-video/nemo_agent/me/{caller.session_id} HTTP/1.1\r\nHost: {host}\r\n"
        "Authorization: Bearer nmv_usr_test\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {MIB}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="clip.mp4"\r\n\r\nsome bytes'
    )
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode())
        until(unfinished)
    until(lambda: not unfinished())

    assert caller.state()["state"]["video_infos"] == []


def test_a_url_is_fetched(emulate: Callable[..., Any], web_folder: str, clip: Path) -> None:
    caller = emulate(allow_private_urls=True).begin()
    for path in ("/city%20timelapse.mp4", "/moved"):
        [file] = by_url(caller, web_folder + path).json()["data"]["files"]
        assert file["width"] == 320
        assert httpx.get(file["cdn_url"]).content == clip.read_bytes()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"])
def test_a_url_to_a_private_address_is_refused(emulate: Callable[..., Any], host: str) -> None:
    reply = by_url(emulate().begin(), f"http://{host}:9/clip.mp4")

    assert (reply.status_code, reply.json()["code"]) == (400, 4003)
    assert "private address" in reply.json()["message"]


@pytest.mark.parametrize(
    "url", ["http://2130706433/clip.mp4", "file:///etc/passwd", "ftp://example.com/a.mp4", "clip.mp4", "http://"]
)
def test_only_http_urls_are_fetched(emulate: Callable[..., Any], url: str) -> None:
    assert by_url(emulate().begin(), url).json()["code"] == 4003


def test_a_url_that_answers_with_an_error_or_too_much_is_refused(emulate: Callable[..., Any], web_folder: str) -> None:
    caller = emulate(allow_private_urls=True, max_upload_bytes=1000).begin()

    assert by_url(caller, f"{web_folder}/absent.mp4").json()["code"] == 4003
    assert by_url(caller, f"{web_folder}/city%20timelapse.mp4").json()["code"] == 4002


def test_memory_stays_the_same_for_a_large_upload(tmp_path: Path) -> None:
    """200 MB of nothing cost the emulator less than 64 MB more at its peak than 1 MB of nothing."""
    peaks = [_peak_memory_of_an_upload(tmp_path / str(size), size) for size in (MIB, 200 * MIB)]

    assert peaks[1] - peaks[0] < 64 * MIB


def _peak_memory_of_an_upload(folder: Path, size: int) -> int:
    """Upload zeros to an emulator process; the most memory that it has had, in bytes."""
    command = [sys.executable, "-m", "prefect_nemovideo.emulator", "--port", "0", "--data", str(folder)]
    with subprocess.Popen([*command, "--option", "tokens=nmv_usr_test"], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().decode().strip()
            with httpx.Client(base_url=url, headers={"Authorization": "Bearer nmv_usr_test"}, timeout=60) as http:
                session = http.post("/api/tasks/me/with-session/nemo_agent", json={}).json()["data"]["session_id"]
                zeros = folder / "zeros.mp4"
                zeros.touch()
                os.truncate(zeros, size)
                with zeros.open("rb") as file:
                    reply = http.post(f"/api/upload-video/nemo_agent/me/{session}", files={"files": file})
            assert reply.json()["code"] == 4001
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.terminate()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
