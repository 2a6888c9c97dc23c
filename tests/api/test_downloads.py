"""A rendered file on its way out: whole or not at all, and never with the token to a stranger."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import DownloadFailed, PlanRefused, TokenRefused

FILE = random.Random(4).randbytes(300_000)
ROUTE = "/api/render/proxy/render_1/download"


@pytest.fixture
def whole(reply: Callable[..., bytes]) -> Callable[..., Any]:
    """Answers with the file."""

    async def answer(request: Any, writer: Any) -> None:
        writer.write(reply(body=FILE, content_type="video/mp4"))

    return answer


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (403, "application/xml", b"<Error>expired</Error>"),
        (404, "text/html", b"<html>"),
        (410, "text/plain", b"gone"),
        (200, "text/html; charset=utf-8", b"<html>please sign in</html>"),
        (200, "application/json", b'{"code": 5, "message": "link expired"}'),
    ],
)
async def test_a_link_that_is_no_good_is_left_for_the_apis_own_route(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    whole: Callable[..., Any],
    reply: Callable[..., bytes],
    tmp_path: Path,
    waits: Any,
    status: int,
    content_type: str,
    body: bytes,
) -> None:
    """Expired, gone, or a page instead of a file: at once, with the token and the attribution."""

    async def refuse(request: Any, writer: Any) -> None:
        writer.write(reply(status, body, content_type=content_type))

    cdn, api = await scripted(refuse), await scripted(whole)
    target = tmp_path / "clip.mp4"
    await connect(api.url).downloads.fetch(f"{cdn.url}/f.mp4", target, render_id="render_1")
    [request] = api.requests

    assert target.read_bytes() == FILE
    assert request.target == ROUTE
    assert request.headers["authorization"] == "Bearer nmv_usr_test"
    assert request.headers["x-skill-source"] == "video-4k"
    assert waits.seconds == []


@pytest.mark.parametrize("link", [None, "", "/cdn/f.mp4", "ftp://127.0.0.1/f.mp4", "http://[", "http://"])
async def test_a_link_of_any_shape_ends_in_the_file(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    whole: Callable[..., Any],
    reply: Callable[..., bytes],
    tmp_path: Path,
    link: str,
) -> None:
    """None, one without a host, which is the API's, and ones that are none."""

    async def answer(request: Any, writer: Any) -> None:
        if request.target == ROUTE:
            await whole(request, writer)
        else:
            writer.write(reply(404))

    api = await scripted(answer)
    target = tmp_path / "clip.mp4"
    await connect(api.url).downloads.fetch(link, target, render_id="render_1")

    assert target.read_bytes() == FILE
    assert all("authorization" in request.headers for request in api.requests if request.target == ROUTE)
    assert not any("authorization" in request.headers for request in api.requests if request.target != ROUTE)


async def test_a_route_that_leads_elsewhere_leaves_the_token_behind(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    whole: Callable[..., Any],
    reply: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    storage = await scripted(whole)

    async def redirect(request: Any, writer: Any) -> None:
        writer.write(reply(302, location=f"{storage.url}/f.mp4"))

    api = await scripted(redirect)
    await connect(api.url).downloads.fetch(None, tmp_path / "clip.mp4", render_id="render_1")

    assert "authorization" in api.requests[0].headers
    assert "authorization" not in storage.requests[0].headers


@pytest.mark.parametrize("error_style", ["http", "envelope"])
async def test_a_refused_token_is_told_as_such(
    emulate: Callable[..., Any], connect: Callable[..., Any], tmp_path: Path, error_style: str
) -> None:
    """And not as a file that broke off; in a 200 too, which is then not taken for the file."""
    backend = emulate(error_style=error_style)
    with pytest.raises(TokenRefused) as caught:
        await connect(backend.url, "nmv_usr_unknown").downloads.fetch(None, tmp_path / "c.mp4", render_id="r")

    assert "NEMO_TOKEN" in caught.value.next_step
    assert list(tmp_path.iterdir()) == []


async def test_a_plan_that_does_not_allow_it_is_told_as_such(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    async def refuse(request: Any, writer: Any) -> None:
        writer.write(reply(402, b'{"code": 402, "message": "No."}', content_type="application/json"))

    with pytest.raises(PlanRefused):
        await connect((await scripted(refuse)).url).downloads.fetch(None, tmp_path / "c.mp4", render_id="r")


async def test_an_anonymous_token_that_expired_meanwhile_is_renewed(
    emulate: Callable[..., Any], connect: Callable[..., Any], begin: Callable[..., Any], tmp_path: Path
) -> None:
    backend = emulate()
    nemo = connect(backend.url, None, timing={"sleep": asyncio.sleep}, nemo_poll_interval_seconds=0.05)
    session_id = await begin(nemo)
    state = await nemo.sessions.state(session_id)
    await nemo.renders.submit("render_1", session_id, state.draft, OutputSpec(resolution="720p"))
    done = await nemo.renders.wait("render_1")
    backend.http.post("/clock", json={"advance_seconds": 8 * 86_400})
    file = await nemo.downloads.fetch(None, tmp_path / "clip.mp4", render_id="render_1", expected_bytes=done.size)

    assert file.bytes == done.size
    assert [request["status"] for request in backend.requests("download")] == [401, 200]
    assert len(backend.requests("token")) == 2


@pytest.mark.parametrize(
    ("action", "rule"), [("truncate", {"at_bytes": 5_000}), ("reset_before", {}), ("status", {"status": 503})]
)
async def test_trouble_of_the_link_is_outlived(
    emulate: Callable[..., Any],
    connect: Callable[..., Any],
    begin: Callable[..., Any],
    tmp_path: Path,
    action: str,
    rule: dict[str, Any],
) -> None:
    """Against the emulator's own CDN: the link alone is enough, however often it fails at first."""
    backend = emulate()
    nemo = connect(backend.url, timing={"sleep": asyncio.sleep}, nemo_poll_interval_seconds=0.05)
    session_id = await begin(nemo)
    state = await nemo.sessions.state(session_id)
    await nemo.renders.submit("render_1", session_id, state.draft, OutputSpec(resolution="720p"))
    done = await nemo.renders.wait("render_1")
    backend.fault("cdn", action, times=2, **rule)
    file = await connect(backend.url).downloads.fetch(done.url, tmp_path / "clip.mp4", render_id="render_1")

    assert file.bytes == done.size
    assert backend.requests("download") == []
    assert {request["headers"]["authorization"] for request in backend.requests("cdn")} == {None}


async def test_a_cancelled_download_ends_at_once_and_leaves_nothing(
    connect: Callable[..., Any], scripted: Callable[..., Any], tmp_path: Path
) -> None:
    """Even while the other side says nothing: it does not wait for the next byte."""
    silent = asyncio.Event()

    async def stall(request: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + bytes(2 << 20))
        await writer.drain()
        silent.set()
        await asyncio.Event().wait()

    server = await scripted(stall)
    fetching = asyncio.create_task(
        connect(server.url).downloads.fetch(f"{server.url}/f.mp4", tmp_path / "clip.mp4", render_id="r")
    )
    await silent.wait()
    threads = threading.active_count()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching

    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() <= threads
    assert len(server.requests) == 1


async def test_a_folder_that_cant_be_written_is_named(
    connect: Callable[..., Any], scripted: Callable[..., Any], whole: Callable[..., Any], tmp_path: Path
) -> None:
    """A file where a folder should be, and a folder where the file should be."""
    server = await scripted(whole)
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "file" / "clip.mp4", tmp_path / "folder"):
        with pytest.raises(DownloadFailed, match="could not be written to") as caught:
            await connect(server.url).downloads.fetch(f"{server.url}/f.mp4", target, render_id="r")
        assert "the render is kept" in caught.value.next_step

    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


async def test_a_file_that_comes_after_its_render_has_ended_is_waited_for(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    whole: Callable[..., Any],
    reply: Callable[..., bytes],
    tmp_path: Path,
    waits: Any,
) -> None:
    """Written to a bucket that shows it in a moment: nobody renders or pays anew for that."""

    async def answer(request: Any, writer: Any) -> None:
        if len(api.requests) <= 4:
            writer.write(reply(404, b"<Error>NoSuchKey</Error>", content_type="application/xml"))
        else:
            await whole(request, writer)

    api = await scripted(answer)
    target = tmp_path / "clip.mp4"
    await connect(api.url).downloads.fetch(f"{api.url}/f.mp4", target, render_id="render_1")

    assert target.read_bytes() == FILE
    assert waits.seconds == [2, 6]


async def test_a_file_that_never_comes_is_told(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], tmp_path: Path, waits: Any
) -> None:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(reply(404))

    api = await scripted(answer)
    with pytest.raises(DownloadFailed, match=r"its link: HTTP 404; the API's own route: HTTP 404"):
        await connect(api.url).downloads.fetch(f"{api.url}/f.mp4", tmp_path / "clip.mp4", render_id="render_1")

    assert waits.seconds == [2, 6, 12]
