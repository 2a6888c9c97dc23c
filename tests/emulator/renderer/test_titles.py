"""Words over the picture: when, where, and readable."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from prefect_nemovideo.emulator.renderer.fonts import Typeface, packaged_fonts
from prefect_nemovideo.emulator.renderer.titles import Title


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a gray clip on the shelf."""
    await studio.add("gray", studio.scene("gray2.mp4", "color=gray:s=64x36:r=25:d=2", "-preset", "ultrafast"))
    return studio


def text(words: str, start: int, length: int, **settings: Any) -> list[dict[str, Any]]:
    """The one segment of a text track."""
    return [{"id": "x", "s": start, "d": length, "m": {"text": words, **settings}}]


@pytest.mark.conformance("composited-h264")
async def test_a_title_is_seen_in_exactly_its_time(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "gray", "d": 2000}, texts=text("HELLO", 480, 1000)))
    seen = [index for index, picture in enumerate(film.pictures) if max(picture.luma) > 200]
    assert seen == list(range(12, 37))


@pytest.mark.parametrize(
    ("position", "share"),
    [
        ("center", (0.5, 0.5)),
        ("top", (0.5, 0.1)),
        ("bottom", (0.5, 0.9)),
        ("top-left", (0.15, 0.1)),
        ("top-right", (0.85, 0.1)),
        ("bottom-left", (0.15, 0.9)),
        ("bottom-right", (0.85, 0.9)),
    ],
)
async def test_a_title_stands_where_it_was_put(
    studio: Any, draft: Any, position: str, share: tuple[float, float]
) -> None:
    film = await studio.film(draft({"src": "gray", "d": 200}, texts=text("Title", 0, 200, position=position)))
    picture = film.pictures[2]
    lit = [divmod(index, picture.width) for index, luma in enumerate(picture.luma) if luma > 200]
    middle_x = (min(x for _, x in lit) + max(x for _, x in lit)) / 2 / picture.width
    middle_y = (min(y for y, _ in lit) + max(y for y, _ in lit)) / 2 / picture.height
    assert (middle_x, middle_y) == pytest.approx(share, abs=0.08)


async def test_text_is_never_read_as_a_filter_or_a_file(studio: Any, draft: Any) -> None:
    nasty = "'];[0:v]negate[x];%{pts} \\n C:\\ file:/etc/passwd | $(reboot)"
    film = await studio.film(draft({"src": "gray", "d": 200}, texts=text(nasty, 0, 200)))
    assert film.pictures[0].at(0.02, 0.02) == pytest.approx(126, abs=4)


async def test_texts_of_several_tracks_are_all_shown(studio: Any, draft: Any) -> None:
    both = text("ABOVE", 0, 200, position="top") + text("BELOW", 0, 200, position="bottom")
    picture = (await studio.film(draft({"src": "gray", "d": 200}, texts=both))).pictures[2]
    half = len(picture.luma) // 2
    assert max(picture.luma[:half]) > 200
    assert max(picture.luma[half:]) > 200


def drawn(tmp_path: Path, words: str, **settings: Any) -> Image.Image:
    """The PNG of a title on a 640x360 picture."""
    shape = {"position": "center", "size": 1.0, "width": 640, "height": 360} | settings
    Title(words, **shape).draw(tmp_path / "title.png")
    return Image.open(tmp_path / "title.png")


def test_a_long_line_is_wrapped_within_the_safe_margins(tmp_path: Path) -> None:
    short, long = drawn(tmp_path, "One line"), drawn(tmp_path, "many words that never fit on a single line " * 2)
    assert long.height > 2 * short.height
    assert long.width <= 0.9 * 640


@pytest.mark.parametrize("words", ["W" * 80, "长" * 120, "word " * 300, "\n" * 50 + "x", "👩‍👩‍👧 emoji", "مرحبا", " "])
def test_any_text_fits_the_picture(tmp_path: Path, words: str) -> None:
    picture = drawn(tmp_path, words)
    assert picture.width <= 640
    assert picture.height <= 360


def test_size_scales_the_letters(tmp_path: Path) -> None:
    assert drawn(tmp_path, "Hi", size=2.0).height == pytest.approx(2 * drawn(tmp_path, "Hi").height, rel=0.1)


def test_white_letters_have_a_dark_outline(tmp_path: Path) -> None:
    colors = {color[:3] for _, color in drawn(tmp_path, "Hi").getcolors(100000) if color[3] > 220}
    assert (255, 255, 255) in colors
    assert (0, 0, 0) in colors


def test_without_any_installed_font_english_is_still_written(tmp_path: Path) -> None:
    face = Typeface(40, [tmp_path])
    assert [words for words, _ in face.runs("Hello there")] == ["Hello there"]
    assert face.first.getlength("Hello") > 40


def test_characters_go_to_a_font_that_has_them() -> None:
    """Cutting a text into runs loses nothing and puts each run into one font."""
    words = "Hi 你好 é مرحبا 😀!"
    runs = list(Typeface(40).runs(words))
    assert "".join(part for part, _ in runs) == words
    assert all(one is not other for (_, one), (_, other) in itertools.pairwise(runs))


def test_the_extra_cjk_writes_chinese_japanese_and_korean() -> None:
    """Each character gets a drawing of its own, not the box for a missing one."""
    words = "你好 こんにちは 안녕하세요"
    [(text, font)] = Typeface(40, packaged_fonts()).runs(words)
    drawn = [bytes(font.getmask(character)) for character in words if not character.isspace()]
    assert text == words
    assert len(set(drawn)) == len(set(words)) - 1
