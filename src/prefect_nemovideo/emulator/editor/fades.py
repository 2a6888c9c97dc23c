"""Reading what concerns fades, of the picture and of the music."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import Clause, words
from prefect_nemovideo.emulator.editor.numbers import TIME, milliseconds
from prefect_nemovideo.emulator.editor.operations import Fade

_FADE_LENGTH = rf"(?:\s*(?:over|for|of|lasting)?\s*(?P<t>{TIME}))?"
_FADE_BOTH = words(
    rf"(?:(?P<u>{TIME})\s+)?\bfad(?:e|es|ing)[ -]+(?:the video )?(?:in(?:s)?[ /&]*(?:and|to|plus"
    rf"|,)?[ -]*(?:a )?(?:fade[ -]*)?outs?|out and (?:fade )?in)\b{_FADE_LENGTH}"
    rf"|淡入淡出{_FADE_LENGTH.replace('<t>', '<z>')}"
)
_FADE_IN = words(
    rf"(?:(?P<u>{TIME})\s+)?(?:\bfad(?:e|es|ing)[ -]*(?:(?:the |this |my )?(?:video|clip|it)\s+)?(?:in\b"
    rf"|from (?:black|white)\b)|淡入){_FADE_LENGTH}(?:\s*at the (?:start|beginning))?"
)
_FADE_OUT = words(
    rf"(?:(?P<u>{TIME})\s+)?(?:\bfad(?:e|es|ing)[ -]*(?:(?:the |this |my )?(?:video|clip|it|music|audio"
    rf"|sound)\s+)?(?:out\b|to (?:black|white)\b)|淡出){_FADE_LENGTH}(?:\s*at the end)?"
)
_NO_FADES = words(r"\b(?:remove|no|without|drop) (?:the |any |all )?fades?\b")
_FADES = words(rf"\b(?:add |with )?(?:a )?fades\b{_FADE_LENGTH}")
_FADE_MUSIC = words(
    r"\bfad(?:e|es|ing)\b(?:\s+(?:in|out|the|of|my))*\s+(?:background )?(?:music|bgm|song"
    r"|soundtrack)\b(?:\s+(?:in|out)\b)?"
    r"|(?:音乐|配乐)(?:淡入|淡出)"
)
_OVER = words(rf"\b(?:over|for|of|lasting)\s+(?:the last |the first )?(?P<t>{TIME})")
DEFAULT_FADE_MS = 1000


def read(clause: Clause) -> None:
    if m := clause.take(_FADE_MUSIC):
        over = clause.take(_OVER)
        fade = milliseconds(over["t"]) if over else DEFAULT_FADE_MS
        way = m[0].lower()
        starts = "in" in way.split() or "淡入" in way
        clause.add(m.start(), Fade(fade, music=True) if starts else Fade(fade_out=fade, music=True))
    if m := clause.take(_NO_FADES):
        clause.add(m.start(), Fade(0, 0))
    if m := clause.take(_FADE_BOTH) or clause.take(_FADES):
        length = _fade_length(m.groupdict())
        clause.add(m.start(), Fade(length, length))
        return
    if m := clause.take(_FADE_IN):
        clause.add(m.start(), Fade(fade_in=_fade_length(m.groupdict())))
    if m := clause.take(_FADE_OUT):
        clause.add(m.start(), Fade(fade_out=_fade_length(m.groupdict())))


def _fade_length(groups: dict[str, str | None]) -> int:
    named = next((groups[key] for key in ("t", "u", "z") if groups.get(key)), None)
    return milliseconds(named) if named else DEFAULT_FADE_MS
