"""A picture to which nothing is done is not compressed a second time: its frames arrive bit by bit."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from prefect_nemovideo.media import verify


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a clock on the shelf: one second, 25 numbered frames, a beep."""
    await studio.add("clock", studio.clock(seconds=1))
    return studio


def stream_of(path: Path, kind: str) -> bytes:
    """A file's compressed picture or sound, without its container."""
    muxer = {
        "video": ("-map", "0:v", "-bsf:v", "h264_mp4toannexb", "-f", "h264"),
        "audio": ("-map", "0:a", "-f", "adts"),
    }
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-c", "copy", *muxer[kind], "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


async def test_an_untouched_draft_is_the_source_in_a_new_container(studio: Any, draft: Any) -> None:
    source = studio.sources["clock"][0]
    rendered = await studio.render(draft({"d": 1000}), format="mov")
    assert rendered.is_copied
    for kind in ("video", "audio"):
        assert stream_of(rendered.path, kind) == stream_of(source, kind)
    assert verify(rendered.path).frames_decoded == 25


async def test_a_muted_film_keeps_its_picture(studio: Any, draft: Any) -> None:
    rendered = await studio.render(draft({"d": 1000, "volume": 0}))
    assert stream_of(rendered.path, "video") == stream_of(studio.sources["clock"][0], "video")
    assert studio.watch(rendered.path).codecs == ["h264"]


async def test_music_under_a_film_leaves_its_picture_alone(studio: Any, draft: Any) -> None:
    music = [{"id": "m", "src": "bed:calm", "s": 0, "d": 1000, "m": {"volume": 100}}]
    rendered = await studio.render(draft({"d": 1000, "volume": 50}, sounds=music))
    film = studio.watch(rendered.path)
    assert stream_of(rendered.path, "video") == stream_of(studio.sources["clock"][0], "video")
    assert film.codecs == ["h264", "aac"]
    assert film.rms(0.4, 0.9) > 0.01


@pytest.mark.parametrize(
    ("segment", "canvas", "output"),
    [
        ({"sharpen": 0.8}, {}, {}),
        ({"d": 960}, {}, {}),
        ({"in": 40, "d": 960}, {}, {}),
        ({"fade_in": 200}, {}, {}),
        ({"rotate": 180}, {}, {}),
        ({"speed": 0.5, "d": 2000}, {}, {}),
        ({"s": 400}, {}, {}),
        ({}, {"fps": 30.0}, {}),
        ({}, {"width": 640, "height": 360}, {}),
        ({}, {}, {"resolution": "640x360"}),
        ({}, {}, {"format": "webm"}),
        ({}, {}, {"quality": "low"}),
    ],
)
async def test_whatever_is_done_to_the_picture_is_rendered(
    studio: Any, draft: Any, segment: dict[str, Any], canvas: dict[str, Any], output: dict[str, Any]
) -> None:
    rendered = await studio.render(draft({"d": 1000, **segment}, **canvas), **output)
    assert not rendered.is_copied


async def test_words_over_the_picture_are_rendered(studio: Any, draft: Any) -> None:
    words = [{"id": "x", "s": 0, "d": 500, "m": {"text": "HELLO"}}]
    assert not (await studio.render(draft({"d": 1000}, texts=words))).is_copied


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("turned", ["-c", "copy"]),
        ("ten", ["-pix_fmt", "yuv420p10le"]),
        ("uneven", ["-vf", "select='not(between(n,3,7))'", "-fps_mode", "vfr"]),
        ("hevc", ["-c:v", "libx265", "-x265-params", "log-level=none"]),
        ("cut", ["-c", "copy"]),
    ],
)
async def test_a_picture_that_players_may_show_otherwise_is_rendered(
    studio: Any, draft: Any, name: str, arguments: list[str]
) -> None:
    """Turned by a flag, ten bits deep, uneven in time, of another codec, with hidden frames: none is handed on."""
    ahead = {"turned": ["-display_rotation", "180"], "cut": ["-ss", "0.5"]}.get(name, [])
    source = studio.make(f"other-{name}.mp4", *ahead, "-i", studio.clock(seconds=2), *arguments)
    probed = await studio.add(name, source)
    assert not probed.plain_picture or probed.video_codec == "hevc"
    assert not (await studio.render(draft({"src": name, "d": round(probed.duration * 1000)}))).is_copied


async def test_damage_is_not_passed_on(studio: Any, draft: Any) -> None:
    """A source with wrong bytes inside gives a result that decodes to its end all the same."""
    data = bytearray(studio.clock(width=640, height=360).read_bytes())
    box, dice = data.index(b"mdat") - 4, random.Random(3)
    length = int.from_bytes(data[box : box + 4], "big")
    # From the second third on: its first pictures are whole, so that it is taken for a film.
    for _ in range(60):
        data[dice.randrange(box + length // 3, box + length)] ^= 0x55
    broken = studio.folder / "broken.mp4"
    broken.write_bytes(data)
    probed = await studio.add("broken", broken)
    assert probed.plain_picture
    rendered = await studio.render(draft({"src": "broken", "d": 4000}, width=640, height=360))
    assert not rendered.is_copied
    assert verify(rendered.path).frames_decoded == 100


async def test_what_is_copied_plays_in_time(studio: Any, draft: Any) -> None:
    """Frames and beeps of a film with B-frames are where they were."""
    source = studio.make("b.mp4", "-i", studio.clock(), "-c:v", "libx264", "-bf", "3", "-crf", "10", "-c:a", "copy")
    await studio.add("b", source)
    rendered = await studio.render(draft({"src": "b", "d": 4000}))
    film = studio.watch(rendered.path)
    assert rendered.is_copied
    assert film.numbers() == list(range(100))
    assert film.beeps() == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=0.03)
    with av.open(str(rendered.path)) as container:
        assert float(container.duration or 0) / av.time_base == pytest.approx(4.0, abs=0.05)
