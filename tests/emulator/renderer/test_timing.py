"""Cuts fall on the frame they were asked for: the clock in the source says so."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a clock on the shelf: 100 numbered frames, a beep each second."""
    await studio.add("clock", studio.clock())
    return studio


@pytest.mark.parametrize(
    ("start", "length", "first", "last", "beeps"),
    [
        (0, 4000, 0, 99, [0.0, 1.0, 2.0, 3.0]),
        (2000, 1000, 50, 74, [0.0]),
        (1000, 2000, 25, 74, [0.0, 1.0]),
        # Between two frames the one on display is nearest.
        (1230, 1280, 31, 62, [0.77]),
        (3960, 40, 99, 99, []),
    ],
)
async def test_a_trim_keeps_exactly_the_frames_of_its_time(
    studio: Any, draft: Any, start: int, length: int, first: int, last: int, beeps: list[float]
) -> None:
    film = await studio.film(draft({"in": start, "d": length}))
    assert film.numbers() == list(range(first, last + 1))
    assert film.beeps() == pytest.approx(beeps, abs=0.03)


async def test_cutting_the_middle_out_joins_the_two_sides_exactly(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"d": 1000}, {"in": 2000, "d": 2000}))
    assert film.numbers() == [*range(25), *range(50, 100)]
    assert film.beeps() == pytest.approx([0.0, 1.0, 2.0], abs=0.03)


async def test_double_speed_shows_every_second_frame_and_keeps_the_pitch(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"d": 2000, "speed": 2.0}))
    assert film.numbers() == list(range(0, 100, 2))
    assert film.beeps()[-3:] == pytest.approx([0.5, 1.0, 1.5], abs=0.03)
    assert film.pitch(1.0, 1.02) == pytest.approx(1000, abs=60)


async def test_half_speed_shows_every_frame_twice(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"in": 1000, "d": 2000, "speed": 0.5}))
    assert film.numbers() == [number for number in range(25, 50) for _ in range(2)]


async def test_a_cut_inside_a_sped_up_segment_is_exact(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"in": 2000, "d": 500, "speed": 4.0}))
    assert film.numbers()[:3] == [50, 54, 58]
    assert len(film.pictures) in (12, 13)


async def test_a_gap_ahead_of_a_clip_is_black_and_silent(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"s": 1000, "d": 1000}))
    assert len(film.pictures) == 50
    assert max(film.pictures[10].luma) <= 17
    assert film.numbers()[25:] == list(range(25))
    assert film.beeps() == pytest.approx([1.0], abs=0.03)


async def test_another_frame_rate_of_the_output_keeps_the_time(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"in": 1000, "d": 2000}), fps=50)
    assert film.numbers()[::2] == list(range(25, 75))
    film = await studio.film(draft({"d": 4000}), fps=5)
    assert film.numbers() == list(range(0, 100, 5))


async def test_ntsc_rates_don_t_drift(studio: Any, draft: Any) -> None:
    """29.97 in a draft is 30000/1001: every frame of such a source appears once."""
    await studio.add("ntsc", studio.clock(fps="30000/1001"))
    film = await studio.film(draft({"src": "ntsc", "d": 4004}, fps=29.97))
    assert film.numbers() == list(range(120))
    assert film.pictures[-1].seconds == pytest.approx(119 * 1001 / 30000)


async def test_a_variable_frame_rate_stays_in_time_with_the_sound(studio: Any, draft: Any) -> None:
    """Each second of the source shows its frames at another pace; the result shows the one of the moment."""
    fewer = ("-vf", "select='lt(t,1)+gte(t,1)*not(mod(n,5))'", "-fps_mode", "vfr", "-preset", "ultrafast", "-crf", "10")
    source = studio.make("vfr.mp4", "-i", studio.clock(), *fewer, "-c:a", "copy")
    await studio.add("vfr", source)
    film = await studio.film(draft({"src": "vfr", "in": 500, "d": 2500}))
    shown = film.numbers()
    assert shown[:12] == list(range(13, 25))
    assert all(abs(number - (index + 12.5)) <= 5 for index, number in enumerate(shown))
    assert film.beeps() == pytest.approx([0.5, 1.5], abs=0.03)


async def test_clips_of_every_kind_are_joined_on_one_canvas(studio: Any, draft: Any) -> None:
    """Another size, rate, container, a silent one, a still: each fills its own time, sound stays in place."""
    await studio.add("other", studio.clock(fps="30", seconds=2, width=180, height=320))
    silent = studio.scene("silent.webm", "testsrc2=s=160x120:r=15:d=1", "-c:v", "libvpx", "-deadline", "realtime")
    await studio.add("silent", silent)
    await studio.add("still", studio.scene("still.png", "color=white:s=99x77", "-frames:v", "1"))
    parts = [
        {"src": "silent", "d": 1000},
        {"in": 1000, "d": 1000},
        {"src": "still", "d": 1000},
        {"src": "other", "d": 2000},
    ]
    film = await studio.film(draft(*parts, fit="crop"))
    assert len(film.pictures) == 125
    assert film.numbers()[25:50] == list(range(25, 50))
    assert min(film.pictures[60].luma) > 220
    assert film.beeps() == pytest.approx([1.0, 3.0, 4.0], abs=0.03)


async def test_a_source_may_be_asked_for_a_rounded_bit_more_than_it_has(studio: Any, draft: Any) -> None:
    """A timeline's milliseconds round a file's end; the last frame stands until then."""
    film = await studio.film(draft({"in": 3000, "d": 1080}))
    assert film.numbers() == [*range(75, 100), 99, 99]
