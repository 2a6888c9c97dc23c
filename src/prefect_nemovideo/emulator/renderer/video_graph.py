"""Pictures: from a source's frames to frames of the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from prefect_nemovideo.emulator.renderer.draft import VideoSettings
from prefect_nemovideo.emulator.renderer.graph import Graph
from prefect_nemovideo.emulator.renderer.pieces import Piece
from prefect_nemovideo.emulator.renderer.probe import ProbedFile

# By convention an untagged picture of this height or more is BT.709, a smaller one BT.601.
HD_HEIGHT: Final = 720
# A picture whose fitted size misses the canvas by no more than this share fills it: nobody wants bars of 2 pixels.
SAME_SHAPE: Final = 0.005
# The backdrop of `blur` is computed at this fraction of the canvas; nothing finer is left of it.
BACKDROP_SHRINK: Final = 8
BACKDROP_SIGMA: Final = 6
# Colors are stored for two pixels at a time.
THINNEST: Final = 2
# Full settings of +-100: half the range of the brightness scale, and twice or half the neutral temperature.
BRIGHTNESS_RANGE: Final = 0.5
NEUTRAL_KELVIN: Final = 6500
# hqdn3d's luma strength at denoise 1.0 (its default is 4): removes five sixths of a visible grain.
DENOISE_STRENGTH: Final = 16.0

TONE_MAP: Final = (
    "zscale=tin={transfer}:min=bt2020nc:pin=bt2020:rin=tv:t=linear:npl=100",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=hable:desat=0",
    "zscale=t=bt709:m=bt709:r=tv",
    "format=yuv420p",
)


@dataclass(frozen=True)
class Frame:
    """What every picture is put on.

    Attributes:
        width: pixels.
        height: pixels.
        fit: how a picture of another shape is put on it: `crop`, `pad` or `blur`.
        scaler: swscale's name of the method: `lanczos` is the sharpest, `bilinear` the fastest.
    """

    width: int
    height: int
    fit: str
    scaler: str


def black(graph: Graph, piece: Piece, frame: Frame, target: str) -> str:
    """Frames of nothing."""
    seconds = float(piece.frames / piece.rate) + 1
    source = f"color=black:s={frame.width}x{frame.height}:r={piece.rate}:d={seconds:.3f}"
    return graph.chain((), [source, f"trim=end_frame={piece.frames}", "setsar=1", "format=yuv420p"], target)


def picture(graph: Graph, source: str, piece: Piece, probed: ProbedFile, lead: float, frame: Frame, target: str) -> str:
    """Exactly `piece.frames` frames of the canvas' size from the frames of one input."""
    assert piece.segment is not None
    settings = piece.segment.settings
    filters = [*_timed(piece, settings.speed, probed.fps, lead), *normal(probed), *_turned(settings)]
    shown = (probed.height, probed.width) if settings.rotate % 180 else (probed.width, probed.height)
    grows = shown[0] * shown[1] <= frame.width * frame.height
    # Work on pixels is done where there are fewer of them. Sharpened ahead of the scaler costs a quarter of
    # sharpened behind it, and came out nearer to true 4K.
    shaped = _shaped(frame, shown)
    look = _look(settings)
    filters += [*look, *shaped] if grows else [*shaped, *look]
    filters += ["setsar=1", "format=yuv420p"]
    framed = _framed(graph, filters, source, frame, shown, target)
    # Held to the last frame: a still, or a source whose end was rounded, fills its piece.
    held = ["tpad=stop_mode=clone:stop=-1", f"trim=end_frame={piece.frames}", "setpts=PTS-STARTPTS"]
    return graph.chain([framed], [*held, *_fades(piece, settings)], target)


def _timed(piece: Piece, speed: float, fps: float, lead: float) -> list[str]:
    """The source's frames on the canvas' clock: the frame on display at each tick, dropped or repeated."""
    # A frame may come this late and still be the one of its tick: cameras are not exact, and a cut in whole
    # milliseconds rarely hits a frame. More than half a frame of either clock would show the wrong one.
    late = 0.5 / max(fps * speed, float(piece.rate)) if fps else 0.0
    # In microseconds: some containers count in whole frames.
    retimed = f"setpts=(PTS-{lead:.6f}/TB)/{speed:g}-{late:.6f}/TB"
    return ["settb=AVTB", retimed, f"fps={piece.rate}:start_time=0:round=up"]


def normal(probed: ProbedFile) -> list[str]:
    """Any source as 8-bit BT.709 video with square pixels and no transparency."""
    if probed.transfer:
        return [f.format(transfer=probed.transfer) for f in TONE_MAP]
    may_be_clear = probed.file_type == "image" or probed.video_codec == "gif"
    opaque = ["format=rgba", "premultiply=inplace=1"] if may_be_clear else []
    matrix = ""
    if probed.file_type == "video" and not probed.matrix and not opaque:
        matrix = f":in_color_matrix={'bt709' if min(probed.width, probed.height) >= HD_HEIGHT else 'smpte170m'}"
    return [*opaque, f"scale=iw*sar:ih{matrix}:out_color_matrix=bt709:out_range=tv", "setsar=1", "format=yuv420p"]


def _turned(settings: VideoSettings) -> list[str]:
    turns = {0: [], 90: ["transpose=clock"], 180: ["hflip", "vflip"], 270: ["transpose=cclock"]}[settings.rotate]
    return turns + [f"{way}flip" for way in settings.flip]


def _look(settings: VideoSettings) -> list[str]:
    filters = []
    if settings.denoise:
        filters.append(f"hqdn3d={settings.denoise * DENOISE_STRENGTH:.3f}")
    if settings.brightness or settings.contrast or settings.saturation:
        filters.append(
            f"eq=brightness={settings.brightness / 100 * BRIGHTNESS_RANGE:.4f}"
            f":contrast={1 + settings.contrast / 100:.4f}:saturation={1 + settings.saturation / 100:.4f}"
        )
    if settings.temperature:
        kelvin = NEUTRAL_KELVIN * 2 ** (-settings.temperature / 100)
        filters += [f"colortemperature=temperature={kelvin:.0f}:pl=1", "scale=out_color_matrix=bt709", "format=yuv420p"]
    if settings.grayscale:
        filters.append("hue=s=0")
    if settings.sharpen:
        filters.append(sharpening(settings.sharpen))
    return filters


def sharpening(amount: float) -> str:
    """An unsharp mask of the luma as one 3x3 kernel, which is the form FFmpeg has SIMD code for.

    The kernel is (1+a) x identity - a/16 x [1 2 1; 2 4 2; 1 2 1], multiplied until it is whole numbers.
    """
    # Five times the smallest whole kernel: fine enough steps, and the products still fit 16 bits.
    step = 5
    centre = round(step * 16 / amount) + 12 * step
    kernel = f"-{step} -{2 * step} -{step} -{2 * step} {centre} -{2 * step} -{step} -{2 * step} -{step}"
    same = "0 0 0 0 1 0 0 0 0"
    return f"convolution='{kernel}:{same}:{same}:{same}:1/{centre - 12 * step}:1:1:1'"


def _same_shape(frame: Frame, shown: tuple[int, int]) -> bool:
    return abs(shown[0] * frame.height / (shown[1] * frame.width) - 1) <= SAME_SHAPE


def _shaped(frame: Frame, shown: tuple[int, int]) -> list[str]:
    """Scaled to the canvas, or into it, or cropped and then scaled to it."""
    width, height, scaler = frame.width, frame.height, f"flags={frame.scaler}"
    if _same_shape(frame, shown):
        return [f"scale={width}:{height}:{scaler}"]
    if frame.fit == "crop":
        return [_cropped(width, height), f"scale={width}:{height}:{scaler}"]
    share = min(Fraction(width, shown[0]), Fraction(height, shown[1]))
    # Left to FFmpeg, a picture a thousand times as high as it is wide would come out without any width.
    inside = (max(THINNEST, round(side * share) // 2 * 2) for side in shown)
    return [f"scale={':'.join(map(str, inside))}:{scaler}"]


def _cropped(width: int, height: int) -> str:
    """The middle of a picture that has this shape."""
    across = f"max({THINNEST},trunc(min(iw,ih*{width}/{height})/2)*2)"
    down = f"max({THINNEST},trunc(min(ih,iw*{height}/{width})/2)*2)"
    return f"crop='{across}':'{down}'"


def _framed(graph: Graph, filters: list[str], source: str, frame: Frame, shown: tuple[int, int], target: str) -> str:
    """The shaped picture with what is around it: nothing, bars, or a blurred copy of itself."""
    width, height = frame.width, frame.height
    if frame.fit == "crop" or _same_shape(frame, shown):
        return graph.chain([source], filters, f"{target}f")
    if frame.fit == "pad":
        return graph.chain([source], [*filters, f"pad={width}:{height}:-1:-1"], f"{target}f")
    graph.chain([source], [*filters, f"split[{target}a]"], f"{target}b")
    small = (max(2, width // BACKDROP_SHRINK), max(2, height // BACKDROP_SHRINK))
    fill = f"{_cropped(width, height)},scale={small[0]}:{small[1]}"
    graph.chain(
        [f"{target}b"], [fill, f"gblur=sigma={BACKDROP_SIGMA}", f"scale={width}:{height}", "setsar=1"], f"{target}c"
    )
    return graph.chain([f"{target}c", f"{target}a"], ["overlay=(W-w)/2:(H-h)/2"], f"{target}f")


def _fades(piece: Piece, settings: VideoSettings) -> list[str]:
    filters = []
    fade_in, fade_out = (_frames(ms, piece) for ms in (settings.fade_in, settings.fade_out))
    if fade_in:
        filters.append(f"fade=t=in:start_frame=0:nb_frames={fade_in}")
    if fade_out:
        # Ends one frame early, so that the last frame is black rather than almost black.
        filters.append(f"fade=t=out:start_frame={max(0, piece.frames - 1 - fade_out)}:nb_frames={fade_out}")
    return filters


def _frames(milliseconds: int, piece: Piece) -> int:
    return min(piece.frames, round(milliseconds / 1000 * piece.rate))
