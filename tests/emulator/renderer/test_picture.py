"""Each setting of a picture does what its name says, seen in the decoded result."""

from __future__ import annotations

from typing import Any

import pytest

# Left half red, right half blue, the upper left corner white.
CORNERS = "color=red:s=160x90:r=25:d=0.4,drawbox=x=80:c=blue:t=fill,drawbox=w=40:h=30:c=white:t=fill"
LOSSLESS = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "1", "-pix_fmt", "yuv420p")
BARS = "testsrc2=s=160x90:r=25:d=0.4"


@pytest.fixture
async def studio(studio: Any) -> Any:
    """A studio with a test pattern and colored corners on the shelf."""
    await studio.add("bars", studio.scene("bars.mp4", BARS, *LOSSLESS))
    await studio.add("corners", studio.scene("corners.mp4", CORNERS, *LOSSLESS))
    return studio


async def shot(
    studio: Any, draft: Any, src: str = "bars", canvas: dict[str, Any] | None = None, **settings: Any
) -> Any:
    """One frame of a source under these settings."""
    film = await studio.film(draft({"src": src, "d": 400, **settings}, **(canvas or {})))
    return film.pictures[5]


async def test_sharpening_adds_detail_in_proportion(studio: Any, draft: Any) -> None:
    plain, some, much = [(await shot(studio, draft, sharpen=a)).edges() for a in (0, 0.8, 2.0)]
    assert some > 1.2 * plain
    assert much > 1.2 * some


async def test_sharpening_works_on_a_source_that_is_made_smaller(studio: Any, draft: Any) -> None:
    await studio.add("large", studio.scene("large.mp4", "testsrc2=s=640x360:r=25:d=0.4", *LOSSLESS))
    plain, sharp = [(await shot(studio, draft, "large", sharpen=a)).edges() for a in (0, 0.8)]
    assert sharp > 1.2 * plain


async def test_denoising_removes_noise(studio: Any, draft: Any) -> None:
    grain = studio.scene("grain.mp4", "color=gray:s=160x90:r=25:d=0.4,noise=alls=12:allf=t", *LOSSLESS)
    await studio.add("grain", grain)
    noisy, calm = [(await shot(studio, draft, "grain", denoise=a)).edges() for a in (0, 1)]
    assert calm < 0.6 * noisy


async def test_grayscale_leaves_no_color_at_all(studio: Any, draft: Any) -> None:
    gray = await shot(studio, draft, grayscale=True)
    assert {*gray.chroma[0], *gray.chroma[1]} <= {127, 128, 129}


async def test_brightness_contrast_and_saturation_move_what_they_name(studio: Any, draft: Any) -> None:
    def spread(picture: Any) -> int:
        return max(picture.luma) - min(picture.luma)

    def color(picture: Any) -> float:
        return sum(abs(c - 128) for plane in picture.chroma for c in plane) / len(picture.chroma[0])

    plain = await shot(studio, draft)
    assert (await shot(studio, draft, brightness=30)).mean() > plain.mean() + 20
    assert (await shot(studio, draft, brightness=-30)).mean() < plain.mean() - 20
    assert spread(await shot(studio, draft, contrast=-60)) < 0.6 * spread(plain)
    assert color(await shot(studio, draft, saturation=-100)) < 0.05 * color(plain)
    assert color(await shot(studio, draft, saturation=60)) > 1.1 * color(plain)


async def test_a_higher_temperature_is_redder_and_less_blue(studio: Any, draft: Any) -> None:
    await studio.add("gray", studio.scene("gray.mp4", "color=gray:s=160x90:r=25:d=0.4", *LOSSLESS))
    cold, warm = [await shot(studio, draft, "gray", temperature=t) for t in (-60, 60)]
    assert warm.chroma[1][500] > 133
    assert warm.chroma[0][500] < 123
    assert cold.chroma[1][500] < 123
    assert cold.chroma[0][500] > 133


@pytest.mark.parametrize(
    ("settings", "corner"),
    [
        ({}, (0.05, 0.05)),
        ({"flip": "h"}, (0.95, 0.05)),
        ({"flip": "v"}, (0.05, 0.95)),
        ({"flip": "hv"}, (0.95, 0.95)),
        ({"rotate": 90}, (0.95, 0.05)),
        ({"rotate": 180}, (0.95, 0.95)),
        ({"rotate": 270}, (0.05, 0.95)),
    ],
)
async def test_turns_and_flips_move_the_white_corner(
    studio: Any, draft: Any, settings: dict[str, Any], corner: tuple[float, float]
) -> None:
    canvas = {"width": 180, "height": 320} if settings.get("rotate", 0) % 180 else {}
    picture = await shot(studio, draft, "corners", canvas, **settings)
    assert picture.at(*corner) > 200
    others = [(x, y) for x in (0.05, 0.95) for y in (0.05, 0.95) if (x, y) != corner]
    assert max(picture.at(*other) for other in others) < 120


async def test_fades_begin_and_end_in_the_dark(studio: Any, draft: Any) -> None:
    await studio.add("white", studio.scene("white.mp4", "color=white:s=160x90:r=25:d=1", *LOSSLESS))
    film = await studio.film(draft({"src": "white", "d": 1000, "fade_in": 400, "fade_out": 400}))
    light = [picture.mean() for picture in film.pictures]
    assert light[0] < 18
    assert light[-1] < 18
    assert light[12] > 220
    assert light[:10] == sorted(light[:10])
    assert light[-10:] == sorted(light[-10:], reverse=True)


async def test_pad_puts_black_bars_around_another_shape(studio: Any, draft: Any) -> None:
    picture = await shot(studio, draft, "corners", {"width": 180, "height": 320, "fit": "pad"})
    assert picture.at(0.5, 0.1) == picture.at(0.5, 0.9) == 16
    assert picture.at(0.05, 0.37) > 200


async def test_crop_fills_the_canvas_and_keeps_the_middle(studio: Any, draft: Any) -> None:
    picture = await shot(studio, draft, "corners", {"width": 180, "height": 320, "fit": "crop"})
    assert min(picture.at(0.25, y) for y in (0.02, 0.5, 0.98)) > picture.at(0.75, 0.5) + 20
    assert max(picture.luma) < 160


async def test_blur_fills_the_bars_with_a_soft_copy(studio: Any, draft: Any) -> None:
    padded = await shot(studio, draft, "bars", {"width": 180, "height": 320, "fit": "pad"})
    blurred = await shot(studio, draft, "bars", {"width": 180, "height": 320, "fit": "blur"})
    assert padded.at(0.5, 0.5) == pytest.approx(blurred.at(0.5, 0.5), abs=6)
    assert blurred.at(0.5, 0.1) > 30
    top = slice(0, 180 * 80)
    steps = [abs(a - b) for a, b in zip(blurred.luma[top], blurred.luma[1:][top], strict=True)]
    assert sorted(steps)[len(steps) * 95 // 100] <= 6


async def test_a_phone_s_upright_video_stands_upright(studio: Any, draft: Any) -> None:
    """A rotation flag counts: displayed size and picture both follow it."""
    turned = studio.make("turned.mp4", "-display_rotation", "90", "-i", studio.sources["corners"][0], "-c", "copy")
    probed = await studio.add("turned", turned)
    assert (probed.width, probed.height) == (90, 160)
    picture = await shot(studio, draft, "turned", {"width": 180, "height": 320})
    assert picture.at(0.05, 0.95) > 200


async def test_wide_pixels_are_shown_wide(studio: Any, draft: Any) -> None:
    squeezed = studio.scene("wide.mp4", CORNERS + ",scale=80:90,setsar=2/1", *LOSSLESS)
    probed = await studio.add("wide", squeezed)
    assert (probed.width, probed.height) == (160, 90)
    assert (await shot(studio, draft, "wide")).at(0.05, 0.05) > 200


async def test_odd_sizes_are_rendered(studio: Any, draft: Any) -> None:
    odd = studio.scene("odd.mp4", "testsrc2=s=161x91:r=25:d=0.4", "-c:v", "libx264", "-pix_fmt", "yuv444p")
    await studio.add("odd", odd)
    for fit in ("crop", "pad", "blur"):
        picture = await shot(studio, draft, "odd", {"fit": fit, "width": 182, "height": 322})
        assert (picture.width, picture.height) == (182, 322)


async def test_hdr_is_tone_mapped(studio: Any, draft: Any) -> None:
    """A gray that PQ codes at 0.5 is about 90 nits: a light gray on a normal screen, not a dark one."""
    tags = "hdr-opt=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none"
    hdr = studio.scene("hdr.mp4", "color=0x808080:s=160x90:r=25:d=0.4,format=yuv420p10le", "-c:v", "libx265",
                       "-x265-params", tags, "-tag:v", "hvc1")  # fmt: skip
    probed = await studio.add("hdr", hdr)
    assert (probed.transfer, probed.matrix) == ("smpte2084", "bt2020nc")
    picture = await shot(studio, draft, "hdr")
    assert picture.at(0.5, 0.5) > 140


async def test_what_is_clear_in_a_still_becomes_black(studio: Any, draft: Any) -> None:
    still = studio.scene("clear.png", "color=white@0.0:s=160x90,format=rgba", "-frames:v", "1")
    probed = await studio.add("clear", still)
    assert (probed.file_type, probed.duration) == ("image", 0.0)
    assert max((await shot(studio, draft, "clear")).luma) <= 17


async def test_primary_colors_survive(studio: Any, draft: Any) -> None:
    """Red from a PNG and red from an untagged BT.601 clip are the same BT.709 red."""
    await studio.add("png", studio.scene("red.png", "color=red:s=160x90", "-frames:v", "1"))
    for src in ("png", "corners"):
        picture = await shot(studio, draft, src)
        low = (picture.height // 2 - 10) * (picture.width // 2) + 20
        red = (picture.at(0.2, 0.8), picture.chroma[0][low], picture.chroma[1][low])
        assert red == pytest.approx((63, 102, 240), abs=3), src
