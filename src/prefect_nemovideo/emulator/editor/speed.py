"""Reading what concerns speed."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import Clause, words
from prefect_nemovideo.emulator.editor.numbers import NUMBER, PERCENT, number, percent
from prefect_nemovideo.emulator.editor.operations import Speed

_SPEED_NOUN = r"(?:speed|playback(?: speed| rate)?|pace)"
_NORMAL_SPEED = words(rf"\b(?:normal|original|regular) {_SPEED_NOUN}\b|正常速度|原速")
_TWICE = words(r"\b(?:twice|double) (?:as fast|the (?:playback )?speed)\b|\bdouble (?:the )?speed\b|两倍速度?|二倍速")
_HALF = words(r"\b(?:half (?:the )?speed|half as fast|twice as slow|(?:at )?half[- ]speed)\b|半速|一半速度")
_SLOW_MOTION = words(r"\bslow[- ]?mo(?:tion)?\b|\bslo-?mo\b|慢动作|慢镜头|慢放(?:一半)?")
_FACTOR = words(
    rf"(?:\b(?P<slowing>slow(?:ed)?)\b[^\0]*?)?(?P<n>{NUMBER})\s*(?:x(?![a-z])|times\b"
    rf"|倍)\s*(?:(?P<slower>slower|慢)|faster|as fast|速度?|快|{_SPEED_NOUN}\b)?"
)
_SPEEDING = words(
    r"\b(?:speed|play(?:ing|back)?|fast(?:er)?|slow(?:er|ed)?|accelerat\w+|quick(?:er)?|time-?lapse)\b"
    rf"|^[\s\0.,:]*(?:{NUMBER})\s*x[\s\0.,:]*$|加速|减速|倍速|放慢|加快"
)
_SPEED_UP = words(
    r"\b(?:speed(?:ing)?\b(?:\s+\w+){0,3}?\s+up|speed up|accelerate|(?:make|play)\b[^\0]*?\bfaster|faster"
    r"|quicker)\b|加速|加快|快进|快一点|更快"
)
_SLOW_DOWN = words(r"\b(?:slow(?:ing)?\b(?:\s+\w+){0,3}?\s+down|slow down|slow|slower)\b|减速|放慢|慢一点|更慢")
_PERCENT_SPEED = words(
    rf"(?P<p>{PERCENT})\s*(?:of (?:the )?(?:normal |original )?)?{_SPEED_NOUN}\b|\b{_SPEED_NOUN}(?: to| at| of"
    rf"|:)?\s*(?P<q>{PERCENT})"
)
_BY_PERCENT = words(rf"(?:\bby\s+)?(?P<p>{PERCENT})\s*(?:faster|slower|more)?")

_SPEED_VERB = words(
    r"\b(?:speed(?:ing|ed)?|slow(?:ed)?|play(?:ed)?|run)(?:\s+(?:it|them|this|the|video|clip|up|down|to|at"
    r"|by))*\b|加速到?|减速到?"
)


def read(clause: Clause) -> None:
    if m := clause.take(_NORMAL_SPEED):
        clause.add(m.start(), Speed(1.0, absolute=True))
    elif m := clause.take(_TWICE):
        clause.add(m.start(), Speed(2.0))
    elif m := clause.take(_HALF):
        clause.add(m.start(), Speed(0.5))
    elif m := clause.take(_PERCENT_SPEED):
        clause.add(m.start(), Speed(percent(m["p"] or m["q"]) / 100, absolute=True))
    elif clause.has(_SPEEDING) and (m := clause.take(_FACTOR)):
        factor = number(m["n"])
        slower = m["slower"] or (m["slowing"] and factor > 1)
        clause.add(m.start(), Speed(1 / factor if slower and factor else factor))
    elif m := clause.take(_SLOW_MOTION):
        clause.add(m.start(), Speed(0.5))
    elif m := clause.take(_SPEED_UP):
        by = clause.take(_BY_PERCENT)
        clause.add(m.start(), Speed(1 + percent(by["p"]) / 100 if by else 1.5))
    elif m := clause.take(_SLOW_DOWN):
        by = clause.take(_BY_PERCENT)
        clause.add(m.start(), Speed(1 - percent(by["p"]) / 100 if by else 0.75))

    if any(isinstance(operation, Speed) for _at, operation in clause.found):
        clause.take(_SPEED_VERB)
