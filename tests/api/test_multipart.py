"""A file as it goes over the wire: byte for byte, in constant memory, closed whatever ends it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import BadInput, FileRefused
from prefect_nemovideo.api.numbers import MAX_UPLOAD_BYTES

UPLOADED = b'{"code":0,"data":{"files":[{"filename":"clip.mp4"}],"session_state_applied":true}}'


def sparse(path: Path, size: int) -> Path:
    """A file of so many zeros, which takes no room."""
    path.touch()
    os.truncate(path, size)
    return path


async def test_a_name_that_is_no_text_is_sent_as_far_as_it_is(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], tmp_path: Path
) -> None:
    """Linux has names that no encoding knows."""

    async def accept(request: Any, writer: Any) -> None:
        writer.write(reply(body=UPLOADED))

    server = await scripted(accept)
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.mp4"))
    path.write_bytes(b"bytes")
    await connect(server.url).uploads.send("1", path)

    assert b'filename="?.mp4"' in server.requests[0].body


async def test_a_refusal_while_sending_is_heard(
    emulate: Callable[..., Any], connect: Callable[..., Any], tmp_path: Path
) -> None:
    """413 comes before the last byte has left: it is that refusal, and no lost connection."""
    backend = emulate(max_upload_bytes=1000)
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    path = sparse(tmp_path / "clip.mp4", 30 << 20)
    with pytest.raises(FileRefused, match="The file is too large for the service") as caught:
        await nemo.uploads.send(session.session_id, path)

    assert caught.value.facts["api_code"] == 4002
    assert str(path) not in open_files()
    assert len(backend.requests("upload")) == 1


async def test_an_upload_follows_a_307_whole_and_without_the_token(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], no_video: Path
) -> None:
    async def accept(request: Any, writer: Any) -> None:
        writer.write(reply(body=UPLOADED))

    other = await scripted(accept)

    async def redirect(request: Any, writer: Any) -> None:
        writer.write(reply(307, location=f"{other.url}/there"))

    first = await scripted(redirect)
    await connect(first.url).uploads.send("1", no_video)

    assert no_video.read_bytes() in other.requests[0].body
    assert other.requests[0].body == first.requests[0].body
    assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize("how", ["grows", "shrinks", "is written over", "goes"])
async def test_a_file_that_changes_while_it_is_sent_is_not_uploaded(
    emulate: Callable[..., Any], connect: Callable[..., Any], tmp_path: Path, how: str
) -> None:
    backend = emulate()
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(5 << 20))

    def meddle(done: int, total: int) -> None:
        if how == "goes" or done > 2 << 20:
            return
        if how == "is written over":
            os.utime(path, ns=(1, done))
        else:
            os.truncate(path, total + done if how == "grows" else 3 << 20)

    if how == "goes":
        body = nemo.uploads.send(session.session_id, path)
        sending = asyncio.create_task(body)
        path.unlink()
        with pytest.raises(BadInput, match=r"There is no file|can't be read: No such file"):
            await sending
    else:
        with pytest.raises(BadInput, match=r"clip\.mp4 changed while it was being uploaded"):
            await nemo.uploads.send(session.session_id, path, progress=meddle)

    assert (await nemo.sessions.state(session.session_id)).files == []


async def test_a_cancelled_upload_ends_at_once_and_closes_its_file(
    connect: Callable[..., Any], tmp_path: Path, deaf: str
) -> None:
    """Even where the other end does not take the bytes: without an end, sending would wait for a minute."""
    path = sparse(tmp_path / "clip.mp4", 200 << 20)
    loop, begun = asyncio.get_running_loop(), asyncio.Event()
    sending = asyncio.create_task(
        connect(deaf).uploads.send("1", path, progress=lambda done, total: loop.call_soon_threadsafe(begun.set))
    )
    await begun.wait()
    assert str(path) in open_files()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert str(path) not in open_files()


@pytest.fixture
def deaf() -> Iterator[str]:
    """A server that takes connections and reads nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def open_files() -> set[str]:
    """Paths of what this process has open."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        # The one of the listing itself is gone by now.
        with suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/self/fd/{number}"))
    return found


SEND = """
import asyncio, sys
from pathlib import Path
from prefect_nemovideo.api import NemoVideo

async def send():
    async with NemoVideo("nmv_usr_test") as nemo:
        await nemo.uploads.send("1", Path(sys.argv[1]))

asyncio.run(send())
# Not getrusage: that one remembers the process which this one was started from.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_the_largest_file_needs_no_more_memory_than_a_small_one(
    swallowing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 MiB raise a process's peak by less than 64 MB over that of 1 MB."""
    monkeypatch.setenv("NEMO_API_URL", swallowing)
    peaks = []
    for size in (1 << 20, MAX_UPLOAD_BYTES):
        path = sparse(tmp_path / "clip.mp4", size)
        command = [sys.executable, "-c", SEND, str(path)]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1024)

    assert peaks[1] - peaks[0] < 64_000_000
