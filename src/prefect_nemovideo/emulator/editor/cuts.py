"""Reading what concerns length: cutting, keeping, shortening, joining clips."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import Clause, words
from prefect_nemovideo.emulator.editor.numbers import NUMBER, RANGE, TIME, milliseconds, span
from prefect_nemovideo.emulator.editor.operations import Ask, Cut, Keep, Merge, Shorten

_IT = (
    r"(?:\s+(?:it|them|out|off|away|down|only|just|everything|the|this|that|my|our|whole|entire|video|clip"
    r"|footage|movie"
    r"|recording|part|parts|section|segment|bit|middle|stretch|portion|stuff|seconds|to|so|that|is|ends?|of|all))*"
)
_KEEP = (
    rf"(?:\b(?:keep(?:ing)?|extract|(?:only |just )?use|(?:only )?leave|retain|preserve|trim|crop)\b{_IT}"
    r"|保留|只要|只留下?|截取)"
)
_CUT = (
    r"(?:\b(?:trim(?:ming)?|cut(?:ting)?|remov(?:e|ing)|delet(?:e|ing)|drop|chop|snip|skip|clip|shave|lose"
    rf"|take (?:out|off|away)|get rid of)\b{_IT}"
    r"|剪掉|删掉|删除|去掉|剪去|裁掉|切掉|移除|去除|剪切|跳过)"
)
_FIRST = r"(?:(?:the\s+)?(?:very\s+)?(?:first|opening|initial|beginning)|最?开头的?|前面?|最前面?)"
_LAST = r"(?:(?:the\s+)?(?:very\s+)?(?:last|final|closing|ending)|结尾的?|最后的?|末尾的?|后)"
_LENGTH = rf"(?P<t>{TIME}|second\b|minute\b)"
_EDGE = rf"(?:(?P<first>{_FIRST})|(?P<last>{_LAST}))"
_FROM_EDGE = (
    r"\s+(?:off\s+|from\s+|of\s+|at\s+)+(?:the\s+)?(?:very\s+)?(?:(?P<first>start|beginning|front|head)"
    r"|(?P<last>end|back|tail)"
    r"|(?P<both>both (?:ends|sides)))\b"
)

_BOTH_EDGES = words(rf"{_CUT}\s*(?:the\s+)?first and (?:the\s+)?last\s*{_LENGTH}")
_OFF_EDGE = words(rf"{_CUT}\s*{_LENGTH}{_FROM_EDGE}")
_KEEP_RANGE = words(rf"{_KEEP}\s*(?:from|between|从)?\s*{RANGE}")
_CUT_RANGE = words(
    rf"{_CUT}\s*(?:from|between|从)?\s*{RANGE}|(?:从|把)?{RANGE.replace('<from>', '<zf>').replace('<to>', '<zt>')}"
    r"(?:的部分)?(?:剪掉|删掉|删除|去掉|移除)"
)
_SHORTEN_FROM = words(
    rf"\b(?:shorten|cut|reduce|trim){_IT}\s+from\s+(?P<a>{TIME}|{NUMBER})\s+(?:down\s+)?to\s+(?P<b>{TIME})"
)
_KEEP_EDGE = words(
    rf"(?:{_KEEP.replace('|trim|crop', '|take')}|{_CUT}\s+(?:down\s+)?to"
    rf"|\bonly)\s*(?:the\s+)?{_EDGE}\s*{_LENGTH}(?!\s+(?:out|off|away)\b)"
)
_CUT_EDGE = words(
    rf"(?:{_CUT}|\btake\b)\s*{_EDGE}\s*{_LENGTH}"
    rf"|(?:把)?(?:(?P<zfirst>{_FIRST})|(?P<zlast>{_LAST}))(?P<zt>{TIME})\s*(?:剪掉|删掉|删除|去掉|裁掉)"
)
_CUT_FROM_ON = words(
    rf"{_CUT}\s*(?:everything\s+|anything\s+|all\s+)?(?:(?P<after>after|past|beyond|from)|(?P<before>before"
    r"|until|till|up to))\s+"
    rf"(?P<t>{TIME})(?:\s+(?:on(?:wards?)?|to the end))?"
)
_KEEP_FROM_ON = words(
    rf"{_KEEP}\s*(?:everything\s+)?(?:(?P<after>after|past|from|starting (?:at|from))|(?P<before>before|until"
    rf"|till|up to))\s+(?P<t>{TIME})"
    rf"(?:\s+(?:on(?:wards?)?|to the end))?"
)
_START_AT = words(rf"\b(?:start|begin)(?:s|ning)?\b{_IT}\s+(?:at|from)\s+(?P<t>{TIME})")
_END_AT = words(rf"\b(?:end|stop|finish)(?:s|ing)?\b{_IT}\s+(?:at|after)\s+(?P<t>{TIME})")
_SHORTEN = words(
    rf"(?:\b(?:trim|cut|shorten|reduce|limit|bring)\b{_IT}\s+(?:down\s+)?(?:to|under|below|at)"
    r"|\bno longer than|\bat most|\b(?:a )?max(?:imum)? (?:length )?(?:of )?|\bunder|缩短到|剪到|剪成|缩短为|控制在)"
    rf"\s*(?:about\s+|only\s+|just\s+)?(?P<t>{TIME})(?:\s+(?:long|in length|or less))?"
    rf"|\b(?:make|be)\b{_IT}\s+(?P<u>{TIME})\s+(?:long|in length)\b|\b(?P<v>{TIME})\s+(?:version|cut)\b"
)
_CUT_VERB = words(
    r"\b(?:trim|shorten|make it shorter|cut(?! (?:to|for) (?:tik|reel|youtube)))\b(?:\s+(?:it|this|that|the|my"
    r"|video|clip"
    r"|footage|down|a bit|bit|a|little|some|parts?))*\s*(?=\0|$)"
    rf"|^[\s\0.,:]*{_CUT}\s*{TIME}[\s\0.,:]*$|^\s*(?:剪辑|剪切|剪短)(?:一下)?(?:视频|这个视频)?\s*$"
)

_MERGE = words(
    r"\b(?:merg(?:e|ing)|join|combin(?:e|ing)|concat(?:enate)?|stitch|splice|(?:put|glue|edit"
    r"|string) (?:\w+ ){0,4}?together|append"
    r"|one after (?:the other|another)|add (?:the )?(?:second|other|next|rest|remaining"
    r"|new)(?: of the)? (?:clips?|videos?|files?|footage))\b"
    r"(?:\s+(?:all|of|the|my|our|these|those|two|three|both|uploaded|clips?|videos?|files?|footage|them"
    r"|everything|together|into|in|one|a|single|video|"
    r"movie|film|up|order|to|end|at))*|合并|拼接|合成一个|连接起来|接在一起|拼在一起"
)


def read(clause: Clause) -> None:
    _read_cuts(clause)
    if merge := clause.take(_MERGE):
        clause.add(merge.start(), Merge())
    if not clause.found and (verb := clause.take(_CUT_VERB)):
        clause.add(verb.start(), Ask("cut"))


def _length(text: str) -> int:
    return {"second": 1000, "minute": 60_000}.get(text.strip().lower()) or milliseconds(text)


def _read_cuts(clause: Clause) -> None:
    if m := clause.take(_BOTH_EDGES):
        clause.add(m.start(), Cut(-_length(m["t"]), None), Cut(0, _length(m["t"])))
    if m := clause.take(_OFF_EDGE):
        length = _length(m["t"])
        if not m["first"]:
            clause.add(m.start(), Cut(-length, None))
        if not m["last"]:
            clause.add(m.start(), Cut(0, length))
    if m := clause.take(_SHORTEN_FROM) if _falls(clause) else None:
        clause.add(m.start(), Shorten(milliseconds(m["b"])))
    if m := clause.take(_KEEP_EDGE):
        length = _length(m["t"])
        clause.add(m.start(), Keep(0, length) if m["first"] else Keep(-length, None))
    while m := clause.take(_CUT_EDGE):
        length = _length(m["t"] or m["zt"])
        clause.add(m.start(), Cut(0, length) if m["first"] or m["zfirst"] else Cut(-length, None))
    if m := clause.take(_KEEP_RANGE):
        # "trim out 0:01 to 0:03" takes it out; "trim to 0:01-0:03" keeps it.
        out = words(r"^trim\b.*\b(?:out|off|away)\b").search(m[0])
        clause.add(m.start(), Cut(*span(m)) if out else Keep(*span(m)))
    while m := clause.take(_CUT_RANGE):
        named = m if m["from"] else words(RANGE).search(m[0])
        if named:
            clause.add(m.start(), Cut(*span(named)))
    if m := clause.take(_KEEP_FROM_ON):
        time = milliseconds(m["t"])
        clause.add(m.start(), Keep(time, None) if m["after"] else Keep(0, time))
    if m := clause.take(_CUT_FROM_ON):
        time = milliseconds(m["t"])
        clause.add(m.start(), Cut(time, None) if m["after"] else Cut(0, time))
    if m := clause.take(_SHORTEN):
        clause.add(m.start(), Shorten(milliseconds(m["t"] or m["u"] or m["v"])))
    if m := clause.take(_START_AT):
        clause.add(m.start(), Keep(milliseconds(m["t"]), None))
    if m := clause.take(_END_AT):
        clause.add(m.start(), Keep(0, milliseconds(m["t"])))


def _falls(clause: Clause) -> bool:
    """Whether two lengths are named ("cut it from 10 s to 5 s") and not a stretch ("cut from 5 s to 10 s")."""
    m = _SHORTEN_FROM.search(clause.text)
    return bool(m and ":" not in m[0] and milliseconds(m["a"]) > milliseconds(m["b"]))
