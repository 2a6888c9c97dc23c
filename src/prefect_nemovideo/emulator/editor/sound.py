"""Reading what concerns sound: volume, silence, loudness; music is read in between."""

from __future__ import annotations

import re

from prefect_nemovideo.emulator.editor import music
from prefect_nemovideo.emulator.editor.clause import Clause, degree, words
from prefect_nemovideo.emulator.editor.levels import BY, LOUDER, QUIETER, TO
from prefect_nemovideo.emulator.editor.numbers import NUMBER, PERCENT, number, percent
from prefect_nemovideo.emulator.editor.operations import Loudness, Volume

# What streaming services play at, in LUFS.
STREAMING_LUFS = -14.0

_LUFS = words(r"(?:\bto\s+|\bat\s+)?(?P<n>[-−–]?\s?\d+(?:\.\d+)?)\s*(?:lufs|lkfs)\b")
_NORMALIZE = words(
    r"\bnormali[sz]\w*\b(?:\s+(?:the|audio|sound|volume|loudness|levels?|to))*|\b(?:loudness|(?:even"
    r"|level)(?: ?out)? the (?:audio|sound|volume|loudness))\b|响度|音量标准化|统一音量|标准化音量"
)
_UNMUTE = words(
    r"\bun-?mute\b|\b(?:restore|bring back|turn on) the (?:original )?(?:sound|audio|volume)\b"
    r"|取消静音|恢复(?:声音|原声)"
)
_MUTE = words(
    r"\b(?:mut(?:e|ed|ing)|silence)\b(?:\s+(?:the|all|its|my|this|it|original|video|clip|footage|audio|sound"
    r"|whole|thing))*"
    r"|\b(?:remove|delete|strip|drop|turn off|get rid of|take (?:out|away|off)|kill)(?:\s+(?:the|all|its|any"
    r"|original|out|background))*\s+(?:audio|sound|voices?)(?:\s+track)?\b(?! noise)"
    r"|\b(?:no|without|without any|without the) (?:original )?(?:audio|sound)\b|\bsilent\b|静音|消音|(?:去掉|去除|删除"
    r"|关闭|关掉|移除)(?:原?声音?|原声|音频)|没有声音|无声"
)
_DB = words(r"(?:\bby\s+)?(?P<sign>[+-−–])?\s*(?P<n>\d+(?:\.\d+)?)\s*(?:db|decibels?)\b".replace("+-−–", "+−–-"))
_VOLUME = r"(?:volume|sound|audio|音量|声音)"
_LEVEL = words(
    rf"\b{_VOLUME}(?:\s+(?:level|up|down))*\s*(?:to|at|=|:|of)?\s*(?P<p>{PERCENT})|(?:音量|声音)(?:调?到|设为|调整到|为"
    rf"|调成|降到|提高到|降低到)?\s*(?P<q>{PERCENT})|(?P<r>{PERCENT})\s*volume\b"
)
_DOUBLE = words(r"\b(?:double the (?:volume|sound|audio)|twice as loud)\b|音量加倍")
_HALVE = words(r"\b(?:halve the (?:volume|sound|audio)|half (?:the volume|as loud)|half volume)\b|音量减半")
_UP = words(
    rf"\blouder\b|\b(?:too (?:quiet|low)|can'?t hear)\b|\bturn(?:\s+(?:it|the|up))*\s+(?:(?:{_VOLUME}\s+)?up"
    rf"|(?<=up ){_VOLUME})\b|\b(?:increas\w*"
    rf"|rais\w*|boost\w*|more|amplify|pump up)(?:\s+(?:the|up))*\s+{_VOLUME}\b|\bvolume up\b"
    r"|(?:提高|增大|调高|调大|加大|放大)(?:音量|声音)|(?:音量|声音)(?:大一点|调大|调高|大一些|更大|提高|增大|加大)"
)
_DOWN = words(
    rf"\b(?:quieter|softer|less loud|too loud)\b|\bturn(?:\s+(?:it|the|down))*\s+(?:(?:{_VOLUME}\s+)?down"
    rf"|(?<=down ){_VOLUME})\b|\b(?:decreas\w*|lower\w*|reduc\w*|less)(?:\s+the)*\s+{_VOLUME}\b|\bvolume down\b"
    r"|(?:降低|减小|调低|调小)(?:音量|声音)|(?:音量|声音)(?:小一点|调小|调低|小一些|更小|降低|减小)"
)


def read(clause: Clause) -> None:
    _read_loudness(clause)
    music.read(clause)
    _read_volume(clause)


def _read_loudness(clause: Clause) -> None:
    lufs = clause.take(_LUFS)
    named = clause.take(_NORMALIZE)
    if match := lufs or named:
        # A minus is easily left out; no mix is louder than 0 LUFS.
        target = -abs(float(re.sub(r"[^\d.]", "", lufs["n"]))) if lufs else STREAMING_LUFS
        clause.add(match.start(), Loudness(target))


def _read_volume(clause: Clause) -> None:
    if m := clause.take(_UNMUTE):
        clause.add(m.start(), Volume(100.0))
        return
    if m := clause.take(_MUTE):
        clause.add(m.start(), Volume(0.0))
        return
    down, up = clause.take(_DOWN), clause.take(_UP)
    if (down or up or clause.has(words(_VOLUME))) and (db := clause.take(_DB)):
        lower = db["sign"] in ("-", "−", "–") or (down is not None and db["sign"] != "+")
        gain = number(db["n"]) * (-1 if lower else 1)
        at = min(match.start() for match in (down, up, db) if match)
        clause.take(words(rf"\b(?:the\s+)?{_VOLUME}\b"))
        clause.add(at, Volume(round(100 * 10 ** (gain / 20), 2), relative=True))
    elif m := clause.take(_DOUBLE):
        clause.add(m.start(), Volume(200.0, relative=True))
    elif m := clause.take(_HALVE):
        clause.add(m.start(), Volume(50.0, relative=True))
    elif m := down or up:
        if to := clause.take(TO):
            clause.add(m.start(), Volume(percent(to["p"] or to["q"])))
        else:
            by = clause.take(BY)
            step = percent(by["p"] or by["q"]) if by else None
            if step is None:
                ratio = degree(clause, *(QUIETER if down else LOUDER))
            else:
                ratio = 100 - step if down else 100 + step
            clause.add(m.start(), Volume(ratio, relative=True))
    elif m := clause.take(_LEVEL):
        clause.add(m.start(), Volume(percent(m["p"] or m["q"] or m["r"])))
    elif m := clause.take(words(rf"\b(?:volume|sound|音量)\s*(?:to|at|:|=)?\s*(?P<n>{NUMBER})")):
        clause.add(m.start(), Volume(number(m["n"])))
