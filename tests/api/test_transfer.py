"""The bytes of a file on their way to disk: resumed where they broke off, whole or not at all."""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import DownloadFailed
from prefect_nemovideo.api.numbers import DOWNLOAD_ATTEMPTS

FILE = random.Random(4).randbytes(300_000)
OTHER_FILE = random.Random(5).randbytes(300_000)


class Cdn:
    """Serves a file as RFC 9110 has it, and breaks off after `cuts` bytes of each answer, as long as there are cuts."""

    def __init__(self, *cuts: int, etag: str = '"one"', file: bytes = FILE) -> None:
        self.cuts, self.etag, self.file = list(cuts), etag, file
        self.honours_if_range = True
        self.content_range = ""

    async def __call__(self, request: Any, writer: Any) -> None:
        ranged = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        asked = int(ranged[1]) if ranged else 0
        if self.honours_if_range and request.headers.get("if-range", self.etag) != self.etag:
            asked = 0
        content = self.file[asked:]
        status = 206 if asked else 200
        head = f"HTTP/1.1 {status} X\r\ncontent-type: video/mp4\r\ncontent-length: {len(content)}\r\n"
        head += f"etag: {self.etag}\r\n" if self.etag else ""
        if asked:
            told = self.content_range or f"bytes {asked}-{len(self.file) - 1}/{len(self.file)}"
            head += f"content-range: {told}\r\n"
        writer.write(head.encode() + b"\r\n" + (content[: self.cuts[0]] if self.cuts else content))
        await writer.drain()
        if self.cuts:
            self.cuts.pop(0)
            writer.close()


@pytest.fixture
def fetch(
    connect: Callable[..., Any], scripted: Callable[..., Any], tmp_path: Path, nothing_listens: str
) -> Callable[..., Any]:
    """Downloads what an answering function serves, by its link alone; tells the file and the server."""

    async def fetched(answer: Any, **options: Any) -> Any:
        server = await scripted(answer)
        nemo = connect(nothing_listens)
        target = tmp_path / "new" / "clip.mp4"
        file = await nemo.downloads.fetch(f"{server.url}/f.mp4?s=1", target, render_id="render_1", **options)
        assert file.path == target
        assert (file.bytes, file.sha256) == (target.stat().st_size, hashlib.sha256(target.read_bytes()).hexdigest())
        assert list(target.parent.iterdir()) == [target]
        return target.read_bytes(), server

    return fetched


async def test_a_file_arrives_byte_for_byte(fetch: Callable[..., Any], waits: Any) -> None:
    told: list[tuple[int, int]] = []
    content, server = await fetch(Cdn(), progress=lambda *bytes: told.append(bytes))

    assert content == FILE
    assert told[-1] == (len(FILE), len(FILE))
    assert server.requests[0].headers["accept-encoding"] == "identity"
    assert waits.seconds == []


async def test_no_authorization_and_no_cookie_goes_to_the_cdn(fetch: Callable[..., Any]) -> None:
    _, server = await fetch(Cdn(100_000))

    for request in server.requests:
        assert not {"authorization", "cookie", "x-client-id"} & request.headers.keys()
        assert "nmv_usr_test" not in str(vars(request))


async def test_a_broken_download_goes_on_where_it_broke(fetch: Callable[..., Any], waits: Any) -> None:
    """By Range and If-Range; as often as it gets any further."""
    content, server = await fetch(Cdn(*[30_000] * 8))

    assert content == FILE
    assert [request.headers.get("range") for request in server.requests] == [
        None,
        *(f"bytes={30_000 * number}-" for number in range(1, 9)),
    ]
    assert {request.headers.get("if-range") for request in server.requests[1:]} == {'"one"'}
    assert waits.seconds == [0.5] * 8


async def test_without_a_tag_it_starts_anew(fetch: Callable[..., Any]) -> None:
    """Nothing tells whether the rest would fit what is there."""
    content, server = await fetch(Cdn(30_000, etag=""))

    assert content == FILE
    assert [request.headers.get("range") for request in server.requests] == [None, None]


async def test_a_weak_tag_vouches_for_nothing(fetch: Callable[..., Any]) -> None:
    content, server = await fetch(Cdn(30_000, etag='W/"one"'))

    assert content == FILE
    assert server.requests[1].headers.get("range") is None


@pytest.mark.parametrize("honours_if_range", [True, False])
async def test_a_file_that_changed_meanwhile_is_fetched_anew(fetch: Callable[..., Any], honours_if_range: bool) -> None:
    """Whether the server answers with the whole new file, or with a rest that would not fit."""
    cdn = Cdn(30_000)
    cdn.honours_if_range = honours_if_range

    async def changing(request: Any, writer: Any) -> None:
        await cdn(request, writer)
        cdn.etag, cdn.file = '"two"', OTHER_FILE

    content, server = await fetch(changing)

    assert content == OTHER_FILE
    assert len(server.requests) == (2 if honours_if_range else 3)


@pytest.mark.parametrize("told", ["bytes 0-9/300000", "bytes 29999-299999/300000", "items 1-2/3", "nonsense"])
async def test_another_range_than_asked_for_is_not_taken(fetch: Callable[..., Any], told: str) -> None:
    cdn = Cdn(30_000)
    cdn.content_range = told
    content, server = await fetch(cdn)

    assert content == FILE
    assert [request.headers.get("range") for request in server.requests] == [None, "bytes=30000-", None]


async def test_a_range_that_cant_be_had_starts_anew(fetch: Callable[..., Any], reply: Callable[..., bytes]) -> None:
    cdn = Cdn(30_000)

    async def refusing(request: Any, writer: Any) -> None:
        if "range" in request.headers:
            writer.write(reply(416, content_range="bytes */300000"))
        else:
            await cdn(request, writer)

    assert (await fetch(refusing))[0] == FILE


async def test_an_end_that_comes_too_early_is_noticed(fetch: Callable[..., Any]) -> None:
    """An answer without a length and without chunks ends cleanly wherever it is cut: the announced length tells."""
    ends = [50_000, len(FILE)]

    async def closing(request: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n" + FILE[: ends.pop(0)])
        await writer.drain()
        writer.close()

    content, server = await fetch(closing, expected_bytes=len(FILE))
    assert content == FILE
    assert len(server.requests) == 2


async def test_an_announced_length_of_another_unit_fails_nothing(fetch: Callable[..., Any]) -> None:
    """The documentation gives `size` no unit: the answer's own length goes before it."""
    assert (await fetch(Cdn(), expected_bytes=300))[0] == FILE
    assert (await fetch(Cdn(), expected_bytes=10**9))[0] == FILE


async def test_a_download_that_gets_no_further_ends(fetch: Callable[..., Any], waits: Any, tmp_path: Path) -> None:
    """Five tries in a row without a new byte; then the API's own route, then an error that tells of both."""
    told = r"could not be fetched whole \(its link: .*; the API's own route: "
    with pytest.raises(DownloadFailed, match=told) as caught:
        await fetch(Cdn(*[30_000, 0, 0, 0, 0, 0]))

    assert "nothing is charged" in caught.value.next_step
    # Five tries by the link, the first of which got somewhere; then four pauses of the route nobody serves.
    assert waits.seconds == [0.5, 1, 2, 4] * 2
    assert list((tmp_path / "new").iterdir()) == []
    assert DOWNLOAD_ATTEMPTS == 5


FETCH = """
import asyncio, resource, sys
from pathlib import Path
from prefect_nemovideo.api import NemoVideo, NemoVideoError

async def fetch(url, target, most):
    if most:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    async with NemoVideo("nmv_usr_test") as nemo:
        try:
            await nemo.downloads.fetch(url, Path(target), render_id="r")
        except NemoVideoError as error:
            print(type(error).__name__, error)
        else:
            # Not getrusage: that one remembers the process which this one was started from.
            print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))

asyncio.run(fetch(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def fetch_apart(url: str, target: Path, most: int = 0) -> str:
    """Downloads in a process of its own, which may write files of so many bytes; what it says."""
    command = [sys.executable, "-c", FETCH, url, str(target), str(most)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_full_disk_is_named_and_nothing_is_left_behind(pouring: str, tmp_path: Path) -> None:
    said = fetch_apart(f"{pouring}/3000000", tmp_path / "clip.mp4", most=1_000_000)

    assert said == f"DownloadFailed The disk is full: clip.mp4 could not be written to {tmp_path}."
    assert list(tmp_path.iterdir()) == []


def test_the_largest_file_needs_no_more_memory_than_a_small_one(pouring: str, tmp_path: Path) -> None:
    """500 MB raise a process's peak by less than 64 MB over that of 1 MB."""
    peaks = [int(fetch_apart(f"{pouring}/{size}", tmp_path / "clip.mp4")) * 1024 for size in (10**6, 500 * 10**6)]

    assert (tmp_path / "clip.mp4").stat().st_size == 500 * 10**6
    assert peaks[1] - peaks[0] < 64_000_000
