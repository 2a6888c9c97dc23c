"""What is done to the picture: frame, turning, look, fades.

Each function changes the draft it is given and says what then is so, in words that also fit when it was so before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.emulator.editor.draft import AUDIO, Draft, even, fit_in, segments, video_segments
from prefect_nemovideo.emulator.editor.operations import (
    UHD_LONG,
    UHD_SHORT,
    Canvas,
    Fade,
    Flip,
    FrameRate,
    Look,
    Reframe,
    Resize,
    Rotate,
    Scale,
)
from prefect_nemovideo.emulator.editor.said import Refused, Said
from prefect_nemovideo.emulator.editor.timeline import fades, inside, set_fades

MIN_FPS, MAX_FPS = 1.0, 120.0
MIN_EDGE = 64  # pixels; a smaller video can't be encoded by everything that must play it


@dataclass(frozen=True)
class Done:
    """A tool that was used, with what it was given, and what it made so."""

    tool: str
    args: dict[str, Any]
    said: Said


def resize(draft: Draft, operation: Resize) -> Done:
    m = draft["m"]
    if operation.long_edge > UHD_LONG:
        raise Refused(
            f"4K ({UHD_LONG}x{UHD_SHORT}) is the largest I can make", f"最大只能做到 4K（{UHD_LONG}x{UHD_SHORT}）"
        )
    width, height = fit_in(m["width"], m["height"], operation.long_edge, operation.short_edge)
    larger = width * height >= m["width"] * m["height"]
    m.update(width=width, height=height)
    return _canvas("upscale" if larger else "resize", draft)


def scale(draft: Draft, operation: Scale) -> Done:
    m = draft["m"]
    if operation.factor < 1:
        raise Refused(
            f"{operation.factor:g} times is not larger; say the size you want, for example 720p",
            f"{operation.factor:g} 倍不是放大；请直接说尺寸，例如 720p",
        )
    largest = fit_in(m["width"], m["height"], UHD_LONG, UHD_SHORT)
    wanted = even(m["width"] * operation.factor), even(m["height"] * operation.factor)
    m["width"], m["height"] = min(wanted, largest)  # of the same shape, so one is smaller in both edges
    return _canvas("upscale", draft)


def canvas(draft: Draft, operation: Canvas) -> Done:
    size = operation.width, operation.height
    if max(size) > UHD_LONG or min(size) < MIN_EDGE:
        raise Refused(
            f"{size[0]}x{size[1]} is outside what I can make; edges go from {MIN_EDGE} to {UHD_LONG} pixels",
            f"{size[0]}x{size[1]} 超出范围；边长应在 {MIN_EDGE} 到 {UHD_LONG} 像素之间",
        )
    draft["m"].update(width=even(size[0]), height=even(size[1]))
    return _canvas("resize", draft)


def _canvas(tool: str, draft: Draft) -> Done:
    width, height = draft["m"]["width"], draft["m"]["height"]
    name = " (4K)" if max(width, height) == UHD_LONG or min(width, height) == UHD_SHORT else ""
    said = Said(f"canvas {width}x{height}{name}", f"画布 {width}x{height}{name}")
    return Done(tool, {"width": width, "height": height}, said)


def frame_rate(draft: Draft, operation: FrameRate) -> Done:
    if not MIN_FPS <= operation.fps <= MAX_FPS:
        raise Refused(
            f"{operation.fps:g} frames a second is outside {MIN_FPS:g} to {MAX_FPS:g}",
            f"每秒 {operation.fps:g} 帧超出了 {MIN_FPS:g} 到 {MAX_FPS:g} 的范围",
        )
    draft["m"]["fps"] = float(operation.fps)
    said = Said(f"{operation.fps:g} frames a second", f"每秒 {operation.fps:g} 帧")
    return Done("set_frame_rate", {"fps": draft["m"]["fps"]}, said)


_FITS = {
    "crop": ("cropped to fill", "裁剪填满"),
    "pad": ("with black bars", "加黑边"),
    "blur": ("with a blurred background", "模糊背景"),
}


def reframe(draft: Draft, operation: Reframe) -> Done:
    m = draft["m"]
    width, height = m["width"], m["height"]
    if operation.ratio:
        across, down = operation.ratio
        short = min(width, height)
        size = (short * across / down, short) if across >= down else (short, short * down / across)
        # A 4K canvas stays within 4K; a wider shape of it is lower, not longer.
        long_box = max(max(width, height), UHD_LONG if short > UHD_SHORT // 2 else round(short * 16 / 9))
        factor = min(1.0, long_box / max(size))
        width, height = even(size[0] * factor), even(size[1] * factor)
        m.update(width=width, height=height)
    # A new shape without a word on how to fill it is cropped: bars are what people ask to be rid of.
    m["fit"] = operation.fit or "crop"
    en, zh = _FITS[m["fit"]]
    shape = f"{operation.ratio[0]}:{operation.ratio[1]}, {width}x{height}, " if operation.ratio else ""
    said = Said(shape + en, shape + zh)
    return Done("set_aspect_ratio", {"width": width, "height": height, "fit": m["fit"]}, said)


def rotate(draft: Draft, operation: Rotate) -> Done:
    if operation.degrees % 90:
        raise Refused(
            f"I can't turn a picture by {operation.degrees} degrees, only by quarter turns: 90, 180 or 270",
            f"无法旋转 {operation.degrees} 度，只能旋转 90、180 或 270 度",
        )
    quarter = operation.degrees % 180 != 0
    for segment in video_segments(draft):
        m = segment["m"]
        m["rotate"] = (m.get("rotate", 0) + operation.degrees) % 360
        if quarter and len(m.get("flip", "")) == 1:
            # The flip comes after the turn: what was mirrored across is now mirrored up and down.
            m["flip"] = "v" if m["flip"] == "h" else "h"
    if quarter:
        draft["m"]["width"], draft["m"]["height"] = draft["m"]["height"], draft["m"]["width"]
    degrees = operation.degrees % 360
    en = "turned 90° to the left" if degrees == 270 else f"turned {degrees}° clockwise"
    zh = "向左旋转 90°" if degrees == 270 else f"顺时针旋转 {degrees}°"
    return Done("rotate", {"degrees": degrees}, Said(en, zh))


def flip(draft: Draft, operation: Flip) -> Done:
    for segment in video_segments(draft):
        axes = set(segment["m"].get("flip", "")) ^ {operation.axis}
        segment["m"]["flip"] = "".join(sorted(axes))
    said = (
        Said("mirrored left to right", "左右镜像")
        if operation.axis == "h"
        else Said("mirrored top to bottom", "上下翻转")
    )
    return Done("flip", {"axis": operation.axis}, said)


# Where a property may go, and its names.
_RANGES: dict[str, tuple[float, float]] = {
    "sharpen": (0, 2),
    "denoise": (0, 1),
    "brightness": (-100, 100),
    "contrast": (-100, 100),
    "saturation": (-100, 100),
    "temperature": (-100, 100),
}
_NAMES = {
    "sharpen": ("sharpening", "锐化"),
    "denoise": ("noise removal", "降噪"),
    "brightness": ("brightness", "亮度"),
    "contrast": ("contrast", "对比度"),
    "saturation": ("saturation", "饱和度"),
    "temperature": ("warmth", "色温"),
}


def look(draft: Draft, operation: Look, stills: Collection[str]) -> Done:
    value: float | bool = operation.value
    for segment in inside(draft, operation.span, stills):
        if isinstance(operation.value, bool):
            segment["m"][operation.key] = value
            continue
        low, high = _RANGES[operation.key]
        base = segment["m"].get(operation.key, 0) if operation.relative else 0
        value = round(min(high, max(low, base + operation.value)), 4)
        # -100 to 100 are whole per cents; sharpening and noise removal are fractions.
        segment["m"][operation.key] = value = round(value) if high == 100 else value
    if operation.key == "grayscale":
        said = Said("black and white", "黑白") if operation.value else Said("in color", "彩色")
    else:
        en, zh = _NAMES[operation.key]
        signed = f"{value:+g}" if _RANGES[operation.key][0] < 0 else f"{value:g}"
        said = Said(f"{en} {signed}", f"{zh} {signed}")
    return Done(operation.key, {"value": value}, said)


def fade(draft: Draft, operation: Fade) -> Done:
    music = list(segments(draft, AUDIO))
    if operation.music and not music:
        raise Refused("no music was added that could fade; add some first", "还没有背景音乐；请先添加")
    asked = {"fade_in": operation.fade_in, "fade_out": operation.fade_out}
    wanted = {key: length for key, length in asked.items() if length is not None}
    for segment in music:
        segment["m"].update(wanted)
    if not operation.music:
        set_fades(draft, *(wanted.get(key, now) for key, now in zip(asked, fades(draft), strict=True)))
        wanted = {key: now for key, now in zip(asked, fades(draft), strict=True) if key in wanted}
    en = ", ".join(f"{key.replace('_', ' ')} {length / 1000:g} s" for key, length in wanted.items())
    zh = "、".join(f"{_FADES_ZH[key]} {length / 1000:g} 秒" for key, length in wanted.items())
    if operation.music:
        return Done("fade_music", {f"{k}_ms": v for k, v in wanted.items()}, Said(f"music {en}", f"背景音乐{zh}"))
    return Done("fade", {f"{k}_ms": v for k, v in wanted.items()}, Said(en, zh))


_FADES_ZH = {"fade_in": "淡入", "fade_out": "淡出"}
