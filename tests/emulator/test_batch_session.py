"""Several files in one session, one by one with different instructions, each its own render."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest

from prefect_nemovideo.media import probe


@pytest.fixture(scope="session")
def tall_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of a standing test picture, without sound."""
    path = tmp_path_factory.mktemp("media") / "b.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=180x320:r=25:d=1"]
    subprocess.run([*command, "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


def test_each_file_gets_its_own_edit_and_render(ready: Callable[..., Any], tall_clip: Path, tmp_path: Path) -> None:
    """The second video is the second file from its beginning, in its own shape, with nothing of the first."""
    caller = ready()
    caller.say('trim the first second, add lofi music and a title "A"')
    first = caller.export("render_a") and caller.exported("render_a")
    caller.upload(tall_clip)
    caller.say("Use only b.mp4. Make it black and white and upscale it to 360p")
    second = caller.export("render_b") and caller.exported("render_b")

    seen = []
    for done in (first, second):
        path = tmp_path / f"{done['taskId']}.mp4"
        path.write_bytes(httpx.get(done["output"]["url"]).content)
        found = probe(path)
        seen.append((found.width, found.height, round(found.duration_seconds, 1)))
    assert seen == [(320, 180, 1.0), (360, 640, 1.0)]
    assert [track["tt"] for track in caller.draft()["t"]] == [0]
    assert [charge["credits"] for charge in caller.look("charges")] == [50, 50]


def test_a_file_that_was_never_uploaded_costs_nothing(ready: Callable[..., Any], events: Callable[..., Any]) -> None:
    caller = ready()
    before = caller.draft()
    told = events(caller.say("Use only b.mp4. Upscale it to 4K").content)

    assert "".join(event["content"] for event in told).startswith("No video or picture called “b.mp4” was uploaded")
    assert (caller.draft(), caller.look("charges")) == (before, [])


def test_the_same_file_again_is_the_newer_one(ready: Callable[..., Any], tall_clip: Path) -> None:
    caller = ready()
    for _ in range(2):
        caller.upload(tall_clip)
    caller.say("switch to b")

    newest = caller.state()["state"]["video_infos"][-1]["id"]
    assert [segment["src"] for segment in caller.draft()["t"][0]["sg"]] == [newest]
