"""Beside each film lie a poster and a contact sheet, made in the same pass."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from prefect_nemovideo.emulator.renderer import POSTER_NAME, SHEET_NAME, still_of


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a clock on the shelf: 100 numbered frames."""
    await studio.add("clock", studio.clock())
    return studio


def number(still: Image.Image, left: float, top: float, right: float, bottom: float) -> int:
    """The clock's frame number within a part of a still, given in pixels."""
    gray = still.convert("L")
    places = [(left + (right - left) * (bit + 0.5) / 12, (top + bottom) / 2) for bit in range(12)]
    return sum(1 << bit for bit, place in enumerate(places) if gray.getpixel((int(place[0]), int(place[1]))) > 125)


@pytest.mark.parametrize("change", [{}, {"sharpen": 0.1}])
async def test_they_show_the_film_from_beginning_to_end(studio: Any, draft: Any, change: dict[str, Any]) -> None:
    """A poster from its first third, twelve moments at even distances; copied or rendered."""
    rendered = await studio.render(draft({"d": 4000, **change}))
    assert rendered.is_copied is not bool(change)
    poster = Image.open(still_of(rendered.path, POSTER_NAME))
    assert poster.size == (320, 180)
    assert number(poster, 0, 0, 320, 180) == 33
    sheet = Image.open(still_of(rendered.path, SHEET_NAME))
    assert sheet.size == (4 * 324 + 4, 3 * 184 + 4)
    boxes = [(4 + 324 * column, 4 + 184 * row) for row in range(3) for column in range(4)]
    shown = [number(sheet, x, y, x + 320, y + 180) for x, y in boxes]
    assert shown == [4, 12, 20, 29, 37, 45, 54, 62, 70, 79, 87, 95]


async def test_those_of_a_4k_film_are_small(studio: Any, draft: Any) -> None:
    rendered = await studio.render(draft({"d": 200}), resolution="4k")
    assert Image.open(still_of(rendered.path, POSTER_NAME)).size == (1280, 720)
    assert Image.open(still_of(rendered.path, SHEET_NAME)).size == (4 * 324 + 4, 2 * 184 + 4)


async def test_a_film_of_one_frame_has_them_too(studio: Any, draft: Any) -> None:
    rendered = await studio.render(draft({"in": 2000, "d": 40}))
    assert number(Image.open(still_of(rendered.path, POSTER_NAME)), 0, 0, 320, 180) == 50
    assert number(Image.open(still_of(rendered.path, SHEET_NAME)), 4, 4, 324, 184) == 50


async def test_their_colors_are_those_of_the_film(studio: Any, draft: Any) -> None:
    """A JPEG counts colors in another way than the film does; red stays red."""
    await studio.add("red", studio.scene("red-hd.mp4", "color=red:s=1280x720:r=25:d=0.2", "-preset", "ultrafast"))
    for change in ({}, {"sharpen": 0.1}):
        rendered = await studio.render(draft({"src": "red", "d": 200, **change}, width=1280, height=720))
        red, green, blue = Image.open(still_of(rendered.path, POSTER_NAME)).convert("RGB").getpixel((600, 300))
        assert red > 225
        assert max(green, blue) < 30
