"""Sentences and the operations they ask for."""

from __future__ import annotations

import pytest

from prefect_nemovideo.emulator.editor.language import understand
from prefect_nemovideo.emulator.editor.operations import (
    AddMusic,
    AddTitle,
    Canvas,
    Cut,
    EditTitle,
    Fade,
    Flip,
    FrameRate,
    Keep,
    Look,
    Loudness,
    Merge,
    Operation,
    Reframe,
    RemoveMusic,
    RemoveTitles,
    Reset,
    Resize,
    Rotate,
    Scale,
    Shorten,
    Speed,
    Volume,
)

UHD = Resize(3840, 2160)
SHARP = Look("sharpen", 0.8)


def more(key: str, by: float = 20.0) -> Look:
    return Look(key, by, relative=True)


SIZE: list[tuple[str, list[Operation]]] = [
    ("upscale this video to 4K and sharpen the details", [UHD, SHARP]),
    ("upscale this video to 4K and", [UHD]),
    ("export 4K MP4", [UHD]),
    ("edit this 4K footage and save the session so I can come back and make changes later", [UHD]),
    ("convert my raw video footage", [UHD]),
    ("edit my raw video footage", [UHD]),
    ("edit the video so it's ready for YouTube", [UHD]),
    ("enhance the quality of my video", [UHD]),
    ("make it UHD", [UHD]),
    ("2160p please", [UHD]),
    ("convert to 1440p", [Resize(2560, 1440)]),
    ("2K", [Resize(2560, 1440)]),
    ("export at 1080p", [Resize(1920, 1080)]),
    ("downscale to 720p", [Resize(1280, 720)]),
    ("convert this 4k clip to 1080p", [Resize(1920, 1080)]),
    ("downscale from 4K to 1080p", [Resize(1920, 1080)]),
    ("edit this 4K footage, then export at 1080p", [Resize(1920, 1080)]),
    ("1080x1920", [Canvas(1080, 1920)]),
    ("upscale 2x", [Scale(2.0)]),
    ("make it 4k 60fps", [UHD, FrameRate(60.0)]),
    ("my vertical video needs to be 4K", [UHD]),
    ("提升到4K", [UHD]),
    ("升级到4K并锐化", [UHD, SHARP]),
]
SHAPE: list[tuple[str, list[Operation]]] = [
    ("make it vertical for TikTok", [Reframe((9, 16))]),
    ("crop to 9:16", [Reframe((9, 16), "crop")]),
    ("convert to 9:16 with blurred background", [Reframe((9, 16), "blur")]),
    ("make it fit Reels without cropping", [Reframe((9, 16), "pad")]),
    ("1:1 with black bars", [Reframe((1, 1), "pad")]),
    ("crop it to 4:5 without black bars", [Reframe((4, 5), "crop")]),
    ("make it square for Instagram and save", [Reframe((1, 1))]),
    ("letterbox to 16:9", [Reframe((16, 9), "pad")]),
    ("landscape", [Reframe((16, 9))]),
    ("remove the black bars", [Reframe(None, "crop")]),
    ("改成竖屏，模糊背景", [Reframe((9, 16), "blur")]),
    ("rotate 90 left", [Rotate(270)]),
    ("rotate 90 degrees counterclockwise", [Rotate(270)]),
    ("rotate it to the right", [Rotate(90)]),
    ("turn it upside down", [Rotate(180)]),
    ("flip horizontally", [Flip("h")]),
    ("mirror the video vertically", [Flip("v")]),
    ("旋转90度", [Rotate(90)]),
    ("左右镜像", [Flip("h")]),
]
TIME: list[tuple[str, list[Operation]]] = [
    ("trim the first 3 seconds", [Cut(0, 3000)]),
    ("remove the last 2 seconds", [Cut(-2000, None)]),
    ("trim the first 3 seconds and the last 2 seconds", [Cut(0, 3000), Cut(-2000, None)]),
    ("trim the first and last 2 seconds", [Cut(-2000, None), Cut(0, 2000)]),
    ("cut the first half a second", [Cut(0, 500)]),
    ("trim the first two and a half seconds", [Cut(0, 2500)]),
    ("remove the first 1 min 20 s", [Cut(0, 80_000)]),
    ("trim the first 1.5s", [Cut(0, 1500)]),
    ("cut the last second", [Cut(-1000, None)]),
    ("cut from 0:01 to 0:03", [Cut(1000, 3000)]),
    ("cut from 1:00:00 to 1:00:03", [Cut(3_600_000, 3_603_000)]),
    ("delete the part between 2 and 4 seconds", [Cut(2000, 4000)]),
    ("trim out 0:01 to 0:03", [Cut(1000, 3000)]),
    ("cut everything after 0:05", [Cut(5000, None)]),
    ("remove everything before 3s", [Cut(0, 3000)]),
    ("trim 2 seconds off the end", [Cut(-2000, None)]),
    ("keep 0:02 to 0:05", [Keep(2000, 5000)]),
    ("trim it from 0:02 to 0:05", [Keep(2000, 5000)]),
    ("keep the first 5 seconds", [Keep(0, 5000)]),
    ("take the first 5 seconds", [Keep(0, 5000)]),
    ("take the first 5 seconds out", [Cut(0, 5000)]),
    ("keep only the last four seconds", [Keep(-4000, None)]),
    ("start the video at 0:03", [Keep(3000, None)]),
    ("trim to 4 seconds", [Shorten(4000)]),
    ("shorten to 10 s", [Shorten(10_000)]),
    ("cut the video from 10 seconds to 5 seconds", [Shorten(5000)]),
    ("make it 5 seconds long", [Shorten(5000)]),
    ("剪掉前3秒", [Cut(0, 3000)]),
    ("把前三秒剪掉", [Cut(0, 3000)]),
    ("保留0:02到0:05", [Keep(2000, 5000)]),
    ("只保留前5秒", [Keep(0, 5000)]),
    ("play at 2x", [Speed(2.0)]),
    ("twice as fast", [Speed(2.0)]),
    ("half speed", [Speed(0.5)]),
    ("slow motion", [Speed(0.5)]),
    ("speed up by 50%", [Speed(1.5)]),
    ("slow down by 50%", [Speed(0.5)]),
    ("2x slower", [Speed(0.5)]),
    ("normal speed", [Speed(1.0, absolute=True)]),
    ("speed up the first 3 seconds", [Speed(1.5, span=(0, 3000))]),
    ("2倍速", [Speed(2.0)]),
    ("fade in and out", [Fade(1000, 1000)]),
    ("fade in for 2 seconds and fade out for 3 seconds", [Fade(2000), Fade(None, 3000)]),
    ("add a 2 second fade in", [Fade(2000)]),
    ("fade to black", [Fade(None, 1000)]),
    ("fade out the music", [Fade(None, 1000, music=True)]),
    ("淡入淡出", [Fade(1000, 1000)]),
    ("merge all clips", [Merge()]),
    ("put the clips together and mute", [Merge(), Volume(0.0)]),
    ("合并视频", [Merge()]),
    ("start over", [Reset()]),
]
LOOK: list[tuple[str, list[Operation]]] = [
    ("sharpen a bit", [Look("sharpen", 0.4)]),
    ("sharpen strongly", [Look("sharpen", 1.5)]),
    ("sharpen by 50%", [Look("sharpen", 0.5)]),
    ("don't forget to sharpen it", [SHARP]),
    ("why don't you sharpen it", [SHARP]),
    ("denoise", [Look("denoise", 0.5)]),
    ("remove noise and grain", [Look("denoise", 0.5)]),
    ("4k, sharp, no noise", [UHD, SHARP, Look("denoise", 0.5)]),
    ("black and white", [Look("grayscale", True)]),
    ("make the first 3 seconds black & white", [Look("grayscale", True, span=(0, 3000))]),
    ("in color again", [Look("grayscale", False)]),
    ("make it brighter", [more("brightness")]),
    ("it's too dark", [more("brightness")]),
    ("the video is too dark, make it brighter", [more("brightness")]),
    ("a bit darker", [more("brightness", -10.0)]),
    ("increase brightness and contrast", [more("brightness"), more("contrast")]),
    ("increase the contrast by 20%", [more("contrast")]),
    ("set contrast to 30", [Look("contrast", 30.0)]),
    ("less saturated", [more("saturation", -20.0)]),
    ("make it warmer and brighter", [more("temperature"), more("brightness")]),
    ("much cooler colors", [more("temperature", -40.0)]),
    ("黑白", [Look("grayscale", True)]),
    ("调亮一点", [more("brightness", 10.0)]),
    ("提高饱和度和对比度", [more("saturation"), more("contrast")]),
]
SOUND: list[tuple[str, list[Operation]]] = [
    ("add BGM", [AddMusic()]),
    ("add background music at 35%", [AddMusic(volume=35)]),
    ("add lofi music quietly", [AddMusic(bed="lofi", volume=20)]),
    ("add epic music at 50% and fade out", [AddMusic(bed="cinematic", volume=50), Fade(None, 1000)]),
    ("add the uploaded song", [AddMusic(uploaded=True)]),
    ("use song.mp3 as background music at 20%", [AddMusic("song.mp3", volume=20)]),
    ('use "My Song" as the music', [AddMusic("My Song")]),
    ("change the music to upbeat", [AddMusic(bed="upbeat")]),
    ("remove the music and add calm music instead", [AddMusic(bed="calm")]),
    ("remove the music", [RemoveMusic()]),
    ("remove the title and the music", [RemoveTitles(), RemoveMusic()]),
    ("set the music volume to 10%", [Volume(10.0, music=True)]),
    ("lower the music", [Volume(50.0, relative=True, music=True)]),
    ("set the volume to 50%", [Volume(50.0)]),
    ("make it louder", [Volume(150.0, relative=True)]),
    ("a bit quieter", [Volume(75.0, relative=True)]),
    ("increase the volume by 6 dB", [Volume(199.53, relative=True)]),
    ("make the audio 6 dB quieter", [Volume(50.12, relative=True)]),
    ("mute the video", [Volume(0.0)]),
    ("remove the audio", [Volume(0.0)]),
    ("no sound", [Volume(0.0)]),
    ("mute from 0:02 to 0:05", [Volume(0.0, span=(2000, 5000))]),
    ("mute the last 2 seconds", [Volume(0.0, span=(-2000, None))]),
    ("normalize the audio", [Loudness(-14.0)]),
    ("normalize to -16 LUFS", [Loudness(-16.0)]),
    ("静音", [Volume(0.0)]),
    ("加一首欢快的背景音乐，音量20%", [AddMusic(bed="upbeat", volume=20)]),
    ("把音乐音量降到10%", [Volume(10.0, music=True)]),
]
TEXT: list[tuple[str, list[Operation]]] = [
    ('add a title "Hi"', [AddTitle("Hi")]),
    ('add a title "Hi", for 3 seconds, at the bottom', [AddTitle("Hi", length=3000, position="bottom")]),
    ('add a caption "Hi" from 2s to 5s', [AddTitle("Hi", 2000, 5000, position="bottom")]),
    ('add text "The End" at the end', [AddTitle("The End", -3000)]),
    ('show "Hi" for 2s at the end', [AddTitle("Hi", -2000, length=2000)]),
    ('put "Day 1" in the top left corner for 2 seconds', [AddTitle("Day 1", length=2000, position="top-left")]),
    ("write 'Don't Stop' at 0:02 for 2 seconds", [AddTitle("Don't Stop", 2000, length=2000)]),
    ('add a 3 second title "X"', [AddTitle("X", length=3000)]),
    ('at the bottom, add "Sale"', [AddTitle("Sale", position="bottom")]),
    ('add text "Hello" throughout the video', [AddTitle("Hello", to_end=True)]),
    ('title "A" for the last 2 seconds', [AddTitle("A", -2000, to_end=True)]),
    ("add a title saying Hello World", [AddTitle("Hello World")]),
    ("add a title saying Salt, Pepper and Vinegar for 2 seconds", [AddTitle("Salt, Pepper and Vinegar", length=2000)]),
    ("add the title My Trip at the top for 5 seconds", [AddTitle("My Trip", length=5000, position="top")]),
    ('add a title "A" and upbeat music', [AddTitle("A"), AddMusic(bed="upbeat")]),
    ('add a title "A" and a caption "B"', [AddTitle("A"), AddTitle("B", position="bottom")]),
    ("move the title to the top", [EditTitle(position="top")]),
    ('change the title to "New"', [EditTitle("New")]),
    ("make the title bigger", [EditTitle(size=1.5)]),
    ("remove the title", [RemoveTitles()]),
    ("加标题“你好世界”，显示3秒", [AddTitle("你好世界", length=3000)]),
    ("在底部加字幕“再见”", [AddTitle("再见", position="bottom")]),
    ("加标题你好", [AddTitle("你好")]),
]
TRAPS: list[tuple[str, list[Operation]]] = [
    ('add a title "cut from 0:01 to 0:03, mute, 4K"', [AddTitle("cut from 0:01 to 0:03, mute, 4K")]),
    ('add a title "without music" and mute', [AddTitle("without music"), Volume(0.0)]),
    ('add a title "never closed and 4K', [AddTitle("never closed and 4K")]),
    ("flip vertically", [Flip("v")]),  # not a vertical video
    ("cinematic music", [AddMusic(bed="cinematic")]),  # not a cinema shape
    ("turn it up", [Volume(150.0, relative=True)]),  # not a turned picture
    ("cut to 0:09", [Shorten(9000)]),  # not a ratio
    ("upscale to 4K but don't sharpen it", [UHD]),
    ("upscale without sharpening", [UHD]),
    ("don't mute it, just lower the volume by half", [Volume(50.0, relative=True)]),
    ("trim the first 3 seconds so I can post it on TikTok", [Cut(0, 3000)]),
    ("upscale the video I shot in Rome", [UHD]),
    ("合并视频，提高饱和度", [Merge(), more("saturation")]),
]
TOGETHER: list[tuple[str, list[Operation]]] = [
    (
        "trim the first 3 seconds, upscale to 4K and sharpen the details, "
        'then add a title "Paradise Found" for 3 seconds at the bottom',
        [Cut(0, 3000), UHD, SHARP, AddTitle("Paradise Found", length=3000, position="bottom")],
    ),
    (
        "Make this a vertical 9:16 video for Reels with a blurred background, mute it and add upbeat music at 40%",
        [Reframe((9, 16), "blur"), Volume(0.0), AddMusic(bed="upbeat", volume=40)],
    ),
    (
        "normalize audio, reduce noise, brighten by 10% and increase saturation by 15%",
        [Loudness(-14.0), Look("denoise", 0.5), more("brightness", 10.0), more("saturation", 15.0)],
    ),
    (
        "I'd like you to upscale my footage to UHD, please, and could you also sharpen the edges a bit?",
        [UHD, Look("sharpen", 0.4)],
    ),
    ("提升到4K，剪掉前3秒，静音", [UHD, Cut(0, 3000), Volume(0.0)]),
    (
        "把视频升级到4K，锐化一点，加标题“天堂”在底部显示3秒",
        [UHD, Look("sharpen", 0.4), AddTitle("天堂", length=3000, position="bottom")],
    ),
]


@pytest.mark.parametrize(
    ("sentence", "operations"),
    [*SIZE, *SHAPE, *TIME, *LOOK, *SOUND, *TEXT, *TRAPS, *TOGETHER],
    ids=lambda v: str(v)[:60],
)
def test_a_sentence_asks_for_these_operations_and_leaves_nothing_over(
    sentence: str, operations: list[Operation]
) -> None:
    understood = understand(sentence)
    assert list(understood.operations) == operations
    assert understood.unclear == ()


def test_a_sentence_of_any_length_and_shape_is_read_to_the_end() -> None:
    """Nothing that a stranger sends makes reading take more than a moment."""
    for piece in ("add a title ", "加一个标题", "and ", "1 ", '"', "from 1 to ", "cut the ", "\ue000", "\0", " "):
        understand(piece * 5000)
