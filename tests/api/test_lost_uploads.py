"""Uploads whose answer got lost, and files that a session shows late: nothing is sent twice, or it is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.errors import Unreachable, UploadedTwice
from prefect_nemovideo.api.models import UploadedFile
from prefect_nemovideo.api.numbers import ARRIVAL_LOOKS_SECONDS, LOST_UPLOAD_LOOKS_SECONDS
from prefect_nemovideo.api.uploads import Had


def passing(backend: Any) -> Callable[[float], Awaitable[None]]:
    """A wait that lets the time pass at the service instead."""

    async def sleep(seconds: float) -> None:
        await asyncio.to_thread(backend.http.post, "/clock", json={"advance_seconds": seconds})

    return sleep


@pytest.mark.parametrize("name", ['my "best" clip', "line\nbreak", "film 电影 é", "back\\slash", "a;b=c%22"])
async def test_a_name_of_any_characters_arrives_and_is_found_again(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path, tmp_path: Path, name: str
) -> None:
    """Its reply lost, the file is found under its name in the state, and not sent a second time."""
    backend = emulate()
    backend.fault("upload", "reset_after")
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    path = tmp_path / f"{name}.mp4"
    path.write_bytes(sample_clip.read_bytes())
    file = await nemo.uploads.send(session.session_id, path)

    assert file.width == 640
    assert len(backend.requests("upload")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "reset_after"},
        {"action": "reply_status", "status": 502, "html": True},
        {"action": "truncate"},
        {"action": "malformed_json"},
        {"action": "drop_field", "field": "data.files"},
    ],
    ids=["reset", "502", "truncated", "malformed", "without files"],
)
async def test_a_file_whose_reply_was_lost_is_found_and_not_sent_again(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path, fault: dict[str, Any]
) -> None:
    backend = emulate()
    backend.fault("upload", **fault)
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    file = await nemo.uploads.send(session.session_id, sample_clip)

    assert file.filename == "sample.mp4"
    assert len(backend.requests("upload")) == 1
    assert len((await nemo.sessions.state(session.session_id)).files) == 1


async def test_a_file_that_did_not_arrive_is_looked_for_then_told(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path, waits: Any
) -> None:
    """The service may still be storing it: four looks. Another upload is the caller's decision."""
    backend = emulate()
    nemo = connect(backend.url)
    session = await nemo.sessions.create()
    backend.fault("upload", "reset_before")
    with pytest.raises(Unreachable) as caught:
        await nemo.uploads.send(session.session_id, sample_clip)

    assert caught.value.sent
    assert len(backend.requests("upload")) == 1
    assert tuple(waits.seconds) == LOST_UPLOAD_LOOKS_SECONDS


async def test_another_file_of_that_name_is_not_taken_for_it(
    emulate: Callable[..., Any], connect: Callable[..., Any], begin: Callable[..., Any], hd_clip: Path, tmp_path: Path
) -> None:
    backend = emulate()
    nemo = connect(backend.url)
    session_id = await begin(nemo)
    backend.fault("upload", "reset_before")
    other = tmp_path / "sample.mp4"
    other.write_bytes(hd_clip.read_bytes())
    with pytest.raises(Unreachable):
        await nemo.uploads.send(session_id, other)


async def test_a_file_that_shows_late_is_found_and_not_sent_again(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path
) -> None:
    backend = emulate(state_lag_seconds=10)
    backend.fault("upload", "reset_after")
    nemo = connect(backend.url, timing={"sleep": passing(backend)})
    session = await nemo.sessions.create()
    file = await nemo.uploads.send(session.session_id, sample_clip)

    assert file.filename == "sample.mp4"
    assert len(backend.requests("upload")) == 1


@pytest.mark.parametrize(
    ("listed", "is_it"),
    [
        ({"name": "v_8f3a.mp4", "size": 1800}, True),
        ({"name": "v_8f3a.mp4"}, True),
        ({"name": "clip.mp4", "size": 1800}, True),
        ({"name": "song.mp4", "size": 5}, False),
    ],
    ids=str,
)
async def test_a_file_that_the_service_calls_otherwise_is_found(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., bytes],
    no_video: Path,
    listed: dict[str, Any],
    is_it: bool,
) -> None:
    """Nobody else uploads into the session: what is there beyond what was before is it, unless its size says no."""
    files: list[dict[str, Any]] = [{"name": "intro.mp4", "size": 1800}]

    async def answer(request: Any, writer: Any) -> None:
        if request.method == "POST":
            files.append(listed)
            writer.close()
        else:
            state = {"draft": {}, "video_infos": files}
            writer.write(reply(body=json.dumps({"code": 0, "data": {"state": state}}).encode()))

    nemo = connect((await scripted(answer)).url)
    had = await nemo.uploads.had("1", "clip.mp4", 1800)
    assert (had.like, had.files) == (0, 1)
    if is_it:
        assert (await nemo.uploads.send("1", no_video, had=had)).filename == listed["name"]
    else:
        with pytest.raises(Unreachable):
            await nemo.uploads.send("1", no_video, had=had)


async def test_a_file_that_is_on_the_timeline_and_not_listed_is_found(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes], no_video: Path
) -> None:
    """Sent again, it would be there twice."""
    segments: list[dict[str, Any]] = []

    async def answer(request: Any, writer: Any) -> None:
        if request.method == "POST":
            segments.append({"d": 3000, "m": {"title": "clip"}})
            writer.close()
        else:
            state = {"draft": {"t": [{"tt": 0, "sg": segments}]}, "video_infos": []}
            writer.write(reply(body=json.dumps({"code": 0, "data": {"state": state}}).encode()))

    nemo = connect((await scripted(answer)).url)
    had = await nemo.uploads.had("1", "clip.mp4", 1800)
    assert (await nemo.uploads.send("1", no_video, had=had)).filename == "clip.mp4"
    assert len(segments) == 1


async def test_a_file_that_was_taken_is_waited_for_until_it_shows(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path
) -> None:
    backend = emulate(state_lag_seconds=5)
    nemo = connect(backend.url, timing={"sleep": passing(backend)})
    session_id = (await nemo.sessions.create()).session_id
    file = await nemo.uploads.send(session_id, sample_clip)
    assert (await nemo.sessions.state(session_id)).files == []
    await nemo.uploads.arrived(session_id, file, "sample.mp4", sample_clip.stat().st_size, had=Had())

    assert len((await nemo.sessions.state(session_id)).files) == 1


async def test_a_file_that_is_there_twice_is_told_before_anything_is_edited(
    emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path
) -> None:
    """The first upload showed later than anybody waited."""
    backend = emulate(state_lag_seconds=20)
    backend.fault("upload", "reset_after", times=1)
    nemo = connect(backend.url, timing={"sleep": passing(backend)})
    session_id = (await nemo.sessions.create()).session_id
    with pytest.raises(Unreachable):
        await nemo.uploads.send(session_id, sample_clip)
    file = await nemo.uploads.send(session_id, sample_clip)

    told = r"sample\.mp4 is in the session twice"
    with pytest.raises(UploadedTwice, match=told) as caught:
        await nemo.uploads.arrived(session_id, file, "sample.mp4", sample_clip.stat().st_size, had=Had(), again=True)
    assert "--force" in caught.value.next_step


@pytest.mark.parametrize(
    ("listed", "placed", "again", "looks"),
    [
        ({"cdn_url": "https://cdn.example/a.mp4?sig=2"}, True, False, 1),
        ({"cdn_url": "https://cdn.example/a.mp4?sig=2"}, True, True, 1),
        ({"cdn_url": "https://store.example/a.mp4"}, True, False, 1),
        ({"cdn_url": "https://store.example/a.mp4"}, True, True, len(ARRIVAL_LOOKS_SECONDS)),
        ({}, True, False, 1),
        ({}, False, False, 3),
        (None, True, False, 3),
        (None, False, False, len(ARRIVAL_LOOKS_SECONDS)),
    ],
    ids=str,
)
async def test_what_a_session_shows_of_a_file_that_was_taken(
    connect: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., bytes],
    waits: Any,
    listed: dict[str, Any] | None,
    placed: bool,
    again: bool,
    looks: int,
) -> None:
    """Listed, and put on the timeline; a session that never shows either stops no job."""

    async def answer(request: Any, writer: Any) -> None:
        draft = {"t": [{"tt": 0, "sg": [{"d": 1000}]}]} if placed else None
        state = {"draft": draft, "video_infos": [] if listed is None else [{"name": "clip.mp4", **listed}]}
        writer.write(reply(body=json.dumps({"code": 0, "data": {"state": state}}).encode()))

    nemo = connect((await scripted(answer)).url)
    file = UploadedFile(filename="clip.mp4", cdn_url="https://cdn.example/a.mp4?sig=1")
    await nemo.uploads.arrived("1", file, "clip.mp4", None, had=Had(), again=again)

    assert tuple(waits.seconds) == ARRIVAL_LOOKS_SECONDS[:looks]


async def test_a_file_that_is_there_twice_is_told_though_no_address_tells_them_apart(
    connect: Callable[..., Any], scripted: Callable[..., Any], reply: Callable[..., bytes]
) -> None:
    listed = [{"name": "clip.mp4", "cdn_url": f"https://store.example/{number}.mp4"} for number in (1, 2)]

    async def answer(request: Any, writer: Any) -> None:
        state = {"draft": None, "video_infos": listed}
        writer.write(reply(body=json.dumps({"code": 0, "data": {"state": state}}).encode()))

    nemo = connect((await scripted(answer)).url)
    file = UploadedFile(filename="clip.mp4", cdn_url="https://cdn.example/a.mp4")
    with pytest.raises(UploadedTwice, match=r"clip\.mp4 is in the session twice"):
        await nemo.uploads.arrived("1", file, "clip.mp4", None, had=Had(), again=True)
