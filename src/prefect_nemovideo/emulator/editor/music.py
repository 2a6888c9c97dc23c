"""Reading what concerns music under the video."""

from __future__ import annotations

import re

from prefect_nemovideo.emulator.editor.clause import QUOTE, Clause, degree, words
from prefect_nemovideo.emulator.editor.levels import BY, LOUDER, QUIETER, TO
from prefect_nemovideo.emulator.editor.numbers import PERCENT, TIME, milliseconds, percent
from prefect_nemovideo.emulator.editor.operations import AddMusic, RemoveMusic, Volume

# Music under a voice, in per cent: nothing said, "quietly", "loud".
MUSIC_VOLUME, QUIET_MUSIC, LOUD_MUSIC = 35, 20, 80

_MUSIC = (
    r"(?:\b(?:background[ -])?(?:music|bgm|soundtrack|songs?|tunes?|melody|mp3)\b|\bbackground (?:audio"
    r"|track)\b|\bmusic track\b"
    r"|\blo-?\s?fi\b(?: (?:music|beats?))?|背景音乐|音乐|配乐|歌曲|歌)"
)
_HAS_MUSIC = words(_MUSIC)
_AUDIO_FILE = words(r"(?<![\w.])(?P<name>[\w\u00c0-\u9fff][\w\u00c0-\u9fff .()-]*?\.(?:mp3|wav|m4a|aac))\b")
_LEAD_IN = words(r"^.*\b(?:add|use|put|insert|with|play|only|just|the|song|file|track|music|called|named|in)\s+")
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


def read(clause: Clause) -> None:
    clause.take(_KEEP_SOUND)
    if clause.has(_FADE_MUSIC):
        return  # read with the fades
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
            if to := clause.take(TO):
                clause.add(m.start(), Volume(percent(to["p"] or to["q"]), music=True))
            else:
                by = clause.take(BY)
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
