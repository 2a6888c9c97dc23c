"""Asked and delivered: each difference is a sentence, and what is met says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from prefect_nemovideo.media import MediaInfo, NotMedia, Wanted, compare, poster, probe

Film = Callable[..., Path]

DELIVERED = MediaInfo(
    container="mp4",
    duration_seconds=9.97,
    width=1920,
    height=1080,
    fps=29.97,
    video_codec="h264",
    audio_codec="aac",
    frames=299,
    bytes=1_000_000,
    pixel_format="yuv420p",
)


@pytest.mark.parametrize("size", [(3840, 2160), (2160, 3840), (4096, 2160), (3840, 1600), (2160, 2160)])
def test_4k_is_met_by_either_side(size: tuple[int, int]) -> None:
    """4K is 3840 along the long side or 2160 along the short one, upright and square films included."""
    assert compare(replace(DELIVERED, width=size[0], height=size[1]), Wanted(resolution="4k")) == []


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (2560, 1440), (3838, 2158), (7680, 4320)])
def test_less_or_more_than_4k_is_said(size: tuple[int, int]) -> None:
    """Asked for 4K, anything smaller or larger on both sides is named with its size."""
    assert compare(replace(DELIVERED, width=size[0], height=size[1]), Wanted(resolution="4K")) == [
        f"Asked for 4K (3840×2160 or its equivalent), got {size[0]}×{size[1]}."
    ]


def test_every_difference_has_its_sentence() -> None:
    """Size, rate, length, container and sound are compared independently, in one fixed order."""
    wanted = Wanted(resolution="1280x720", fps=60, duration_seconds=20, format="webm", audio=False)
    assert compare(DELIVERED, wanted) == [
        "Asked for 1280×720, got 1920×1080.",
        "Asked for 60 frames a second, got 29.97.",
        "Asked for 20 s, got 9.97 s.",
        "Asked for webm, got mp4.",
        "Asked for no sound, got a sound track (aac).",
    ]


def test_what_is_met_says_nothing() -> None:
    """29.97 is 30 frames a second, 9.97 s are 10 s, and nothing asked is nothing missed."""
    assert compare(DELIVERED, Wanted()) == []
    assert compare(DELIVERED, Wanted("1080p", 30, 10, format=".MP4", audio=True)) == []


def test_a_missing_sound_track_is_said() -> None:
    """A film that should sound and has no sound track differs."""
    silent = replace(DELIVERED, audio_codec=None)
    assert compare(silent, Wanted(audio=True)) == ["Asked for sound, got a file without a sound track."]


@pytest.mark.parametrize("name", ["8k", "1920", "huge", ""])
def test_an_unknown_resolution_is_refused_at_once(name: str) -> None:
    """What can't be compared is refused when it is asked for, with what can."""
    with pytest.raises(ValueError, match="Use 4k, 1440p, 1080p, 720p, or WIDTHxHEIGHT"):
        Wanted(resolution=name)


def test_a_real_film_is_compared(hd_clip: Path) -> None:
    """A probed 1080p film, asked for as 4K, gives the sentence that people will read."""
    assert compare(probe(hd_clip), Wanted(resolution="4k")) == [
        "Asked for 4K (3840×2160 or its equivalent), got 1920×1080."
    ]


def test_a_poster_is_a_small_upright_jpeg(hd_clip: Path, tmp_path: Path) -> None:
    """The poster of a 1080p film is a 1280×720 JPEG, and nothing else is left beside it."""
    target = poster(hd_clip, 1.0, tmp_path / "poster.jpg")
    with Image.open(target) as image:
        assert (image.format, image.size) == ("JPEG", (1280, 720))
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("degrees", ["90", "-90", "180"])
def test_a_poster_stands_as_the_film_is_shown(film: Film, tmp_path: Path, degrees: str) -> None:
    """The poster of a turned film has the same corner red as FFmpeg's own upright copy of that film."""
    red_corner = "color=blue:size=320x180:rate=25:duration=1,drawbox=w=80:h=60:color=red:t=fill"
    flat = film("flat.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", inputs=["-f", "lavfi", "-i", red_corner])
    turned = film("turned.mp4", "-c", "copy", inputs=["-display_rotation", degrees, "-i", str(flat)])
    upright = film("upright.png", "-frames:v", "1", inputs=["-i", str(turned)])
    with Image.open(upright) as expected, Image.open(poster(turned, 0.0, tmp_path / "p.jpg")) as made:
        assert made.size == expected.size
        assert _red_corner(made) == _red_corner(expected)


def test_a_poster_shows_the_moment_that_was_asked_for(film: Film, tmp_path: Path) -> None:
    """Of a film that is red for a second and then blue, with one key picture, 0.5 s is red and 1.5 s is blue."""
    colours = "color=red:size=64x64:rate=25:duration=1[r];color=blue:size=64x64:rate=25:duration=1[b];[r][b]concat"
    path = film("two.mp4", "-c:v", "libx264", "-g", "100", "-pix_fmt", "yuv420p", inputs=["-f", "lavfi", "-i", colours])
    for seconds, is_red in ((0.5, True), (1.5, False), (9.0, False)):
        with Image.open(poster(path, seconds, tmp_path / "p.jpg")) as image:
            red, _, blue = image.getpixel((32, 32))
            assert (red > blue) is is_red, seconds


def test_sound_has_no_poster(film: Film, tmp_path: Path) -> None:
    """Asking a sound file for a poster says that there is no picture."""
    tone = film("tone.wav", inputs=["-f", "lavfi", "-i", "sine=duration=1"])
    with pytest.raises(NotMedia, match="no pictures"):
        poster(tone, 0.0, tmp_path / "p.jpg")


def _red_corner(image: Image.Image) -> tuple[bool, bool]:
    """Whether the red corner is (on the right, at the bottom)."""
    width, height = image.size
    places = [(x, y) for x in (10, width - 10) for y in (10, height - 10)]
    red = [place for place in places if _redness(image, place) > 150]
    assert len(red) == 1
    return red[0][0] > 10, red[0][1] > 10


def _redness(image: Image.Image, place: tuple[int, int]) -> int:
    pixel = image.convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel[0]
