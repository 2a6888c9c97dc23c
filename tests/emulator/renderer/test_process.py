"""FFmpeg is watched while it runs and gone when it isn't wanted."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.emulator.renderer import Limits, Output, RenderError, render
from prefect_nemovideo.emulator.renderer.process import run_ffmpeg


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a clock on the shelf."""
    await studio.add("clock", studio.clock())
    return studio


def children() -> set[str]:
    """The command lines of this process's living children."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == os.getpid() and status[0] != "Z":
                found.add((entry / "cmdline").read_bytes().decode())
        except OSError:
            continue
    return {command for command in found if "ffmpeg" in command}


async def test_progress_grows_to_100_and_ends_there(studio: Any, draft: Any) -> None:
    await studio.render(draft({"d": 4000}, width=1280, height=720))
    assert studio.progress == sorted(set(studio.progress))
    assert studio.progress[-1] == 100.0
    assert all(percent <= 99 for percent in studio.progress[:-1])


async def test_a_finished_render_leaves_only_its_target_and_its_stills(studio: Any, draft: Any) -> None:
    await studio.render(draft({"d": 400}))
    assert {path.name for path in studio.folder.iterdir()} == {"out.mp4", "out.poster.jpg", "out.sheet.jpg"}


async def test_cancelling_kills_ffmpeg_and_leaves_nothing(studio: Any, draft: Any) -> None:
    begun = asyncio.Event()
    long = draft(*[{"d": 4000, "sharpen": 0.8}] * 10, width=3840, height=2160)
    task = asyncio.create_task(
        render(long, studio.sources, Output(), studio.folder / "out.mp4", on_progress=lambda percent: begun.set())
    )
    await begun.wait()
    assert len(children()) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == set()
    assert list(studio.folder.iterdir()) == []


async def test_a_failed_render_keeps_the_older_file_and_leaves_nothing_else(studio: Any, draft: Any) -> None:
    target = studio.folder / "out.mp4"
    target.write_bytes(b"older")
    with pytest.raises(RenderError, match="larger than 5,000 bytes"):
        await render(draft({"d": 4000}), studio.sources, Output(), target, on_progress=print,
                     limits=Limits(output_bytes=5000))  # fmt: skip
    assert target.read_bytes() == b"older"
    assert list(studio.folder.iterdir()) == [target]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(seconds=0.3), "The render took longer than 0.3 seconds"),
        (Limits(memory_bytes=300 * 1024**2), "The render needs more than 314,572,800 bytes of memory"),
    ],
)
async def test_a_limit_ends_the_render_and_is_named(studio: Any, draft: Any, limits: Limits, reason: str) -> None:
    long = draft(*[{"d": 4000, "denoise": 1}] * 10, width=3840, height=2160)
    with pytest.raises(RenderError, match=reason):
        await render(long, studio.sources, Output(), studio.folder / "out.mp4", on_progress=print, limits=limits)
    assert list(studio.folder.iterdir()) == []
    assert children() == set()


async def test_ffmpeg_that_hangs_is_stopped(tmp_path: Path) -> None:
    """A pipe nobody writes to keeps FFmpeg waiting for ever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RenderError, match=r"no progress for 0\.5 seconds"):
        await run_ffmpeg(["-i", "pipe", "out.mp4"], work_dir=tmp_path, frames=1, on_progress=print,
                         limits=Limits(stall_seconds=0.5))  # fmt: skip
    assert children() == set()


async def test_a_source_that_turned_into_garbage_is_an_error_with_a_log(studio: Any, draft: Any) -> None:
    broken = studio.folder / "broken.mp4"
    broken.write_bytes(b"no video any more")
    studio.sources["clock"] = (broken, studio.sources["clock"][1])
    with pytest.raises(RenderError, match="FFmpeg could not render this draft") as failed:
        await studio.render(draft({"d": 400}))
    assert failed.value.exit_code
    assert "Invalid data" in failed.value.log


async def test_a_source_that_is_shorter_than_was_probed_is_an_error(studio: Any, draft: Any) -> None:
    """Nothing to show is never delivered as something."""
    path, probed = studio.sources["clock"]
    studio.sources["clock"] = (path, replace(probed, duration=60.0))
    with pytest.raises(RenderError, match="There is less in a source file than its header says"):
        await studio.render(draft({"in": 30000, "d": 1000}))
    assert not (studio.folder / "out.mp4").exists()
