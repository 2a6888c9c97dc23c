"""The CDN: no token, ranges, conditions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.fixture
def address(emulate: Callable[..., Any], clip: Path) -> str:
    url: str = emulate().begin().upload(clip).json()["data"]["files"][0]["cdn_url"]
    return url


def test_a_file_needs_no_token(emulate: Callable[..., Any], clip: Path) -> None:
    """And the list of requests tells whether one came all the same."""
    caller = emulate().begin()
    url = caller.upload(clip).json()["data"]["files"][0]["cdn_url"]
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers={"Authorization": "Bearer leaked"}).status_code == 200

    asked = [entry for entry in caller.look("requests") if entry["endpoint"] == "cdn"]
    assert [entry["headers"]["authorization"] for entry in asked] == [None, "present"]
    assert "leaked" not in str(asked)


def test_the_whole_file(address: str, clip: Path) -> None:
    reply = httpx.get(address)

    assert reply.content == clip.read_bytes()
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.headers["content-length"] == str(clip.stat().st_size)
    assert reply.headers["accept-ranges"] == "bytes"


def test_a_damaged_file_has_the_right_length(emulate: Callable[..., Any], clip: Path) -> None:
    caller = emulate().begin()
    url = caller.upload(clip).json()["data"]["files"][0]["cdn_url"]
    caller.fault(endpoint="cdn", action="damage", at_bytes=1000)
    content = httpx.get(url).content
    assert content[:1000] == clip.read_bytes()[:1000]
    assert content[1000:] == bytes(clip.stat().st_size - 1000)


def test_head_gives_the_same_headers_and_no_body(address: str) -> None:
    get, head = httpx.get(address), httpx.head(address)

    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "accept-ranges"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 1), ("5-9", 5, 10), ("100-", 100, None), ("-7", -7, None), ("0-99999999", 0, None)],
)
def test_a_range(address: str, clip: Path, asked: str, first: int, last: int | None) -> None:
    whole = clip.read_bytes()
    reply = httpx.get(address, headers={"Range": f"bytes={asked}"})
    start = first % len(whole)

    assert reply.status_code == 206
    assert reply.content == whole[first:last]
    end = start + len(reply.content) - 1
    assert reply.headers["content-range"] == f"bytes {start}-{end}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes=-"])
def test_a_range_that_cant_be_read_gives_the_whole(address: str, clip: Path, asked: str) -> None:
    reply = httpx.get(address, headers={"Range": asked})

    assert (reply.status_code, len(reply.content)) == (200, clip.stat().st_size)


def test_a_range_beyond_the_end_is_416(address: str, clip: Path) -> None:
    size = clip.stat().st_size
    reply = httpx.get(address, headers={"Range": f"bytes={size}-"})

    assert (reply.status_code, reply.headers["content-range"]) == (416, f"bytes */{size}")


def test_if_range_gives_the_rest_of_the_same_file_only(address: str, clip: Path) -> None:
    etag = httpx.get(address).headers["etag"]
    same = httpx.get(address, headers={"Range": "bytes=10-", "If-Range": etag})
    other = httpx.get(address, headers={"Range": "bytes=10-", "If-Range": '"another"'})

    assert (same.status_code, same.content) == (206, clip.read_bytes()[10:])
    assert (other.status_code, other.content) == (200, clip.read_bytes())


def test_an_unchanged_file_isnt_sent_again(address: str) -> None:
    etag = httpx.get(address).headers["etag"]

    assert httpx.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_a_wrong_address_has_no_file(address: str) -> None:
    wrong = address.rsplit("/", 2)[0] + "/0123456789abcdef0123456789abcdef/city.mp4"

    assert httpx.get(wrong).status_code == 404


def test_the_public_url_is_written_into_addresses(emulate: Callable[..., Any], clip: Path) -> None:
    caller = emulate(public_url="https://cdn.example.com/").begin()
    [file] = caller.upload(clip).json()["data"]["files"]

    assert file["cdn_url"].startswith("https://cdn.example.com/cdn/")
