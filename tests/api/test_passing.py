"""Footage that the service does not fetch itself goes through this machine's memory: whole, resumed, and by no disk."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api.errors import BadInput, FileRefused
from prefect_nemovideo.api.numbers import MAX_UPLOAD_BYTES
from prefect_nemovideo.api.passing import NotPassed

FILE = random.Random(6).randbytes(3_000_000)
UPLOADED = b'{"code":0,"data":{"files":[{"filename":"clip.mp4"}],"session_state_applied":true}}'


class Shelf:
    """Serves a file as RFC 9110 has it, and breaks off after `cuts` bytes of each answer, as long as there are cuts."""

    def __init__(self, *cuts: int, etag: str = '"one"', ranges: bool = True) -> None:
        self.cuts, self.etag, self.ranges = list(cuts), etag, ranges
        self.etag_later = etag

    async def __call__(self, request: Any, writer: Any) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        begin = int(asked[1]) if asked and self.ranges and request.headers["if-range"] == self.etag else 0
        head = f"HTTP/1.1 {206 if begin else 200} X\r\ncontent-length: {len(FILE) - begin}\r\n"
        head += f"etag: {self.etag}\r\n" if self.etag else ""
        head += f"content-range: bytes {begin}-{len(FILE) - 1}/{len(FILE)}\r\n" if begin else ""
        cut = self.cuts.pop(0) if self.cuts else None
        writer.write(head.encode() + b"\r\n" + FILE[begin:][:cut])
        await writer.drain()
        self.etag = self.etag_later
        if cut is not None:
            writer.close()


@pytest.fixture
def taking(scripted: Callable[..., Any], reply: Callable[..., bytes]) -> Callable[..., Any]:
    """Starts a service that takes any upload."""

    async def start() -> Any:
        async def accept(request: Any, writer: Any) -> None:
            writer.write(reply(body=UPLOADED))

        return await scripted(accept)

    return start


@pytest.mark.parametrize("cuts", [(), (1_000_000, 0, 10, 1_500_000)], ids=["whole", "broken four times"])
async def test_footage_is_passed_on_byte_for_byte(
    connect: Callable[..., Any], scripted: Callable[..., Any], taking: Callable[..., Any], cuts: tuple[int, ...]
) -> None:
    """Broken off, it goes on where it broke: what the service gets has no seam."""
    shelf, service = await scripted(Shelf(*cuts)), await taking()
    told: list[tuple[int, int]] = []
    file = await connect(service.url).uploads.pass_on(
        "1",
        f"{shelf.url}/f.mp4?signature=secret",
        "my clip.mp4",
        len(FILE),
        sha256=hashlib.sha256(FILE).hexdigest(),
        progress=lambda *bytes: told.append(bytes),
    )
    [request] = service.requests

    assert file.filename == "clip.mp4"
    assert request.body.split(b"\r\n\r\n", 1)[1].startswith(FILE + b"\r\n--")
    assert b'filename="my clip.mp4"\r\nContent-Type: video/mp4' in request.body
    assert told[-1] == (len(FILE), len(FILE))
    assert len(shelf.requests) == len(cuts) + 1
    assert all("authorization" not in asked.headers for asked in shelf.requests)


async def test_it_begins_anew_where_the_service_sends_it_on(
    connect: Callable[..., Any], scripted: Callable[..., Any], taking: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    shelf, other = await scripted(Shelf()), await taking()

    async def redirect(request: Any, writer: Any) -> None:
        writer.write(reply(307, location=f"{other.url}/there"))

    first = await scripted(redirect)
    await connect(first.url).uploads.pass_on("1", f"{shelf.url}/f", "clip.mp4", len(FILE))

    assert FILE in other.requests[0].body
    assert other.requests[0].body == first.requests[0].body
    assert len(shelf.requests) == 2


@pytest.mark.parametrize(
    ("shelf", "later", "sentence"),
    [
        (Shelf(1000), '"two"', r"clip\.mp4 changed while it was being uploaded"),
        (Shelf(1000, etag=""), "", r"clip\.mp4 can't be fetched: "),
        (Shelf(1000, ranges=False), '"one"', r"clip\.mp4 can't be fetched: it broke off, and its server has no ranges"),
        (Shelf(*[0] * 9), '"one"', r"clip\.mp4 can't be fetched: "),
    ],
    ids=["changed", "without a tag", "without ranges", "always broken"],
)
async def test_what_does_not_come_whole_is_not_uploaded(
    emulate: Callable[..., Any],
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    shelf: Shelf,
    later: str,
    sentence: str,
) -> None:
    """The secret of its address is in no message."""
    shelf.etag_later = later
    source, backend = await scripted(shelf), emulate()
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    with pytest.raises(BadInput, match=sentence) as caught:
        await nemo.uploads.pass_on(session.session_id, f"{source.url}/f?secret", "clip.mp4", len(FILE))

    assert "secret" not in str(caught.value)
    assert (await nemo.sessions.state(session.session_id)).files == []


@pytest.mark.parametrize(
    ("size", "sha256", "sentence"),
    [
        (len(FILE) + 1, None, "it has 3000000 bytes, and not the 3000001 that were announced"),
        (len(FILE), "0" * 64, "changed while it was being uploaded"),
        (MAX_UPLOAD_BYTES + 1, None, "NemoVideo takes at most 500 MB"),
    ],
)
async def test_what_is_not_what_was_announced_is_not_uploaded(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    taking: Callable[..., Any],
    size: int,
    sha256: str | None,
    sentence: str,
) -> None:
    shelf, service = await scripted(Shelf()), await taking()
    with pytest.raises(BadInput, match=sentence):
        await connect(service.url).uploads.pass_on("1", f"{shelf.url}/f", "clip.mp4", size, sha256=sha256)

    assert service.requests == []


async def test_what_is_not_to_be_had_is_said(
    connect: Callable[..., Any], scripted: Callable[..., Any], taking: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    async def refuse(request: Any, writer: Any) -> None:
        writer.write(reply(403))

    shelf, service = await scripted(refuse), await taking()
    with pytest.raises(NotPassed, match=r"clip\.mp4 can't be fetched: HTTP 403\.") as caught:
        await connect(service.url).uploads.pass_on("1", f"{shelf.url}/f", "clip.mp4", 10)

    assert caught.value.next_step
    assert len(shelf.requests) == 1


async def test_a_refusal_while_it_is_passed_on_is_heard(
    emulate: Callable[..., Any], connect: Callable[..., Any], scripted: Callable[..., Any]
) -> None:
    backend, shelf = emulate(max_upload_bytes=1000), await scripted(Shelf())
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    with pytest.raises(FileRefused, match="The file is too large for the service"):
        await nemo.uploads.pass_on(session.session_id, f"{shelf.url}/f", "clip.mp4", len(FILE))


@pytest.mark.timeout(40)
async def test_cancelled_it_ends_at_once_though_its_source_says_nothing(
    connect: Callable[..., Any], scripted: Callable[..., Any], taking: Callable[..., Any]
) -> None:
    """Without an end, it would wait a minute for the next byte: both connections are ended."""
    begun = asyncio.Event()

    async def stall(request: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbeginning")
        await writer.drain()
        begun.set()
        await asyncio.Event().wait()

    shelf, service = await scripted(stall), await taking()
    passing = asyncio.create_task(connect(service.url).uploads.pass_on("1", f"{shelf.url}/f", "clip.mp4", 1000))
    await begun.wait()
    passing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await passing

    assert service.requests == []


PASS = """
import asyncio, sys
from prefect_nemovideo.api import NemoVideo

async def pass_on(source, size):
    async with NemoVideo("nmv_usr_test") as nemo:
        await nemo.uploads.pass_on("1", source, "clip.mp4", size)

asyncio.run(pass_on(f"{sys.argv[1]}/{sys.argv[2]}", int(sys.argv[2])))
# Not getrusage: that one remembers the process which this one was started from.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_the_largest_passage_needs_no_more_memory_than_a_small_one(
    swallowing: str, pouring: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 MB raise a process's peak by less than 64 MB over that of 1 MB."""
    monkeypatch.setenv("NEMO_API_URL", swallowing)
    peaks = []
    for size in (10**6, 500 * 10**6):
        command = [sys.executable, "-c", PASS, pouring, str(size)]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1024)

    assert peaks[1] - peaks[0] < 64_000_000
