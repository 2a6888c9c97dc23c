"""The pages that links for people lead to."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

WEEK_SECONDS = 7 * 24 * 3600
HOSTILE = """<script>alert('1')</script>"onload="x" &amp; <!--"""
OURS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "span", "section"),
    *("div", "video", "ul", "li", "a", "footer"),
}


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its text."""

    def __init__(self, reply: httpx.Response) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(reply.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def all(self, tag: str, class_: str | None = None) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and class_ in (None, found.get("class"))]


def link(caller: Any) -> str:
    body = {"task_id": caller.task_id, "session_id": caller.session_id}
    return "/workspace/claim?ct=" + caller.http.post("/api/auth/claim-token", json=body).json()["data"]["claim_token"]


@pytest.fixture
def visit() -> Callable[..., httpx.Response]:
    """Open a page as somebody without a token."""
    return lambda caller, path: httpx.get(caller.url + path)


def test_the_page_shows_the_project(ready: Callable[..., Any], visit: Callable[..., httpx.Response]) -> None:
    """The name, every track, the file, the export with its length, and what is left to spend."""
    caller = ready(instant_renders=True)
    caller.say('add lofi music at 35% and a title "Urban Dreams"')
    caller.export("render_1")
    done = caller.exported("render_1")
    page = Page(visit(caller, link(caller)))

    assert "project" in page.text
    assert "Lo-fi, 0:00–0:02, 35%" in page.text
    assert "Urban Dreams, 0:00–0:02" in page.text
    assert "city timelapse.mp4" in page.text
    assert "9,950 available." in page.text
    addresses = [caller.url + str(found["href"]) for found in page.all("a")]
    assert [httpx.get(address).status_code for address in addresses] == [200, 200]
    [video] = page.all("video")
    assert caller.url + str(video["src"]) == addresses[0] == done["output"]["url"]


def test_blocks_are_drawn_to_scale(ready: Callable[..., Any], visit: Callable[..., httpx.Response]) -> None:
    """Half a second cut out of two: pieces of 0.5 and 1 s, and a title in the last half second."""
    caller = ready()
    caller.say("cut from 0:00.5 to 0:01")
    caller.say('add text "End" for the last 0.5 seconds')
    page = Page(visit(caller, link(caller)))

    def places(kind: str) -> list[tuple[float, float]]:
        styles = [str(found["style"]) for found in page.all("div", f"block {kind}")]
        return [(float(a), float(b)) for a, b in (re.findall(r"[\d.]+", style) for style in styles)]

    assert places("video") == [(0, pytest.approx(33.3, abs=0.1)), pytest.approx((33.3, 66.7), abs=0.1)]
    assert places("text") == [pytest.approx((66.7, 33.3), abs=0.1)]


def test_a_project_without_anything_is_a_page_too(
    emulate: Callable[..., Any], visit: Callable[..., httpx.Response]
) -> None:
    caller = emulate().begin()
    page = Page(visit(caller, link(caller)))

    assert page.all("video") == page.all("a") == []
    for nothing in ("Nothing is on the timeline yet.", "Nothing has been exported yet.", "Nothing has been uploaded"):
        assert nothing in page.text


def test_a_render_under_way_and_one_that_was_cancelled_are_told(
    ready: Callable[..., Any], visit: Callable[..., httpx.Response], until: Callable[..., Any]
) -> None:
    caller = ready(instant_renders=True, render_seconds=60)
    caller.export("render_1")
    caller.http.post("/api/render/proxy/lambda/render_1/cancel")
    caller.export("render_2")
    until(lambda: caller.status("render_2")["status"] == "processing")
    page = Page(visit(caller, link(caller)))

    assert page.all("video") == []
    assert re.search(r"render_2\s+processing, \d.*render_1\s+cancelled", page.text, re.S)


def test_whatever_people_write_stays_text(
    emulate: Callable[..., Any], visit: Callable[..., httpx.Response], clip: Path, tmp_path: Path
) -> None:
    """Names of projects, files, renders and titles bring no element and no attribute of their own."""
    caller = emulate(instant_renders=True)
    body = {"task_name": HOSTILE}
    made = caller.http.post("/api/tasks/me/with-session/nemo_agent", json=body).json()["data"]
    caller.session_id, caller.task_id = made["session_id"], made["task_id"]
    files = [("files", ("<img src=x onerror=y>.mp4", clip.read_bytes(), "video/mp4"))]
    caller.http.post(f"/api/upload-video/nemo_agent/me/{caller.session_id}", files=files)
    caller.say("add a title “<b onclick=z>Sale</b>”")
    caller.export("render_1")
    caller.exported("render_1")
    page = Page(visit(caller, link(caller)))

    assert {name for name, _ in page.elements} == OURS
    assert not [found for _, found in page.elements if any(name.startswith("on") for name in found)]
    for text in (HOSTILE, "<img src=x onerror=y>.mp4", "<b onclick=z>Sale</b>"):
        assert text in page.text


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing(
    ready: Callable[..., Any], visit: Callable[..., httpx.Response]
) -> None:
    reply = visit(caller := ready(), link(caller))

    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; media")
    assert (reply.headers["referrer-policy"], reply.headers["cache-control"]) == ("no-referrer", "no-store")
    assert not re.search(r"(?:src|href|url\()[=\"' ]*(?:https?:)?//", reply.text)


@pytest.mark.parametrize("query", ["", "?ct=", "?ct=clm_unknown", "?ct=<script>", "?other=1"])
def test_a_link_that_opens_nothing_says_how_to_get_one_that_does(
    emulate: Callable[..., Any], visit: Callable[..., httpx.Response], query: str
) -> None:
    reply = visit(emulate(), "/workspace/claim" + query)

    assert reply.status_code == 404
    assert "This link opens nothing" in Page(reply).text
    assert "prefect-nemovideo status" in Page(reply).text
    assert "<script" not in reply.text


def test_a_link_expires_after_a_week(ready: Callable[..., Any], visit: Callable[..., httpx.Response]) -> None:
    caller = ready()
    path = link(caller)
    caller.http.post("/_emulator/clock", json={"advance_seconds": WEEK_SECONDS - 60})
    assert visit(caller, path).status_code == 200

    caller.http.post("/_emulator/clock", json={"advance_seconds": 120})
    assert visit(caller, path).status_code == 404


def test_a_link_shows_its_own_project_only_and_goes_with_it(
    emulate: Callable[..., Any], visit: Callable[..., httpx.Response], clip: Path
) -> None:
    caller = emulate().begin()
    first = link(caller)
    caller.begin().upload(clip)
    second = link(caller)
    assert "city timelapse" not in visit(caller, first).text
    assert "city timelapse" in visit(caller, second).text

    caller.http.post("/_emulator/reset", json={})
    assert visit(caller, second).status_code == 404


def test_a_claim_token_opens_no_api_and_is_in_no_list(
    ready: Callable[..., Any], visit: Callable[..., httpx.Response], tmp_path: Path
) -> None:
    """It reads one page; as a bearer token it is nobody's, and the data folder doesn't hold it."""
    caller = ready()
    path = link(caller)
    token = path.partition("=")[2]
    visit(caller, path)

    state = f"{caller.url}/api/state/nemo_agent/me/{caller.session_id}/latest"
    assert httpx.get(state, headers={"Authorization": f"Bearer {token}"}).json()["code"] == 1001
    assert httpx.post(caller.url + path).status_code == 501
    assert token not in str(caller.look("requests"))
    assert not [file for file in (tmp_path / "data").glob("emulator.db*") if token.encode() in file.read_bytes()]


def test_registering_says_what_the_real_site_would_do(
    emulate: Callable[..., Any], visit: Callable[..., httpx.Response]
) -> None:
    reply = visit(emulate(), "/register?bind=anon_1%3Cb%3E")

    assert reply.status_code == 200
    assert "Here NemoVideo would register you and bind everything of anon_1<b> to your account" in Page(reply).text
    assert {name for name, _ in Page(reply).elements} <= OURS
