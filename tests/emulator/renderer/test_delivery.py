"""What arrives is the container, codec, size and tags that were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from prefect_nemovideo.emulator.renderer import BadDraft, Output


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a short clock on the shelf."""
    await studio.add("clock", studio.clock(seconds=1))
    return studio


def boxes(path: Path) -> list[str]:
    """The names of an MP4's top-level boxes, in order."""
    data, at, names = path.read_bytes(), 0, []
    while at + 8 <= len(data):
        names.append(data[at + 4 : at + 8].decode())
        at += max(8, int.from_bytes(data[at : at + 4], "big"))
    return names


@pytest.mark.parametrize("kind", ["mp4", "mov"])
async def test_mp4_and_mov_hold_h264_and_aac_and_can_start_while_they_load(studio: Any, draft: Any, kind: str) -> None:
    rendered = await studio.render(draft({"d": 1000}), format=kind)
    film = studio.watch(rendered.path)
    assert film.codecs == ["h264", "aac"]
    assert (film.width, film.height, film.pixel_format) == (320, 180, "yuv420p")
    names = boxes(rendered.path)
    assert names.index("moov") < names.index("mdat")
    assert rendered.bytes == rendered.path.stat().st_size
    assert (rendered.width, rendered.height, rendered.duration_seconds) == (320, 180, 1.0)


async def test_webm_holds_vp9_and_opus(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"d": 1000}), format="webm")
    assert film.codecs == ["vp9", "opus"]
    assert film.numbers() == list(range(25))


async def test_colors_are_tagged_bt709_and_the_source_s_metadata_is_gone(studio: Any, draft: Any) -> None:
    located = studio.make("located.mp4", "-i", studio.clock(seconds=1), "-c", "copy", "-metadata", "title=Home",
                          "-metadata", "location=+48.1+11.5/")  # fmt: skip
    await studio.add("located", located)
    rendered = await studio.render(draft({"src": "located", "d": 1000, "sharpen": 0.5}))
    with av.open(str(rendered.path)) as container:
        assert not {"title", "location", "location-eng"} & set(container.metadata)
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)


async def test_4k_is_3840_by_2160_real_pixels(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"d": 80, "sharpen": 0.8}), resolution="4k")
    assert (film.width, film.height) == (3840, 2160)
    assert film.numbers() == [0, 1]


async def test_a_preview_is_small(studio: Any, draft: Any) -> None:
    rendered = await studio.render(draft({"d": 400}, width=1280, height=720), quality="preview")
    assert (rendered.width, rendered.height) == (640, 360)


async def test_low_quality_is_smaller_than_high(studio: Any, draft: Any) -> None:
    noise = studio.scene("noise.mp4", "nullsrc=s=320x180:r=25:d=0.4,noise=alls=60:allf=t", "-preset", "ultrafast")
    await studio.add("noise", noise)
    high = await studio.render(draft({"src": "noise", "d": 400}), quality="high")
    low = await studio.render(draft({"src": "noise", "d": 400}), quality="low")
    assert low.bytes < high.bytes / 2


@pytest.mark.parametrize(
    ("canvas", "resolution", "delivered"),
    [
        ((1920, 1080), "4k", (3840, 2160)),
        ((1080, 1920), "4K", (2160, 3840)),
        ((1080, 1080), "2160p", (2160, 2160)),
        ((2560, 1080), "4k", (3840, 1620)),
        ((3840, 2160), "720p", (1280, 720)),
        ((1080, 1920), "1080x1080", (608, 1080)),
        ((1920, 1080), None, (1920, 1080)),
    ],
)
def test_a_resolution_is_a_box_that_the_canvas_is_fitted_into(
    canvas: tuple[int, int], resolution: str | None, delivered: tuple[int, int]
) -> None:
    assert Output.parse({"resolution": resolution}).size(*canvas) == delivered


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"format": "avi"}, "output.format: 'avi'"),
        ({"quality": "best"}, "output.quality: 'best'"),
        ({"resolution": "huge"}, "output.resolution: 'huge'"),
        ({"resolution": "90000x10"}, "out of range"),
        ({"resolution": 4}, "output.resolution: 4"),
        ({"fps": 0}, "output.fps: 0"),
        ({"fps": "30"}, "output.fps: '30'"),
        ({"codec": "av1"}, "output.codec"),
    ],
)
def test_an_absurd_output_is_refused_by_name(wish: dict[str, Any], named: str) -> None:
    with pytest.raises(BadDraft) as refused:
        Output.parse(wish)
    assert named in str(refused.value)
