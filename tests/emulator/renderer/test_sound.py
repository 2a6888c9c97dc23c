"""What is heard, measured in the decoded result."""

from __future__ import annotations

from typing import Any

import pytest

TONE = "aevalsrc='0.5*sin(2*PI*{hertz}*t)':s=48000:d={seconds}"


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a humming clip, a silent clip, and a song."""
    hum = studio.make("hum.mp4", "-f", "lavfi", "-i", "color=gray:s=64x64:r=25:d=3", "-f", "lavfi", "-i",
                      TONE.format(hertz=440, seconds=3), "-preset", "ultrafast")  # fmt: skip
    await studio.add("hum", hum)
    await studio.add("quiet", studio.scene("quiet.mp4", "color=gray:s=64x64:r=25:d=6", "-preset", "ultrafast"))
    await studio.add("song", studio.scene("song.mp3", TONE.format(hertz=1000, seconds=1)))
    return studio


def sound(src: str, start: int, length: int, **settings: Any) -> list[dict[str, Any]]:
    """The one segment of an audio track."""
    return [{"id": "a", "src": src, "s": start, "d": length, "m": settings}]


async def test_a_clip_keeps_its_own_sound(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "hum", "d": 2000}))
    assert film.rms(0.2, 1.8) == pytest.approx(0.354, rel=0.05)
    assert film.pitch(0.5, 1.5) == pytest.approx(440, abs=5)


async def test_volume_is_per_cent(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "hum", "d": 1000, "volume": 50}))
    assert film.rms(0.2, 0.8) == pytest.approx(0.177, rel=0.05)


async def test_a_muted_film_has_no_sound_stream(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "hum", "d": 1000, "volume": 0}))
    assert film.codecs == ["h264"]


async def test_muting_one_clip_silences_only_it(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "hum", "d": 1000, "volume": 0}, {"src": "hum", "d": 1000}))
    assert film.rms(0.1, 0.9) < 0.001
    assert film.rms(1.1, 1.9) > 0.3


async def test_another_speed_keeps_the_pitch(studio: Any, draft: Any) -> None:
    for speed in (0.4, 0.75, 1.5, 2.5):
        film = await studio.film(draft({"src": "hum", "d": 1000, "speed": speed}))
        assert film.pitch(0.3, 0.8) == pytest.approx(440, abs=12), speed


async def test_music_plays_in_its_time_and_at_its_volume(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "quiet", "d": 2000}, sounds=sound("song", 500, 1000, volume=50)))
    assert film.rms(0, 0.45) < 0.001
    assert film.rms(0.6, 1.4) == pytest.approx(0.177, rel=0.06)
    assert film.rms(1.6, 2.0) < 0.002


async def test_music_stops_at_its_end_unless_it_loops(studio: Any, draft: Any) -> None:
    once = await studio.film(draft({"src": "quiet", "d": 3000}, sounds=sound("song", 0, 3000)))
    assert once.rms(1.2, 3.0) < 0.002
    again = await studio.film(draft({"src": "quiet", "d": 3000}, sounds=sound("song", 0, 3000, loop=True)))
    assert all(again.rms(at, at + 0.2) > 0.3 for at in (0.3, 1.5, 2.7))


async def test_music_starts_inside_its_source(studio: Any, draft: Any) -> None:
    """The source hums for a second and is silent for another: `in` skips the hum, `loop` comes round to it."""
    half = studio.scene("half.wav", "aevalsrc='0.5*sin(2*PI*440*t)*lt(t,1)':s=48000:d=2")
    await studio.add("half", half)
    for loop in (False, True):
        film = await studio.film(
            draft({"src": "quiet", "d": 2000}, sounds=sound("half", 0, 2000, **{"in": 1000, "loop": loop}))
        )
        assert film.rms(0.05, 0.95) < 0.002
        assert (film.rms(1.1, 1.9) > 0.3) is loop


@pytest.mark.conformance("composited-h264")
async def test_music_is_mixed_under_a_clip_without_clipping(studio: Any, draft: Any) -> None:
    """Twice too loud together, and no sample touches full scale."""
    await studio.add("tone", studio.scene("tone.wav", TONE.format(hertz=1000, seconds=3)))
    film = await studio.film(draft({"src": "hum", "d": 2000, "volume": 180}, sounds=sound("tone", 0, 2000, volume=180)))
    assert film.peak < 0.999
    assert film.rms(0.2, 1.8) > 0.4


@pytest.mark.parametrize("bed", ["lofi", "upbeat", "calm", "cinematic"])
async def test_every_bed_is_heard_all_the_time_and_at_full_volume_doesn_t_clip(
    studio: Any, draft: Any, bed: str
) -> None:
    film = await studio.film(draft({"src": "quiet", "d": 6000}, sounds=sound(f"bed:{bed}", 0, 6000, loop=True)))
    assert all(film.rms(at, at + 2) > 0.02 for at in (0, 2, 4))
    assert 0.1 < film.peak < 0.99


async def test_sound_fades_from_and_to_nothing(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "hum", "d": 2000, "fade_in": 500, "fade_out": 500}))
    assert film.rms(0, 0.05) < 0.03
    assert film.rms(0.8, 1.2) > 0.3
    assert film.rms(1.95, 2.0) < 0.03


async def test_loudness_is_brought_to_what_was_asked(studio: Any, draft: Any) -> None:
    """A sine of RMS r at 1 kHz in both channels has 20 log10(r) + 3 LUFS, so -20 LUFS is an RMS of 0.071."""
    film = await studio.film(
        draft({"src": "quiet", "d": 5000}, sounds=sound("song", 0, 5000, volume=100, loop=True), loudness=-20)
    )
    assert film.rms(1, 4) == pytest.approx(0.071, rel=0.1)


async def test_sound_is_exactly_as_long_as_the_picture(studio: Any, draft: Any) -> None:
    film = await studio.film(draft({"src": "hum", "d": 2000}, sounds=sound("bed:calm", 500, 9000)))
    assert len(film.pictures) == 50
    assert len(film.samples) / 8000 == pytest.approx(2.0, abs=0.05)
