"""Where footage comes from: a path, a web address, an object in S3; and several pieces in one project."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import imageio_ffmpeg
import pytest
from loopback import S3Server
from nemo_server import NemoServer
from prefect import flow

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.tasks import Job, open_session, upload_video
from prefect_nemovideo.tasks.sources import inspect_source

WORDS = "sharpen the details"
SMALL = OutputSpec(resolution="720p")

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


@pytest.fixture
def handler() -> type[SimpleHTTPRequestHandler]:
    """How the website answers."""
    return SimpleHTTPRequestHandler


@pytest.fixture
def website(tmp_path: Path, small_clip: Path, handler: type[SimpleHTTPRequestHandler]) -> Iterator[str]:
    """A web server on loopback with the clip as `holiday clip.mp4`."""
    folder = tmp_path / "website"
    folder.mkdir()
    shutil.copy(small_clip, folder / "holiday clip.mp4")
    (folder / "empty.mp4").touch()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class WithoutLengths(SimpleHTTPRequestHandler):
    """Knows no HEAD, and ends a file by ending the connection."""

    def do_HEAD(self) -> None:
        self.send_error(405)

    def send_header(self, keyword: str, value: str) -> None:
        if keyword.lower() != "content-length":
            super().send_header(keyword, value)


def uploads(service: NemoServer) -> list[tuple[str, int]]:
    """How each upload came, and what became of it."""
    asked = service.requests("upload")
    return [(request["headers"]["content-type"].split(";")[0], request["status"]) for request in asked]


@pytest.mark.parametrize(
    ("reachable", "ways"),
    [
        (True, [("application/json", 200)]),
        (False, [("application/json", 400), ("multipart/form-data", 200)]),
    ],
)
async def test_a_web_address_is_fetched_by_the_service_or_else_by_us(
    nemo: Nemo, website: str, tmp_path: Path, reachable: bool, ways: list[tuple[str, int]]
) -> None:
    """What the service can reach never passes through here; what it can't is passed on."""
    service = nemo(allow_private_urls=reachable, instant_renders=True)
    result = await edit_video(f"{website}/holiday%20clip.mp4", WORDS, str(tmp_path / "out"), output=SMALL)
    assert uploads(service) == ways
    assert "holiday" in result.timeline
    assert "/holiday clip-" in result.uri.replace("%20", " ")


@pytest.mark.parametrize("handler", [WithoutLengths])
async def test_a_web_address_that_tells_no_length_goes_by_the_disk(nemo: Nemo, website: str, tmp_path: Path) -> None:
    """An upload says how long it is before it begins."""
    service = nemo(allow_private_urls=False, instant_renders=True)
    await edit_video(f"{website}/holiday%20clip.mp4", WORDS, str(tmp_path / "out"), output=SMALL)
    assert uploads(service) == [("application/json", 400), ("multipart/form-data", 200)]


async def test_what_the_service_cant_fetch_is_passed_on_without_a_file_here(
    nemo: Nemo,
    website: str,
    swift_s3: S3Server,
    small_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the web and from S3: there is no folder in which it could be put."""
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    bucket = swift_s3.make_bucket()
    swift_s3.client().upload_file(str(small_clip), bucket, "raw/day 1.mp4")
    service, job = nemo(allow_private_urls=False), Job()

    @flow
    async def own() -> None:
        session = (await open_session(job)).session_id
        for where in (f"{website}/holiday%20clip.mp4", f"s3://{bucket}/raw/day 1.mp4"):
            await upload_video(job, session, await inspect_source(where), str(tmp_path / "nowhere"))

    await own()
    sent = [file for request in service.requests("upload") for file in request["body"].get("files", ())]
    digest = hashlib.sha256(small_clip.read_bytes()).hexdigest()
    assert [(file["name"], file["sha256"]) for file in sent] == [("holiday clip.mp4", digest), ("day 1.mp4", digest)]


async def test_a_web_address_with_nothing_there_is_refused_before_anything_is_sent(nemo: Nemo, website: str) -> None:
    service = nemo()
    with pytest.raises(BadInput, match=r"There is nothing at .*/missing\.mp4 \(HTTP 404\)"):
        await edit_video(f"{website}/missing.mp4", WORDS)
    assert service.writes() == []


async def test_an_empty_file_on_the_web_is_refused_before_anything_is_sent(nemo: Nemo, website: str) -> None:
    service = nemo()
    with pytest.raises(BadInput, match=r"empty\.mp4 is empty \(0 bytes\)"):
        await edit_video(f"{website}/empty.mp4", WORDS)
    assert service.writes() == []


@pytest.mark.parametrize("reachable", [True, False])
async def test_an_object_in_s3_is_linked_to_or_else_fetched(
    nemo: Nemo,
    swift_s3: S3Server,
    small_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reachable: bool,
) -> None:
    """The service gets a signed link that ends; where it can't follow it, the object is passed on."""
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    bucket = swift_s3.make_bucket()
    swift_s3.client().upload_file(str(small_clip), bucket, "raw/day 1.mp4")
    service = nemo(allow_private_urls=reachable, instant_renders=True)
    result = await edit_video(f"s3://{bucket}/raw/day 1.mp4", WORDS, str(tmp_path / "out"), output=SMALL)
    assert uploads(service)[-1] == ("application/json" if reachable else "multipart/form-data", 200)
    assert "/day%201-" in result.uri


async def test_an_object_that_is_not_there_is_refused_before_anything_is_sent(
    nemo: Nemo, swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    service = nemo()
    with pytest.raises(BadInput, match=r"There is no object s3://.*/missing\.mp4"):
        await edit_video(f"s3://{swift_s3.make_bucket()}/missing.mp4", WORDS)
    assert service.writes() == []


async def test_clips_are_joined(nemo: Nemo, small_clip: Path, sample_clip: Path, tmp_path: Path) -> None:
    """Two sources in one project, and an instruction that names them both."""
    nemo()
    sources = [str(sample_clip), str(small_clip)]
    result = await edit_video(sources, "merge all clips", str(tmp_path / "out"), output=SMALL)
    assert result.duration_seconds == pytest.approx(4, abs=0.2)
    assert (result.edits[0].outcome, result.as_requested) == ("applied", True)


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    """A clip without sound."""
    return generate("testsrc2=s=320x180:r=25:d=1,format=yuv420p", tmp_path / "silent.mp4")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Three seconds of a tone."""
    return generate("sine=440:d=3", tmp_path / "lofi.wav")


def generate(what: str, target: Path) -> Path:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", what, str(target)], check=True)
    return target


async def test_music_is_taken_from_a_second_file(nemo: Nemo, silent: Path, music: Path, tmp_path: Path) -> None:
    """A clip without sound and a piece of music become a film with sound."""
    nemo()
    wish = "add lofi.wav as background music at 35% volume"
    result = await edit_video([str(silent), str(music)], wish, str(tmp_path / "out"), output=SMALL)
    assert result.has_audio
    assert "35%" in result.timeline


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("ftp://films.example/clip.mp4", "sources with ftp:// are not supported"),
        ("s3://films", "names a bucket, not an object"),
        ("https://films.example/watch", "does not take files without an extension"),
    ],
)
async def test_addresses_that_are_none_are_refused_in_a_sentence(nemo: Nemo, source: str, sentence: str) -> None:
    service = nemo()
    with pytest.raises(BadInput, match=sentence):
        await edit_video(source, WORDS)
    assert service.requests() == []
