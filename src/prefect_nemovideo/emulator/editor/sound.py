"""Reading what concerns sound: music, volume, silence, loudness."""

from __future__ import annotations

import re

from prefect_nemovideo.emulator.editor.clause import QUOTE, Clause, degree, words
from prefect_nemovideo.emulator.editor.numbers import NUMBER, PERCENT, TIME, milliseconds, number, percent
from prefect_nemovideo.emulator.editor.operations import AddMusic, Loudness, RemoveMusic, Volume

# Music under a voice, in per cent: nothing said, "quietly", "loud".
MUSIC_VOLUME, QUIET_MUSIC, LOUD_MUSIC = 35, 20, 80
# What "louder" does, in per cent of now: a bit, nothing said, a lot; and "quieter" the other way.
LOUDER, QUIETER = (125.0, 150.0, 200.0), (75.0, 50.0, 25.0)
# What streaming services play at, in LUFS.
STREAMING_LUFS = -14.0

_MUSIC = (
    r"(?:\b(?:background[ -])?(?:music|bgm|soundtrack|songs?|tunes?|melody|mp3)\b|\bbackground (?:audio"
    r"|track)\b|\bmusic track\b"
    r"|\blo-?\s?fi\b(?: (?:music|beats?))?|背景音乐|音乐|配乐|歌曲|歌)"
)
_HAS_MUSIC = words(_MUSIC)
_AUDIO_FILE = words(r"(?<![\w.])(?P<name>[\w\u00c0-\u9fff][\w\u00c0-\u9fff .()-]*?\.(?:mp3|wav|m4a|aac))\b")
_LEAD_IN = words(r"^.*\b(?:add|use|put|insert|with|play|the|song|file|track|music|called|named|in)\s+")
_THE = r"(?:\s+(?:the|all|any|background|my|added|of|that|this|its|volume|level))*\s*"

_KEEP_SOUND = words(
    r"\bkeep(?:ing)?\b(?:\s+(?:the|its|my|original|existing))*\s+(?:music|sound|audio|voice|song)\b|保留(?:原声|声音|音乐)"
)
_FADE_MUSIC = words(rf"\bfad\w*(?:\s+(?:in|out))*\s+(?:the\s+)?{_MUSIC}")
_REMOVE_MUSIC = words(
    rf"\b(?:remove|delete|drop|stop|turn off|get rid of|kill|lose|take (?:out|off|away)){_THE}{_MUSIC}|(?:去掉|删除"
    rf"|移除|关掉){_MUSIC}"
)
_MUTE_MUSIC = words(rf"\b(?:mute|silence){_THE}{_MUSIC}")
_QUIETER_MUSIC = words(
    rf"\b(?:lower|reduce|decrease|soften){_THE}{_MUSIC}|\bturn{_THE}(?:down{_THE}{_MUSIC}|{_MUSIC}\s+down)"
    rf"|{_MUSIC}(?:\s+(?:a|bit|little|much|be|is|volume))*\s+(?:quieter|softer|lower|less loud|too loud)\b"
    rf"|(?:\b(?:quieter|softer)\s+{_MUSIC})|{_MUSIC}(?:音量)?(?:调?小|调低|降低)|(?:降低|调低|减小){_MUSIC}(?:音量)?"
)
_LOUDER_MUSIC = words(
    rf"\b(?:raise|increase|boost){_THE}{_MUSIC}|\bturn{_THE}(?:up{_THE}{_MUSIC}|{_MUSIC}\s+up)"
    rf"|{_MUSIC}(?:\s+(?:a|bit|little|much|be|is|volume))*\s+(?:louder|higher|too quiet|too low)\b"
    rf"|(?:\blouder\s+{_MUSIC})|{_MUSIC}(?:音量)?(?:调?大|调高|提高)|(?:提高|调高|增大){_MUSIC}(?:音量)?"
)
_MUSIC_LEVEL = words(
    r"\b(?:set|put|make|change|bring|turn|have|keep|lower|raise|reduce"
    rf"|increase){_THE}{_MUSIC}(?:'s)?(?:\s+(?:volume|level|down|up))*\s+(?:to|at)\s*(?P<p>{PERCENT})"
    rf"|^[\s\0.,:]*(?:the\s+|把)?{_MUSIC}\s*(?:'s )?(?:volume|level|的?音量)\s*"
    rf"(?:to|at|is|=|:|为|到|调到|降到|提高到|降低到|设为)?\s*(?P<q>{PERCENT})"
)
_ADDING = words(
    r"(?:\b(?:add|put|insert|use|play|include|with|overlay|set|give|change|replace|swap|want|need"
    rf"|lay)\b[^\0]*?)?(?P<noun>{_MUSIC})(?:\s+(?:track|bed|file|underneath|under it|in the background))*|(?:加"
    rf"|添加|加上|配上?|换成)(?:一首|一段|点|个)?(?P<zh>{_MUSIC})"
)
_UPLOADED = words(
    r"\b(?:(?:my|our|the) (?:own )?(?:uploaded )?(?:song|track|mp3|audio(?: file)?)|uploaded|i uploaded)\b|上传的"
    r"|我的(?=音乐|歌)"
)
_USE_AS = words(
    rf"\b(?:use|set|put|play|add)\s+(?:the\s+)?(?P<name>[\w\u00c0-\u9fff][\w\u00c0-\u9fff .()-]{{0,80}}?)\s+"
    rf"(?:as|for)\s+(?:the\s+|my\s+|its\s+)?{_MUSIC}"
)
_CALLED = words(
    r"\b(?:song|track|music|file|mp3)\s+(?:called|named)\s+"
    r"(?P<name>[\w\u00c0-\u9fff][\w\u00c0-\u9fff .()-]{0,80}?)(?=\s+(?:at|quietly|softly|from)\b|$)"
)
_GENERIC_NAME = words(
    r"^(?:some|any|a|an|the|it|this|that|my|uploaded|song|music|audio|track|file|mp3|new|nice|good|[\s])+$"
)
_STYLES = (
    ("lofi", words(r"\b(?:lo-?\s?fi|chill(?:ed)?(?:hop| ?out)?|hip[ -]?hop|study)\b|低保真|轻松")),
    (
        "cinematic",
        words(
            r"\b(?:cinematic|epic|dramatic|orchestral|emotional|inspir\w+|trailer|film score)\b|史诗|电影感|大气|震撼"
        ),
    ),
    (
        "upbeat",
        words(
            r"\b(?:upbeat|energetic|happy|dance|pop|fun|lively|party|electronic|edm|rock|fast|cheerful"
            r"|positive|motivational)\b|欢快|动感|快节奏|活泼"
        ),
    ),
    (
        "calm",
        words(
            r"\b(?:calm(?:ing)?|relax(?:ed|ing)?|soft|ambient|peaceful|gentle|piano|acoustic|mellow|meditat\w+"
            r"|soothing|slow|sad)\b|舒缓|轻柔|平静|安静的?(?=音乐)|柔和"
        ),
    ),
)
_PERCENT = words(rf"(?:\bat\s+|\bto\s+|音量)?(?:about\s+)?(?P<p>{PERCENT})(?:\s+(?:of\s+)?volume)?")
_QUIETLY = words(
    r"\b(?:very\s+)?(?:quiet(?:ly)?|softly|low(?: volume)?|subtl[ey]|faint(?:ly)?|unobtrusive(?:ly)?)\b|小声|轻声|安静"
)
_LOUDLY = words(r"\b(?:loud(?:ly)?|full volume)\b|大声")
_FROM = words(rf"\b(?:starting\s+)?(?:at|from|after)\s+(?P<t>{TIME})(?:\s+on(?:wards?)?)?")

_LUFS = words(r"(?:\bto\s+|\bat\s+)?(?P<n>[-−–]?\s?\d+(?:\.\d+)?)\s*(?:lufs|lkfs)\b")
_NORMALIZE = words(
    r"\bnormali[sz]\w*\b(?:\s+(?:the|audio|sound|volume|loudness|levels?|to))*|\b(?:loudness|(?:even"
    r"|level)(?: ?out)? the (?:audio|sound|volume|loudness))\b|响度|音量标准化|统一音量|标准化音量"
)
_UNMUTE = words(
    r"\bun-?mute\b|\b(?:restore|bring back|turn on) the (?:original )?(?:sound|audio|volume)\b"
    r"|取消静音|恢复(?:声音|原声)"
)
_SOUND = r"(?:audio|sound(?:track)?|voices?|noises?|speech|talking|original (?:audio|sound))"
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
_BY = words(rf"\bby\s+(?P<p>{PERCENT})|(?P<q>{PERCENT})")
_TO = words(rf"\bto\s+(?P<p>{PERCENT})|[到为至]\s*(?P<q>{PERCENT})")


def read(clause: Clause) -> None:
    clause.take(_KEEP_SOUND)
    _read_loudness(clause)
    if not clause.has(_FADE_MUSIC):
        _read_music(clause)
    _read_volume(clause)


def _read_loudness(clause: Clause) -> None:
    lufs = clause.take(_LUFS)
    named = clause.take(_NORMALIZE)
    if match := lufs or named:
        # A minus is easily left out; no mix is louder than 0 LUFS.
        target = -abs(float(re.sub(r"[^\d.]", "", lufs["n"]))) if lufs else STREAMING_LUFS
        clause.add(match.start(), Loudness(target))


def _read_music(clause: Clause) -> None:
    if m := clause.take(_REMOVE_MUSIC):
        clause.add(m.start(), RemoveMusic())
        return
    if m := clause.take(_MUTE_MUSIC):
        clause.add(m.start(), Volume(0.0, music=True))
        return
    if m := clause.take(_MUSIC_LEVEL):
        clause.add(m.start(), Volume(percent(m["p"] or m["q"]), music=True))
        return
    for pattern, steps, sign in ((_QUIETER_MUSIC, QUIETER, -1), (_LOUDER_MUSIC, LOUDER, 1)):
        if m := clause.take(pattern):
            if to := clause.take(_TO):
                clause.add(m.start(), Volume(percent(to["p"] or to["q"]), music=True))
            else:
                by = clause.take(_BY)
                ratio = 100 + sign * percent(by["p"] or by["q"]) if by else degree(clause, *steps)
                clause.add(m.start(), Volume(ratio, relative=True, music=True))
            return
    name = _song_name(clause)
    if name is None and not clause.has(_HAS_MUSIC):
        return
    uploaded = clause.take(_UPLOADED)
    at = uploaded.start() if uploaded else len(clause.text)
    bed = next((style for style, pattern in _STYLES if clause.take(pattern)), None)
    loud = clause.take(_PERCENT)
    volume = round(percent(loud["p"])) if loud else None
    if volume is None:
        volume = QUIET_MUSIC if clause.take(_QUIETLY) else LOUD_MUSIC if clause.take(_LOUDLY) else MUSIC_VOLUME
    start = clause.take(_FROM)
    if m := clause.take(_ADDING):
        at = min(at, m.start("noun") if m["noun"] else m.start())
    clause.add(
        min(at, len(clause.text)),
        AddMusic(name, bed, bool(uploaded) and name is None, volume, milliseconds(start["t"]) if start else 0),
    )


def _song_name(clause: Clause) -> str | None:
    """A song named by a quotation, a file name, or "use … as the music"."""
    if clause.has(_HAS_MUSIC) and clause.has(words(QUOTE)):
        return clause.take_quote()
    if m := _AUDIO_FILE.search(clause.text):
        name = _LEAD_IN.sub("", m["name"])
        clause.take(words(re.escape(name)))
        return name
    for pattern in (_USE_AS, _CALLED):
        m = pattern.search(clause.text)
        if m and not _GENERIC_NAME.search(m["name"]) and not any(p.search(m["name"]) for _s, p in _STYLES):
            if _UPLOADED.search(m["name"]):
                continue
            clause.take(words(re.escape(m["name"])))
            return m["name"].strip()
    return None


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
        if to := clause.take(_TO):
            clause.add(m.start(), Volume(percent(to["p"] or to["q"])))
        else:
            by = clause.take(_BY)
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
