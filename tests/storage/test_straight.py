"""Videos that come into a bucket without touching the disk: checked where they lie, and never over another one."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from loopback import S3Server

from prefect_nemovideo.media import verify
from prefect_nemovideo.storage import ChecksumMismatch, Conflict, NotThere, S3Options, StorageError
from prefect_nemovideo.storage.arriving import PART_BYTES
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place
from prefect_nemovideo.storage.staging import Staging

# Two parts: one whole, one not.
FILM = random.Random(0).randbytes(PART_BYTES + 1_000_000)
FILM_SHA256 = hashlib.sha256(FILM).hexdigest()
PIECE_BYTES = 65_536 * 3


@pytest.fixture
def place(s3: S3Server) -> S3Place:
    """A fresh bucket that takes videos straight in, on each of the servers."""
    return S3Place(s3.make_bucket(), "films", s3.client(), options=S3Options(straight=True))


def staging_of(place: S3Place) -> Staging:
    assert place.staging is not None
    return place.staging


def bring(place: S3Place, content: bytes, name: str = "clip.mp4") -> None:
    """Into the staging, in pieces as they come from a line."""
    with closing(staging_of(place).receive(name)) as arriving:
        arriving.start_over()
        for start in range(0, len(content), PIECE_BYTES):
            arriving.take(content[start : start + PIECE_BYTES])
        assert arriving.finish() == len(content)


def adopt(place: S3Place, content: bytes, name: str = "clip.mp4") -> bool:
    """From the staging to its name; whether it was there before."""
    digest = hashlib.sha256(content).hexdigest()
    return staging_of(place).adopt(name, sha256_hex=digest, size=len(content)).already_there


def is_clean(place: S3Place) -> bool:
    """Whether the server has no upload that was left in the middle."""
    return not place.client.list_multipart_uploads(Bucket=place.bucket).get("Uploads")


def test_a_video_gets_its_name_once_it_is_checked(place: S3Place, tmp_path: Path) -> None:
    """Nobody sees it before; then it is whole, with its type and its SHA-256, and the staging is empty."""
    bring(place, FILM)
    assert list(place.names()) == []
    assert staging_of(place).open("clip.mp4").read() == FILM
    stored = staging_of(place).adopt(
        "clip.mp4", sha256_hex=FILM_SHA256, size=len(FILM), content_type="video/mp4", metadata={"job-key": "雪"}
    )
    staging_of(place).remove("clip.mp4")
    assert (stored.uri, stored.already_there) == (place.uri_of("clip.mp4"), False)
    held = place.download("clip.mp4", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == FILM
    assert (held.content_type, dict(held.metadata)) == ("video/mp4", {"job-key": "雪", "sha256": FILM_SHA256})
    listed = place.client.list_objects_v2(Bucket=place.bucket)["Contents"]
    assert [item["Key"] for item in listed] == ["films/clip.mp4"]
    assert is_clean(place)


def test_what_has_the_name_is_never_overwritten(place: S3Place) -> None:
    """The same content is already there; other content is a conflict, and stays."""
    bring(place, FILM)
    assert not adopt(place, FILM)
    assert adopt(place, FILM)
    bring(place, FILM[:-1])
    with pytest.raises(Conflict, match="Nothing was overwritten"):
        adopt(place, FILM[:-1])
    held = place.head("clip.mp4")
    assert held is not None
    assert held.sha256 == FILM_SHA256
    assert is_clean(place)


@pytest.mark.parametrize("s3", ["ministack_s3"], indirect=True)
def test_of_several_at_the_same_instant_one_is_kept(place: S3Place) -> None:
    """Whole, and one of theirs: the condition holds when the parts are put together, not only when it was looked.

    Swift looks and writes in two steps: of those that complete at the same instant, it may take several.
    """
    contents = [bytes([number]) * 100_000 for number in range(4)]
    for number, content in enumerate(contents):
        bring(place, content, f"{number}")

    def copy(number: int) -> bool:
        source = staging_of(place).open(f"{number}")
        description = place.description("video/mp4", None, hashlib.sha256(contents[number]).hexdigest())
        try:
            staging_of(place).copy(source, "clip.mp4", description)
        except place.client.exceptions.ClientError:
            return False
        return True

    with ThreadPoolExecutor(len(contents)) as pool:
        assert sum(pool.map(copy, range(len(contents)))) == 1
    assert place.read_bytes("clip.mp4") in contents
    assert is_clean(place)


def test_a_video_that_begins_anew_is_not_mixed_with_what_came_before(place: S3Place) -> None:
    """As when a link breaks off and the API's own route begins at the beginning."""
    with closing(staging_of(place).receive("clip.mp4")) as arriving:
        arriving.take(FILM)
        arriving.start_over()
        arriving.take(b"another film")
        assert arriving.finish() == len(b"another film")
    assert staging_of(place).open("clip.mp4").read() == b"another film"
    assert is_clean(place)


class Interrupted(BaseException):
    """Like KeyboardInterrupt, but of nobody's keyboard."""


def test_what_breaks_off_leaves_nothing(place: S3Place) -> None:
    """Neither an object nor parts that are paid for."""

    def interrupted() -> None:
        with closing(staging_of(place).receive("clip.mp4")) as arriving:
            arriving.take(FILM)
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    with pytest.raises(NotThere):
        staging_of(place).open("clip.mp4")
    assert is_clean(place)


def test_a_bucket_that_is_not_there_is_said_at_once(s3: S3Server) -> None:
    """With the first part, not at the end of the video."""
    place = S3Place("no-such-films", "", s3.client(), options=S3Options(straight=True))
    with pytest.raises(StorageError, match="the bucket does not exist"), closing(staging_of(place).receive("a")) as way:
        way.take(FILM)


def test_a_staged_video_of_another_length_is_not_stored(place: S3Place) -> None:
    """Whoever writes in the staging does not get into the archive."""
    bring(place, FILM[:-1])
    with pytest.raises(ChecksumMismatch, match="Nothing was stored"):
        adopt(place, FILM)
    assert place.head("clip.mp4") is None


def test_a_video_is_decoded_where_it_lies(place: S3Place, sample_clip: Path) -> None:
    """By ranges, without a file of this machine, and to the same result."""
    bring(place, sample_clip.read_bytes())
    assert verify(staging_of(place).open("clip.mp4")) == verify(sample_clip)


def test_a_video_that_changes_while_it_is_read_is_said(place: S3Place) -> None:
    """Two videos are never mixed into one."""
    bring(place, FILM)
    reader = staging_of(place).open("clip.mp4")
    assert reader.read(1000) == FILM[:1000]
    bring(place, FILM[::-1])
    reader.seek(-1000, os.SEEK_END)
    with pytest.raises(StorageError, match="has changed while it was read"):
        reader.read(1000)


def test_reading_goes_on_where_a_line_breaks(
    s3: S3Server, place: S3Place, cutting_line: Callable[[str, int, int], str]
) -> None:
    """A range whose answer breaks off is asked for again."""
    bring(place, FILM)
    line = cutting_line(s3.endpoint_url, 1_000_000, 2)
    client = make_client(line, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    far = S3Place(place.bucket, place.prefix, client, options=S3Options(straight=True))
    assert hashlib.sha256(staging_of(far).open("clip.mp4").read()).hexdigest() == FILM_SHA256


async def test_a_video_whose_last_reply_is_lost_has_arrived(s3: S3Server, forgetful: str) -> None:
    """boto3 repeats the request; then there is no such upload any more, but its object."""
    client = make_client(forgetful, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    far = S3Place(s3.make_bucket(), "films", client, options=S3Options(straight=True))
    await asyncio.to_thread(bring, far, FILM)
    near = S3Place(far.bucket, far.prefix, s3.client(), options=S3Options(straight=True))
    assert staging_of(near).open("clip.mp4").read() == FILM


def test_another_video_in_its_place_is_not_taken_for_it(place: S3Place) -> None:
    """As long, but of other bytes: what an earlier run left in the staging, while this upload is gone."""
    bring(place, FILM[::-1])
    with closing(staging_of(place).receive("clip.mp4")) as arriving:
        arriving.take(FILM)
        (upload,) = place.client.list_multipart_uploads(Bucket=place.bucket)["Uploads"]
        where = {"Bucket": place.bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
        place.client.abort_multipart_upload(**where)
        with pytest.raises(NotThere, match="nothing is stored there"):
            arriving.finish()


def test_over_tls_it_is_the_same(
    s3: S3Server, tls_line: Callable[[str], tuple[str, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the signature does not guard the bytes, the checksum of each part does."""
    address, certificate = tls_line(s3.endpoint_url)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    client = make_client(address, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    place = S3Place(s3.make_bucket(), "", client, options=S3Options(straight=True))
    bring(place, FILM)
    assert not adopt(place, FILM)


LONG_BYTES = 150_000_000


@pytest.fixture
def long_link() -> Iterator[str]:
    """A server that sends a long file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(LONG_BYTES))
            self.end_headers()
            for start in range(0, LONG_BYTES, 1_000_000):
                self.wfile.write(bytes([start // 1_000_000]) * 1_000_000)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/long.mp4"
        server.shutdown()


BRING_AND_WEIGH = r"""
import asyncio, re, sys
from contextlib import closing
from pathlib import Path
from prefect_nemovideo.api import NemoVideo
from prefect_nemovideo.storage import S3Options
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place

def megabytes(what):
    return int(re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024 / 1e6

async def bring(place, url):
    async with NemoVideo("token") as nemo:
        with closing(place.staging.receive("clip.mp4")) as arriving:
            came = await nemo.downloads.stream(url, arriving, render_id="render_1")
            arriving.finish()
        reader = place.staging.open("clip.mp4")
        while reader.read(1 << 20):
            pass
        place.staging.adopt("clip.mp4", sha256_hex=came.sha256, size=came.bytes)

place = S3Place(sys.argv[1], "", make_client(), options=S3Options(straight=True))
place.check()
idle = megabytes("VmRSS")
asyncio.run(bring(place, sys.argv[2]))
print(megabytes("VmHWM") - idle)
"""
MOST_MEGABYTES_ABOVE_IDLE = 80


def test_memory_does_not_grow_with_the_video(swift_s3: S3Server, long_link: str) -> None:
    """150 MB from a server into the bucket, read there once and named: less than 80 MB above an idle client."""
    command = [sys.executable, "-c", BRING_AND_WEIGH, swift_s3.make_bucket(), long_link]
    run = subprocess.run(command, env={**os.environ, **swift_s3.environment()}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < MOST_MEGABYTES_ABOVE_IDLE
