"""Reading what concerns the look: sharpness, noise, color, brightness."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import Clause, degree, words
from prefect_nemovideo.emulator.editor.numbers import NUMBER, PERCENT, number, percent
from prefect_nemovideo.emulator.editor.operations import Look

# Amounts for "a bit", nothing said and "a lot", in the draft's units.
SHARPEN = (0.4, 0.8, 1.5)
DENOISE = (0.25, 0.5, 0.9)
COLOR = (10.0, 20.0, 40.0)
FULL_SHARPEN, FULL_DENOISE = 1.0, 1.0  # what 100 % means

_BY = words(rf"(?:\bby\s+|\bat\s+)?(?P<sign>[+-])?\s*(?P<p>{PERCENT})")
_SET = words(rf"(?:\bto|=|为|到)\s*(?P<sign>[+-])?\s*(?P<n>{NUMBER})\s*%?")
_SIGNED = words(r"(?:\bby\s+)?(?P<sign>[+-])\s*(?P<n>\d+(?:\.\d+)?)(?!\s*db)")

_UNSHARPEN = words(
    r"\b(?:remove (?:the )?sharpening|less sharp(?:ening)?|no sharpening|(?:undo"
    r"|turn off) (?:the )?sharpening)\b|取消锐化|不锐化"
)
_SHARPEN = words(
    r"\b(?:sharp(?:en(?:ing|ed|s)?|er|ness)?|crisp(?:er|en)?|de-?blur|clearer)\b(?:\s+(?:up|the|all|its|fine"
    r"|small|of|in|details?|edges?|textures?|pictures?|images?))*"
    r"|锐化(?:细节|画面|边缘)?|(?:更|变|提高|提升|增强)?清晰(?:度|一点|一些)?|更清楚"
)
_SOUND_NOISE = words(r"\b(?:background|wind|audio|mic(?:rophone)?|sound) noise\b|背景噪音|噪音|杂音")
_NO_DENOISE = words(r"\b(?:remove|undo|turn off) (?:the )?denoising\b|取消降噪")
_DENOISE = words(
    r"\bde-?nois(?:e|ing|ed)\b(?:\s+(?:the|it|video|footage|picture))*"
    r"|\b(?:remov\w*|reduc\w*|less|clean(?:s|ing)?(?: up)?|get rid of|no|without|fix|suppress|lower)\s+(?:all "
    r"|the |any |some |of |video |image |picture |sensor |film |visual )*"
    r"(?:nois[ey]|grain(?:y|iness)?)\b|\b(?:noise|grain) (?:reduction|removal)\b"
    r"|降噪|去噪点?|去除?噪点|减少噪点|消除噪点"
)
_COLOR_BACK = words(
    r"\b(?:back (?:in|to) colou?r|in colou?r again|(?:remove|undo|no) (?:the )?(?:black[ -]and[ -]white"
    r"|gr[ae]y-?scale))\b|恢复彩色|恢复颜色"
)
_GREY = words(
    r"\b(?:gr[ae]y[ -]?scale|black[ -]?(?:and|&|n)[ -]?white|b\s?&\s?w|b/w|bnw|monochrome"
    r"|desaturated?)\b(?:\s+(?:look|filter|style|film|effect))?|黑白(?:效果|风格|画面)?|灰度"
)

_UP = (
    r"(?:more|higher|increas\w*|rais\w*|boost\w*|add(?: some| more)?|up(?:ping)?|turn up|extra|enhanc\w*"
    r"|improve|bump(?: up)?)"
)
_LESS = r"(?:less|lower(?:ing)?|decreas\w*|reduc\w*|drop|cut|turn down|soften|tone down)"
_THE = r"(?:\s+(?:the|its|of|colou?r|overall|in|up|down))*\s*"
_UP_ZH, _LESS_ZH = "(?:提高|增加|增强|加强|调高|提升|加大)", "(?:降低|减少|减弱|调低)"

_PROPERTIES: tuple[tuple[str, str, str, str], ...] = (
    # property, how people say more of it, how less of it, and its noun
    (
        "brightness",
        r"\b(?:bright(?:er|en(?:ed|ing)?)|light(?:er|en(?:ed|ing)?)(?! music)|lighten up|(?:too|so) dark"
        r"|under-?exposed)\b"
        r"|调亮|变亮|更亮|提亮|亮一点|亮一些",
        r"\b(?:dark(?:er|en(?:ed|ing)?)|dim(?:mer|med)?|too bright|too light|over-?exposed)\b"
        r"|调暗|变暗|更暗|暗一点|暗一些|压暗",
        r"brightness|exposure|luminosity|亮度|曝光",
    ),
    ("contrast", r"\b(?:punchy|punchier|contrasty)\b", r"\b(?:flatter)\b", r"contrast|对比度?"),
    (
        "saturation",
        r"\b(?:(?:more )?(?:saturated|vivid|vibrant|colou?rful)|saturate|colou?rs? pop|pop the colou?rs?)\b"
        r"|更鲜艳|鲜艳一点|鲜艳",
        r"\b(?:less (?:saturated|vivid|vibrant|colou?rful)|muted colou?rs|washed[ -]out)\b|更素|淡一点",
        r"saturation|vibrance|colou?r intensity|colou?rs|饱和度",
    ),
    (
        "temperature",
        r"\b(?:warm(?:er|th)?(?: (?:up|tones?|colou?rs?|look))*|golden(?: hour)?(?: look)?)\b|暖色调?|更暖|暖一点",
        r"\b(?:cool(?:er)?(?: (?:down|tones?|colou?rs?|look))+|cooler|cold(?:er)?(?: (?:tones?|colou?rs?"
        r"|look))*|bluer|blueish)\b|冷色调?|更冷|冷一点",
        r"(?:colou?r )?temperature|white balance|色温",
    ),
)
_RULES = tuple(
    (
        key,
        words(rf"\b{_UP}\b{_THE}(?:{noun})(?![a-z])|{_UP_ZH}(?:{noun})|(?:{noun})\s*(?:up\b|更高|高一点|调高)|{more}"),
        words(
            rf"\b{_LESS}\b{_THE}(?:{noun})(?![a-z])|{_LESS_ZH}(?:{noun})|(?:{noun})\s*(?:down\b|更低|低一点|调低)|{less}"
        ),
        words(rf"\b(?:set\s+|change\s+|put\s+)?(?:the\s+)?(?:{noun})(?![a-z])|{noun}"),
    )
    for key, more, less, noun in _PROPERTIES
)


def read(clause: Clause) -> None:
    if m := clause.take(_UNSHARPEN):
        clause.add(m.start(), Look("sharpen", 0.0))
    if m := clause.take(_SHARPEN):
        clause.add(m.start(), Look("sharpen", _amount(clause, SHARPEN, FULL_SHARPEN)))
    if m := clause.take(_NO_DENOISE):
        clause.add(m.start(), Look("denoise", 0.0))
    if not clause.has(_SOUND_NOISE) and (m := clause.take(_DENOISE)):
        clause.add(m.start(), Look("denoise", _amount(clause, DENOISE, FULL_DENOISE)))
    if m := clause.take(_COLOR_BACK):
        clause.add(m.start(), Look("grayscale", False))
    if m := clause.take(_GREY):
        clause.add(m.start(), Look("grayscale", True))
    for key, more, less, noun in _RULES:
        # "less vivid" holds "vivid": less is looked for first.
        if (m := clause.take(less)) or (m := clause.take(more)):
            down = m.re is less
            if level := clause.take(_SET):
                clause.add(m.start(), Look(key, _signed(level["sign"], number(level["n"]))))
            else:
                step = _amount(clause, COLOR, 100.0)
                clause.add(m.start(), Look(key, -step if down else step, relative=True))
        elif m := noun.search(clause.text):
            if level := clause.take(_SET):
                clause.take(noun)
                clause.add(m.start(), Look(key, _signed(level["sign"], number(level["n"]))))
            elif (by := clause.take(_SIGNED)) or (by := clause.take(_BY)):
                clause.take(noun)
                amount = number(by["n"]) if "n" in by.re.groupindex else percent(by["p"])
                clause.add(m.start(), Look(key, _signed(by["sign"], amount), relative=True))


def _amount(clause: Clause, amounts: tuple[float, float, float], full: float) -> float:
    if by := clause.take(_BY):
        return round(percent(by["p"]) / 100 * full, 4)
    return degree(clause, *amounts)


def _signed(sign: str | None, amount: float) -> float:
    return -amount if sign == "-" else amount
