"""Footage on its way in: byte for byte, never twice, and refused before it is sent where that can be known."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import BadInput, FileRefused, UnexpectedReply
from prefect_nemovideo.api.footage import check_file
from prefect_nemovideo.api.numbers import MAX_UPLOAD_BYTES


def sparse(path: Path, size: int) -> Path:
    """A file of so many zeros, which takes no room."""
    path.touch()
    os.truncate(path, size)
    return path


@pytest.mark.conformance("max-500mb", "code-4001", "code-4002")
def test_what_can_be_known_before_is_told_before(tmp_path: Path) -> None:
    """Missing, a folder, a pipe, empty, of another kind, without a kind, too large: each a sentence of its own."""
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "notes.txt").write_text("text")
    (tmp_path / "clip").write_text("text")
    sparse(tmp_path / "large.mp4", MAX_UPLOAD_BYTES + 1)
    for name, sentence in (
        ("nowhere.mp4", "There is no file"),
        ("", "is a folder, not a video"),
        ("pipe.mp4", "is not a regular file"),
        ("empty.mp4", r"is empty \(0 bytes\)"),
        ("notes.txt", "does not take “.txt” files"),
        ("clip", "does not take files without an extension"),
        ("large.mp4", "NemoVideo takes at most 500 MB"),
        ("x" * 300 + ".mp4", "can't be read: File name too long"),
        ("clip/clip.mp4", "There is no file"),
    ):
        with pytest.raises(BadInput, match=sentence) as caught:
            check_file(tmp_path / name)
        assert caught.value.next_step


@pytest.mark.conformance("max-500mb")
def test_a_file_of_the_very_limit_is_taken(tmp_path: Path) -> None:
    assert check_file(sparse(tmp_path / "large.MP4", MAX_UPLOAD_BYTES)) == MAX_UPLOAD_BYTES


async def test_nothing_is_sent_of_a_file_that_wont_do(
    emulate: Callable[..., Any], connect: Callable[..., Any], tmp_path: Path
) -> None:
    backend = emulate()
    with pytest.raises(BadInput):
        await connect(backend.url).uploads.send("1", tmp_path / "nowhere.mp4")

    assert backend.requests() == []


@pytest.mark.conformance("upload-file")
async def test_a_file_arrives_byte_for_byte_and_its_progress_is_told(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path
) -> None:
    backend = emulate()
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    told: list[tuple[int, int]] = []
    file = await nemo.uploads.send(session.session_id, sample_clip, progress=lambda *bytes: told.append(bytes))
    content = sample_clip.read_bytes()
    [request] = backend.requests("upload")

    digest = hashlib.sha256(content).hexdigest()
    assert request["body"]["files"] == [{"name": "sample.mp4", "size": len(content), "sha256": digest}]
    assert (file.filename, file.file_type, file.width, file.height, file.hash) == (
        "sample.mp4",
        "video",
        640,
        360,
        digest,
    )
    assert told[-1] == (len(content), len(content))


async def test_a_reply_without_files_is_named_where_nothing_arrived(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path
) -> None:
    backend = emulate()
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    backend.fault("upload", "status", status=200, body={"code": 0, "data": {"files": []}})
    with pytest.raises(UnexpectedReply, match=r"the upload with HTTP 200, but without `data\.files`"):
        await nemo.uploads.send(session.session_id, sample_clip)


@pytest.mark.conformance("code-4001", "supported-formats")
@pytest.mark.parametrize("error_style", ["http", "envelope"])
async def test_a_text_file_with_the_name_of_a_video_is_refused_with_the_formats(
    emulate: Callable[..., Any], connect: Callable[..., Any], no_video: Path, error_style: str
) -> None:
    backend = emulate(error_style=error_style)
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    with pytest.raises(FileRefused, match="The service does not take this kind of file") as caught:
        await nemo.uploads.send(session.session_id, no_video)

    assert caught.value.facts["api_code"] == 4001
    assert caught.value.next_step == "Use one of: mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a, aac."


@pytest.mark.conformance("upload-url")
async def test_an_upload_by_url_leaves_the_bytes_to_the_service(
    emulate: Callable[..., Any],
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., bytes],
    sample_clip: Path,
) -> None:
    """Its lost reply is looked for by the name in the address."""

    async def give(request: Any, writer: Any) -> None:
        writer.write(reply(body=sample_clip.read_bytes(), content_type="video/mp4"))

    source = await scripted(give)
    backend = emulate(allow_private_urls=True)
    backend.fault("upload", "reset_after", times=1)
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    file = await nemo.uploads.send_url(session.session_id, f"{source.url}/my%20clip.mp4?signature=secret")
    [request] = backend.requests("upload")

    assert file.filename == "my clip.mp4"
    assert request["body"]["source_type"] == "url"
    assert request["bytes_in"] < 1000
