"""Reading what concerns text on the picture."""

from __future__ import annotations

import re
from dataclasses import replace

from prefect_nemovideo.emulator.editor.clause import ANY_QUOTE, QUOTE, TAKEN, Clause, words
from prefect_nemovideo.emulator.editor.numbers import RANGE, TIME, milliseconds, span
from prefect_nemovideo.emulator.editor.operations import AddTitle, Ask, EditTitle, RemoveTitles

TITLE_MS = 3000  # how long a title stays when nobody says

_NOUN = (
    r"(?:\b(?:titles?(?: cards?)?|captions?|texts?(?: overlays?)?|sub-?titles?|headings?|headlines?|labels?"
    r"|lower[ -]thirds?|words|credits?)\b"
    r"|大?标题|字幕|文字|文案)"
)
_ADD = (
    r"(?:\b(?:add(?:ing)?|put|insert|write|show|display|overlay|place|include|create|make|have|with|give it"
    r"|say(?:ing)?|use|want|need|print|type)\b"
    r"|添加|加上?|写上?|放上?|插入|显示)"
)
# A few words between; not more, or reading would take its time over long sentences.
_GAP = r"[^\0]{0,80}?"
_REMOVE = words(
    r"\b(?:remove|delete|drop|hide|erase|clear|get rid of|take (?:off|away|out))(?:\s+(?:the|all|any|my|every"
    rf"|of|added|on-?screen))*\s*{_NOUN}"
    rf"|(?:去掉|删除|删掉|移除)(?:所有|全部)?(?:的)?{_NOUN}"
)
_EDIT = words(
    r"\b(?:change|move|make|rename|update|replace|set|put|enlarge|shrink|keep|shift|position)\s+(?:the|that"
    rf"|this|my)\s+{_NOUN}(?:'s)?(?:\s+(?:text|position|size))*(?:\s+(?:to(?: say| be| read)?|say|be|with"
    r"|so it says))?"
    rf"|(?:把)?{_NOUN}(?:改成|改为|换成|移到|放到|移动到)"
)
_MOVE_IT = words(r"\b(?:move|put|place|shift|position|center)\s+it\b")
_EDIT_ONLY = words(r"^[\s\0.,:]*(?:change|move|rename|update|replace|shift|把)|改成|改为|换成|移到")
_BIGGER = words(r"\b(?:bigger|larger|enlarge)\b|更大|大一点")
_SMALLER = words(r"\b(?:smaller|shrink)\b|更小|小一点")

_QUOTED = words(
    rf"(?:{_ADD}{_GAP})?{_NOUN}{_GAP}(?P<a>{QUOTE})|{_ADD}(?:\s+(?:the|a|an|word|words|phrase"
    r"|sentence|on|it"
    rf"|this|screen|up|in|big|large|small|letters))*\s*(?P<b>{QUOTE})(?:\s+as\s+(?:a|the)\s+{_NOUN})?"
    rf"|(?P<c>{QUOTE})\s+(?:as|for)\s+(?:a|the)\s+{_NOUN}"
)
_MUSIC_QUOTED = words(
    rf"\b(?:music|song|soundtrack|bgm|track|tune)\b{_GAP}{QUOTE}|{QUOTE}{_GAP}\b(?:music|song"
    r"|soundtrack"
    rf"|bgm)\b|音乐{_GAP}{QUOTE}|{QUOTE}{_GAP}音乐"
)
_HAS_NOUN = words(_NOUN)
_SAYING = words(
    rf"(?:{_ADD}{_GAP})?{_NOUN}{_GAP}(?:\b(?:saying|(?:that|which) (?:says|reads)|says|reading"
    r"|reads|(?:with"
    r"|containing) the (?:text|words?|phrase)|called|with text|titled)\b\s*:?|:|内容[是为]|写着|写"
    r"|[为是])\s*(?P<text>[^\0]+)"
    rf"|\btitled\s+(?P<u>[^\0]+)|(?:加|加上|添加)(?:一个)?(?:大)?标题\s*(?P<v>[^\0]+)"
)
_NAMED = re.compile(
    r"(?:[Aa]dd|[Pp]ut|[Ii]nsert|[Ss]how|[Ww]ith|[Uu]se)\s+(?:a|the|an)?\s*(?:big |small |opening "
    r"|closing )?(?:title|caption|text|headline)\s+(?P<text>[A-Z0-9][^\0]*)"
)
_WANTED = words(
    rf"{_ADD}\s*(?:(?:a|an|some|the|my|one|nice|cool|big|opening|closing|intro|main|auto\w*|animated|text|video"
    rf"|few|一个|个|一些)\s*)*(?P<noun>{_NOUN})|^[\s\0.,:]*(?P<bare>{_NOUN})[\s\0.,:]*$"
)

_WHOLE = words(
    r"\b(?:throughout(?: the (?:whole |entire )?(?:video|clip))?|(?:for|during|over|through) the (?:whole"
    r"|entire|full) (?:video|clip|time|duration|thing|length)|the (?:whole|entire) time|always|permanently)\b"
    r"|整个视频|全程|一直"
)
_FIRST = words(rf"\b(?:for|during|in|over)\s+the\s+(?:first|opening)\s+(?P<t>{TIME})|前\s*(?P<z>{TIME})")
_LAST = words(rf"\b(?:for|during|in|over)\s+the\s+(?:last|final|closing)\s+(?P<t>{TIME})|最后\s*(?P<z>{TIME})")
_SPAN = words(rf"\b(?:from|between)\s+{RANGE}|{RANGE.replace('<from>', '<f2>').replace('<to>', '<t2>')}")
_LENGTH = words(
    rf"(?:\b(?:for|lasting|lasts)\s+(?:about\s+|around\s+)?|持续|显示|停留)(?P<t>{TIME})|\b(?P<u>{TIME})\s*(?:long"
    rf"|in length)\b|(?<!at )(?<!after )(?<!from )(?P<v>{TIME})(?=\s+(?:title|caption|text)|[\s\0.,:]*$)"
)
_AT = words(
    r"\b(?:(?:starting|start|appearing|beginning)\s+)?(?:at|after"
    rf"|from)\s+(?:about\s+)?(?P<t>{TIME})(?:\s+(?:mark|in))?|(?:在|从)?第?(?P<z>{TIME})(?:处|开始|的?时候?|时)"
)
_AT_END = words(
    r"\b(?:at|near|towards?) the (?:very )?end(?: of (?:the |my )?(?:video|clip|footage))?\b|(?:在)?(?:结尾|片尾|末尾"
    r"|最后)(?:处)?"
)
_AT_START = words(
    r"\b(?:at|from|in) the (?:very )?(?:start|beginning|opening)(?: of (?:the |my )?(?:video|clip|footage))?\b"
    r"|(?:在)?(?:开头|片头|开始)(?:处)?"
)
_PLACES = (
    ("top-left", r"(?:top|upper)[ -]?left|左上角?"),
    ("top-right", r"(?:top|upper)[ -]?right|右上角?"),
    ("bottom-left", r"(?:bottom|lower)[ -]?left|左下角?"),
    ("bottom-right", r"(?:bottom|lower)[ -]?right|右下角?"),
    ("top", r"top(?:[ -](?:center|centre|middle))?|upper (?:part|third|half)|顶部|顶端|上方|上面"),
    ("bottom", r"bottom(?:[ -](?:center|centre|middle))?|lower (?:part|third|half)|底部|底端|下方|下面"),
    ("center", r"(?:cent(?:er|re)(?:ed)?|middle)|居中|中间|中央|正中"),
)
_PLACE = words(
    r"(?:\b(?:(?:at|in|on|to|near|along|into|towards?)\s+)?(?:the\s+)?(?:very\s+)?|在|到|放在)(?:"
    + "|".join(f"(?P<p{i}>{pattern})" for i, (_name, pattern) in enumerate(_PLACES))
    + r")(?:\s+(?:corner|edge|side))?(?:\s+of\s+(?:the\s+)?(?:screen|frame|video|picture|image))?(?![a-z])"
)
_SIZES = (
    (2.0, words(r"\b(?:huge|giant|very (?:big|large)|massive)\b|超大|特大")),
    (1.5, words(r"\b(?:big|large|bold)\b(?:\s+(?:letters|text|font))?|大号|大字|(?<!扩)大(?=标题)")),
    (0.7, words(r"\b(?:small|tiny|little)\b(?:\s+(?:letters|text|font))?|小号|小字")),
)
# Where unquoted text stops.
_MODIFIER = words(
    rf"\s+(?:(?:for|lasting)\s+(?:the\s+)?(?:about\s+|first\s+|last\s+|whole\s+|entire\s+)?(?:{TIME}|video"
    rf"|clip)|(?:at|from|after|between|starting)\s+(?:at\s+)?(?:{TIME}|\d|the (?:very )?(?:start|beginning|end"
    r"|top|bottom|cent|middle|upper|lower))"
    r"|(?:in|on|near)\s+the\s+(?:\w+[ -])?(?:top|bottom|cent(?:er|re)|middle|upper|lower|corner|left|right"
    r"|first|last|beginning)|throughout|in (?:big|small|large)|please)\b"
    rf"|(?:持续|显示|停留|在(?:顶|底|左|右|中|开头|结尾|上|下|第)|放在).*$"
)


def read(clause: Clause) -> None:
    if m := clause.take(_REMOVE):
        clause.add(m.start(), RemoveTitles())
        return
    if clause.has(_MUSIC_QUOTED) and not clause.has(_HAS_NOUN):
        return
    if _read_edit(clause):
        return
    details = EditTitle()
    if clause.has(ANY_QUOTE) and (m := _QUOTED.search(clause.text)):
        text = clause.quote(m["a"] or m["b"] or m["c"])
        noun = _noun(clause.text[m.start() :])
        # Time, place and size may come before the text as well as after it: "a big 3 second title “…”".
        title = Clause(clause.text[m.start() :].replace(m["a"] or m["b"] or m["c"], TAKEN, 1), clause.quotes)
        details = _details(title)
        title.take(_HAS_NOUN)
        title.take(words(_ADD))
        clause.text = clause.text[: m.start()] + title.text
    elif m := _SAYING.search(clause.text) or _NAMED.search(clause.text):
        # Only what is said is taken: what follows it ("at the bottom") is read below.
        group = next(key for key, value in m.groupdict().items() if value)
        spoken = m[group]
        stop = _MODIFIER.search(spoken)
        text = (spoken[: stop.start()] if stop else spoken).strip(" ,.")
        noun = _noun(m[0][: m.start(group) - m.start()])
        clause.take(
            re.compile(
                re.escape(clause.text[m.start() : m.start(group)] + (spoken[: stop.start()] if stop else spoken))
            )
        )
    elif m := _WANTED.search(clause.text):
        clause.take(_WANTED)
        clause.add(m.start(), Ask("captions" if _speech(m["noun"] or m["bare"]) else "title"))
        return
    else:
        return
    if not text:
        clause.add(m.start(), Ask("title"))
        return
    if details == EditTitle():
        details = _details(clause)
    usual = "bottom" if _speech(noun) or "third" in noun else "center"
    clause.add(
        m.start(),
        AddTitle(
            text,
            details.start or 0,
            details.end,
            details.length,
            details.to_end,
            details.position or usual,
            details.size or 1.0,
        ),
    )


def _read_edit(clause: Clause) -> bool:
    if (m := _MOVE_IT.search(clause.text)) and clause.has(_PLACE) and not clause.has(ANY_QUOTE):
        clause.take(_MOVE_IT)
        clause.add(m.start(), replace(_details(clause), last=True))
        return True
    m = _EDIT.search(clause.text)
    if not m:
        return False
    quoted = clause.has(ANY_QUOTE)
    if quoted and not _EDIT_ONLY.search(clause.text):
        return False  # "put the title “X” at the top" adds one
    clause.take(_EDIT)
    text = clause.take_quote()
    if (
        text is None
        and (rest := re.match(r"\s*([^\0]*)", clause.text[m.end() :]))
        and m[0].lower().endswith(("to say", "say", "改成", "改为", "换成"))
    ):
        text = rest[1].strip(" .,") or None
        if text:
            clause.take(re.compile(re.escape(text)))
    details = replace(_details(clause), text=text)
    if clause.take(_BIGGER) or m[0].lower().startswith("enlarge"):
        details = replace(details, size=1.5)
    elif clause.take(_SMALLER) or m[0].lower().startswith("shrink"):
        details = replace(details, size=0.7)
    clause.add(m.start(), Ask("title") if details == EditTitle() else details)
    return True


def _details(clause: Clause) -> EditTitle:
    """Time, place and size, wherever in the clause they are."""
    details = _times(clause)
    if m := clause.take(_PLACE):
        details = replace(details, position=_PLACES[int((m.lastgroup or "p0")[1:])][0])
    for size, pattern in _SIZES:
        if clause.take(pattern):
            return replace(details, size=size)
    return details


def _times(clause: Clause) -> EditTitle:
    if clause.take(_WHOLE):
        return EditTitle(start=0, to_end=True)
    if m := clause.take(_FIRST):
        return EditTitle(start=0, end=milliseconds(m["t"] or m["z"]))
    if m := clause.take(_LAST):
        return EditTitle(start=-milliseconds(m["t"] or m["z"]), to_end=True)
    if m := clause.take(_SPAN):
        start, end = span(m if m["from"] else words(RANGE).search(m[0]) or m)
        return EditTitle(start=start, end=end, to_end=end is None)
    length, start_at = _length(clause), None
    if clause.take(_AT_END):
        start_at = -(TITLE_MS if length is None else length)
    elif clause.take(_AT_START):
        start_at = 0
    elif m := clause.take(_AT):
        start_at = milliseconds(m["t"] or m["z"])
    return EditTitle(start=start_at, length=_length(clause) if length is None else length)


def _length(clause: Clause) -> int | None:
    m = clause.take(_LENGTH)
    return milliseconds(m["t"] or m["u"] or m["v"]) if m else None


def _noun(text: str) -> str:
    match = _HAS_NOUN.search(text)
    return match[0].lower() if match else ""


def _speech(noun: str | None) -> bool:
    """Whether the word means what is said aloud: its place is at the bottom."""
    return bool(noun and re.search(r"caption|sub-?title|字幕", noun, re.I))
