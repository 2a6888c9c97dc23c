"""Reading what concerns the frame: size, shape, frame rate, turning and mirroring."""

from __future__ import annotations

import re

from prefect_nemovideo.emulator.editor.clause import Clause, words
from prefect_nemovideo.emulator.editor.numbers import NUMBER, number
from prefect_nemovideo.emulator.editor.operations import (
    UHD_LONG,
    UHD_SHORT,
    Ask,
    Canvas,
    Flip,
    FrameRate,
    Reframe,
    Resize,
    Rotate,
    Scale,
)

# Named sizes: the box the canvas is fitted in, in pixels.
_SIZES: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"\b4\s?k\b|\buhd\b|\bultra[ -]?(?:hd|high[ -]def\w*)\b|\b2160p?\b|四\s?k|超高清", (UHD_LONG, UHD_SHORT)),
    (r"\b1440p?\b|\b2\s?k\b|\bqhd\b|\bquad hd\b", (2560, 1440)),
    (r"\b1080[pi]?\b|\bfull[ -]?hd\b|\bfhd\b|(?<=in )hd\b|(?<=to )hd\b|全高清", (1920, 1080)),
    (r"\b(?:[5-9]|1[0-9])\s?k\b(?=[\s\0.,:]*(?:$|\0|resolution|video|uhd|please))|\b4320p\b", (7680, 4320)),
    (r"\b720p?\b", (1280, 720)),
    (r"\b480p\b", (854, 480)),
    (r"\b360p\b", (640, 360)),
)
_ANY_SIZE = words("|".join(f"(?P<s{i}>{pattern})" for i, (pattern, _box) in enumerate(_SIZES)))
_FROM_SIZE = words(rf"\bfrom\s+(?:a\s+)?(?:{'|'.join(p for p, _ in _SIZES)})")
_EXACT = words(r"(?<![\d.])(?P<w>\d{3,4})\s*[x×*]\s*(?P<h>\d{3,4})(?!\d)(?:\s*(?:pixels|px))?")
_UPSCALE = words(
    r"\b(?:up-?\s?(?:scal|siz|res|sampl)\w*|enlarge|increase (?:the )?resolution|higher resolution)\b|提升分辨率"
    r"|提高分辨率|放大"
)
_TIMES = words(rf"(?:\bby\s+)?(?P<n>{NUMBER})\s*(?:x|times|倍)(?![a-z])|\b(?P<double>double|twice)\b")
_FPS = words(rf"(?:\bat\s+|\bto\s+)?(?P<n>{NUMBER})\s*(?:fps\b|frames?(?:\s+(?:per|a)\s+|/)s(?:ec(?:ond)?)?\b|帧)")

_SHAPES: tuple[tuple[str, tuple[int, int]], ...] = (
    (
        r"\b(?:vertical(?:ly)?|portrait|tik\s?tok|(?:instagram |ig )?(?:reels?|stor(?:y|ies))"
        r"|(?:youtube )?shorts|phone screens?)\b"
        r"|竖屏|竖版|竖着|抖音|快手",
        (9, 16),
    ),
    (r"\b(?:square|instagram (?:post|feed)s?)\b|方形|正方形|方屏", (1, 1)),
    (r"\b(?:landscape|wide-?\s?screen|horizontal)\b|横屏|横版|宽屏", (16, 9)),
    (r"\bultra-?\s?wide\b|\bcinemascope\b", (21, 9)),
)
_RATIOS = {(9, 16), (16, 9), (1, 1), (4, 5), (5, 4), (4, 3), (3, 4), (21, 9), (2, 3), (3, 2), (2, 1), (1, 2)}
_RATIO = words(r"(?<![\d.:])(?P<w>\d{1,2})\s*(?:[:x/比]|\bby\b)\s*(?P<h>\d{1,2})(?![\d:.]|\s*(?:%|s\b|sec))")
_SHAPE = words("|".join(f"(?P<s{i}>{pattern})" for i, (pattern, _ratio) in enumerate(_SHAPES)))
# "my vertical video" says what the video is, not what it should become.
_DESCRIBED = words(
    r"\b(?:my|our|the|this|that|these|those|raw)\s+(?:\w+\s+){0,2}?"
    r"(?:vertical|portrait|square|landscape|wide-?screen|horizontal|black[ -]and[ -]white|gr[ae]y-?scale)\s+"
    r"(?=(?:videos?|clips?|footage|recordings?|movies?|films?)\b)"
)
_BLUR = words(
    r"\b(?:(?:with (?:a )?)?blur(?:red|ry|ring)?\s+(?:the\s+)?(?:backgrounds?|sides?|bars?|edges|borders?|copy"
    r"|fill)"
    r"|blur(?:red)? (?:it )?(?:behind|around))\b|模糊背景|背景模糊|虚化背景"
)
_PAD = words(
    r"\b(?:without (?:any )?cropping|(?:don'?t|do not|no) crop(?:ping)?|pad(?:ded|ding)?|letter-?box\w*"
    r"|pillar-?box\w*"
    r"|(?<!no )(?<!the )(?<!remove )(?<!without )black (?:bars|borders)|fit (?:the )?(?:whole|entire"
    r"|full) \w+)\b|(?<!去掉)(?<!去)黑边|不裁剪|不要裁剪"
)
_FILL = words(
    r"\b(?:crop(?:ped|ping)?|(?:fill|zoom to fill)(?: the)?(?: (?:screen|frame|canvas))?"
    r"|(?:remove|no|without|get rid of) (?:the |any )?(?:black )?(?:bars|borders|letterbox\w*))\b"
    r"|裁剪|裁切|填满|去掉?黑边"
)
_CROP_ALONE = words(r"\bcrop\b|裁剪|裁切")
_ASPECT_NOUN = words(r"\b(?:aspect(?: ratios?)?|ratio|format|orientation|mode|version)\b")

_LEFT = r"left|counter-?\s?clockwise|anti-?\s?clockwise|ccw|逆时针|向左|左转|左"
_RIGHT = r"right|clockwise|cw|顺时针|向右|右转|右"
_ROTATE = words(
    r"(?:\b(?:rotat\w+|turn(?:ed)?|spin)\b|旋转|转)(?:\s*(?:it|them|that|this|my|the|video|clip|picture|footage"
    r"|image))*\s*(?:by\s+)?"
    rf"(?:(?:to\s+the\s+)?(?P<before>{_LEFT}|{_RIGHT})\s*)?(?:by\s+)?"
    rf"(?:(?P<n>{NUMBER})\s*(?:degrees?|deg|°|度)?|(?P<quarter>a quarter turn)|(?P<over>upside[ -]down|around))?"
    rf"\s*(?:(?:to\s+the\s+)?(?P<after>{_LEFT}|{_RIGHT}))?(?![a-z])"
)
_TURN_UNITS = words(r"degrees?|deg|°|度|\b(?:90|180|270)\b|" + f"{_LEFT}|{_RIGHT}|quarter|upside|around")
_FLIP = words(r"\b(?:flip(?:ped)?|mirror(?:ed|ing)?)\b|镜像|翻转")
_BOTH_WAYS = words(r"\b(?:both ways|horizontally and vertically|both axes)\b|水平和垂直")
_DOWN = words(r"\b(?:vertical(?:ly)?|upside[ -]down|top[ -]to[ -]bottom)\b|上下|垂直")
_ACROSS = words(r"\b(?:horizontal(?:ly)?|left[ -]to[ -]right|sideways)\b|左右|水平")


def read(clause: Clause) -> None:
    clause.take(_DESCRIBED)
    _read_turns(clause)
    _read_shape(clause)
    _read_size(clause)


def _read_turns(clause: Clause) -> None:
    if flip := clause.take(_FLIP):
        if clause.take(_BOTH_WAYS):
            clause.add(flip.start(), Flip("h"), Flip("v"))
        elif clause.take(_DOWN):
            clause.add(flip.start(), Flip("v"))
        else:
            clause.take(_ACROSS)
            clause.add(flip.start(), Flip("h"))
    turn = _ROTATE.search(clause.text)
    if turn and (not turn[0].lower().startswith(("turn", "spin", "转")) or _TURN_UNITS.search(turn[0])):
        clause.take(_ROTATE)
        side = turn["before"] or turn["after"] or ""
        degrees = round(number(turn["n"])) if turn["n"] else 180 if turn["over"] else 90
        if re.fullmatch(_LEFT, side, re.I):
            degrees = -degrees
        clause.add(turn.start(), Rotate(degrees % 360 if degrees % 90 == 0 else degrees))


def _read_shape(clause: Clause) -> None:
    fits: list[tuple[int, str]] = []
    for pattern, fit in ((_BLUR, "blur"), (_PAD, "pad")):
        if match := clause.take(pattern):
            fits.append((match.start(), fit))
    ratio, at = _ratio(clause)
    crop_alone = clause.has(_CROP_ALONE)
    while match := clause.take(_FILL):
        if ratio is None and not fits and crop_alone and not clause.has(_EXACT):
            clause.add(match.start(), Ask("shape"))
            return
        fits.append((match.start(), "crop"))
    if ratio or fits:
        starts = [at] if ratio else []
        clause.add(min(starts + [start for start, _fit in fits]), Reframe(ratio, fits[0][1] if fits else None))
        clause.take(_ASPECT_NOUN)


def _ratio(clause: Clause) -> tuple[tuple[int, int] | None, int]:
    found: list[tuple[tuple[int, int], int]] = []
    for match in _RATIO.finditer(clause.text):
        ratio = int(match["w"]), int(match["h"])
        if ratio in _RATIOS:
            clause.take(re.compile(re.escape(match[0])))
            found.append((ratio, match.start()))
            break
    while shape := clause.take(_SHAPE):  # "9:16 vertical" says it twice
        found.append((_SHAPES[int((shape.lastgroup or "s0")[1:])][1], shape.start()))
    return found[0] if found else (None, 0)


def _read_size(clause: Clause) -> None:
    if exact := clause.take(_EXACT):
        size = int(exact["w"]), int(exact["h"])
        named = (max(size), min(size)) in [box for _pattern, box in _SIZES] and size[0] > size[1]
        clause.add(exact.start(), Resize(*size) if named else Canvas(*size))
    if fps := clause.take(_FPS):
        clause.add(fps.start(), FrameRate(number(fps["n"])))
    clause.take(_FROM_SIZE)
    upscale = clause.take(_UPSCALE)
    wanted: tuple[int, Resize] | None = None
    while size_named := clause.take(_ANY_SIZE):  # the last one counts: "this 4K clip, in 1080p"
        wanted = size_named.start(), Resize(*_SIZES[int((size_named.lastgroup or "s0")[1:])][1])
    if wanted:
        clause.add(*wanted)
    elif upscale and not exact:
        times = clause.take(_TIMES)
        factor = 2.0 if times and times["double"] else number(times["n"]) if times else None
        clause.add(upscale.start(), Scale(factor) if factor else Resize(UHD_LONG, UHD_SHORT))
