"""A web address tells which file it is, however it is signed and however the first look at it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path

import pytest
from loopback import S3Server

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.tasks.addresses import lasting
from prefect_nemovideo.tasks.sources import inspect_source


async def test_a_link_that_was_signed_anew_is_the_same_footage(swift_s3: S3Server, small_clip: Path) -> None:
    """Signed for GET, as every S3 does: its length and tag are found all the same, and another content is another."""
    bucket = swift_s3.make_bucket()
    client = swift_s3.client()

    def sign(seconds: int) -> str:
        asked = {"Bucket": bucket, "Key": "day 1.mp4"}
        link: str = client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
        return link

    client.upload_file(str(small_clip), bucket, "day 1.mp4")
    first, second = await inspect_source(sign(600)), await inspect_source(sign(900))
    assert first.where != second.where
    assert first.identity == second.identity
    assert first.bytes == small_clip.stat().st_size
    client.put_object(Bucket=bucket, Key="day 1.mp4", Body=b"something else")
    assert (await inspect_source(sign(600))).identity != first.identity


def web_server(answers: Iterator[int], to_get: int = 200) -> Iterator[str]:
    """A web server that answers HEAD with these, then with 200, and GET with that one."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(next(answers, 200))

        def do_GET(self) -> None:
            self._answer(to_get)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("ETag", '"7"')
            self.send_header("Content-Length", "5")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/clip.mp4"
        server.shutdown()


@pytest.fixture
def shaky() -> Iterator[str]:
    """A web server whose first answer is that it is in trouble."""
    yield from web_server(iter([503]))


@pytest.fixture
def headless() -> Iterator[str]:
    """A web server that finds nothing by HEAD."""
    yield from web_server(repeat(404))


@pytest.fixture
def empty() -> Iterator[str]:
    yield from web_server(repeat(404), to_get=404)


async def test_footage_that_head_does_not_find_is_there(headless: str) -> None:
    assert (await inspect_source(headless)).bytes == 5


async def test_what_is_not_there_is_told(empty: str) -> None:
    with pytest.raises(BadInput, match=r"There is nothing at .*clip\.mp4 \(HTTP 404\)"):
        await inspect_source(empty)


async def test_a_look_that_fails_once_makes_no_other_footage(shaky: str) -> None:
    """The first sees the trouble, the second does not."""
    assert (await inspect_source(shaky)).identity == (await inspect_source(shaky)).identity


@pytest.mark.parametrize(
    ("signed", "plain"),
    [
        ("https://b.s3.amazonaws.com/a.mp4?versionId=3&X-Amz-Date=1&X-Amz-Signature=f", "?versionId=3"),
        ("https://storage.googleapis.com/b/a.mp4?X-Goog-Expires=1&X-Goog-Signature=f", ""),
        ("https://d.cloudfront.net/a.mp4?Expires=1&Signature=f&Key-Pair-Id=K", ""),
        ("https://x.blob.core.windows.net/b/a.mp4?sv=1&se=2&sr=b&sp=r&sig=f&snapshot=4", "?snapshot=4"),
        ("https://example.com/a.mp4?se=2&v=a+b%20c", "?se=2&v=a+b%20c"),
    ],
)
def test_only_what_signs_an_address_is_taken_away(signed: str, plain: str) -> None:
    assert lasting(signed) == signed.partition("?")[0] + plain
