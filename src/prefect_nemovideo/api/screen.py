"""Which clauses talk to somebody in front of a screen, and what they want. The words of `replies`. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from prefect_nemovideo.api.screen_chinese import TELLS_IN_CHINESE, wanted_in_chinese
from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.vocabulary import EDITING
from prefect_nemovideo.api.wording import MASK, mask

_Meaning = tuple[Literal["export", "state", "summary", "credits", "edit"], str]

_Q = f"{MASK}+"
_I = re.IGNORECASE

# Nothing is given back of the words before a verb: a row of them could be read in many ways.
_LEAD = (
    r"(?:(?:and|or|then|now|next|first|finally|please|just|simply|alternatively|also|otherwise|so|kindly)[,\s]+)*+"
    r"(?:you(?:['’]ll|\s+will)?\s+(?:can|may|could|should|must|might|need\s+to|have\s+to|want\s+to)\s+"
    r"|(?:feel\s+free|go\s+ahead|make\s+sure|be\s+sure|remember|try|don['’]t\s+forget)\s+(?:to|and)\s+)?"
    r"(?:(?:also|now|then|please|just|simply|always|either)\s+)*+"
)
_PART = (
    r"(?:buttons?|icon|tab|menu|option|link|check\s?box|toggle|slider|tool\s?bar|drop-?down|panel|side\s?bar|settings|"
    r"inspector|window|dashboard|(?:media\s+)?library|page|corner)\b"
)
_LABEL = (
    r"(?:export|download|save|share|preview|play|undo|redo|split|apply|generate|render|upload|import|settings|done|next|"
    r"ok|confirm|account|billing|upgrade|credits|timeline|continue|start)\b"
)
_THE = r"(?:(?:the|your|that|this|an?|any|on|it|here|each)\b|" + _Q + ")"

# "Click Here is now the title" is about the title.
_CLICK = re.compile(
    rf"{_LEAD}(?:(?:double|right|left)[- ])?(?:click|tap)\b(?:\s+on\b)?\s*"
    rf"(?:{_THE}|{_LABEL}|\S+\s+{_PART})(?!\s+(?:is|are|was|were|has|have|had)\b)",
    _I,
)
# What is written on a button is a name, or what it does: "Click Trim", "press Split".
_NAMED = re.compile(
    rf"(?i:{_LEAD}(?:(?P<click>click|tap)(?:\s+on)?|press|hit|select|choose))\s+"
    r"(?P<label>[A-Z][\w&/-]*(?:\s+[A-Z&][\w&/-]*){0,3}|[a-z]+)"
    r"(?=\s*[.!]*$|\s+(?:to|when|whenever|once|in|at|on|from)\s)"
)
_ARROW = re.compile(r">|→|›|»")
_GOING = ("go", "open", "navigate", "head", "switch", "visit", "access")
_PATH = re.compile(
    rf"{_LEAD}(?P<verb>click|tap|choose|select|use|go\s+to|open|navigate\s+to|head\s+(?:over\s+)?to)\s+(?:on\s+)?"
    rf"(?:the\s+|your\s+)?(?:[\w&-]+\s+){{0,2}}[\w&{MASK}-]+\s*(?:>|→|›|»|➜|➔|->|=>)\s*\S",
    _I,
)
_PRESS = re.compile(
    rf"{_LEAD}(?:(?:press|hit)\s+{_Q}|(?:press|hit|select|choose|pick|use|find|locate|look\s+for)\s+(?:the\s+|your\s+)?"
    rf"(?:(?:[\w'-]+\s+|{_Q}\s*){{0,4}}?{_PART}|{_LABEL}(?=\s*(?:$|[.!,;]|to\b|in\b|at\b|on\b|when\b|and\b))))",
    _I,
)
_OPEN = re.compile(
    rf"{_LEAD}(?P<verb>open|go\s+to|navigate\s+to|head\s+(?:over\s+)?to|switch\s+to|visit|access)\s+(?:up\s+)?(?:the\s+|your\s+)?"
    rf"(?:{_Q}|(?:[\w'/-]+\s+){{0,4}}?(?:{_PART}|editor\b|timeline\b|workspace\b))",
    _I,
)
_ACCOUNT = re.compile(
    rf"{_LEAD}(?:check|open|visit|go\s+to|see|review|manage|view|head\s+to|navigate\s+to|log\s+in\s+to|top\s+up[\w\s]*?\bin)"
    r"\s+(?:the\s+|your\s+)?(?:[\w'/-]+\s+){0,3}?[\w/]*(?:account|billing|subscription|credits?|balance)\b",
    _I,
)
_DRAG = re.compile(
    rf"{_LEAD}(?:drag(?:(?:\s+(?:and|&)\s+|[-/&]|\s*/\s*)drop)?\s+(?:it|them|the|your|this|that|an?|any|each|one|both|clips?|files?|{_Q})"
    rf"(?:\b|(?={_Q})|$)|drop\s+(?:it|them|the|your|this|that|an?)\b.*\b(?:onto|into|here|(?:on|in)\s+the)\b)",
    _I,
)
_PREVIEW = re.compile(
    rf"{_LEAD}(?:preview|watch|view|see|review|play|check)\b[^.]{{0,50}}?\b(?:in|on|from|along)\s+(?:the\s+|your\s+)?"
    rf"(?:\w+\s+)?(?:timeline|preview|player)\b|{_LEAD}(?:check|see|view|look\s+at)\s+(?:the|your)\s+timeline\b",
    _I,
)
_EXPORT = re.compile(
    rf"{_LEAD}(?:export|download|save)(?:\s+(?:it|the|your|this|final|finished|edited|video|clip|file|result|movie|project|"
    r"now|here|as|an?|in|at|on|mp4|4k|from|using|with|via|by|clicking|pressing|export|button|menu|tool\s?bar|top|right|left|upper|"
    r"upper-right|top-right|corner|panel|whenever|when|you|you['’]re|are|ready|anytime|any|time))*\s*[.!]*\s*$",
    _I,
)
_EXPORT_BUTTON = re.compile(
    r"(?:the|an?)\s+(?:\S+\s+)?(?:export|download)\s+button\s+(?:(?:is|sits|appears)\s+(?:(?:located|right|just|always|now)\s+)*"
    r"(?:in|at|on|above|below|under|near|next|here|there|available)\b|can\s+be\s+found\b|will\b)"
    r"|you(?:['’]ll|\s+will|\s+can)?\s+(?:find|see)\s+(?:the|an?)\s+(?:\S+\s+)?(?:export|download)\s+button\b",
    _I,
)
_PASSIVE = re.compile(
    r".*\bcan\s+(?:now\s+)?be\s+(?P<what>previewed|viewed|seen|exported|downloaded)\s+"
    r"(?:in|on|with|via|using|from|by|through)\s+(?:the|your|clicking)\b",
    _I,
)

_CONTENT = re.compile(r"(?:i|i['’]ve|we|we['’]ve)\b", _I)
_SUBJECT = r"(?:i|i['’]ve|we|we['’]ve|it|it['’]s|the|your|this|that|there|both|all|each|everything)\b"
# "Now" leads up to an instruction, and "now the music is softer" tells something.
_LEADING_UP = re.compile(
    r"(?:to|when|whenever|once|if|for|after|before|as\s+soon|otherwise|alternatively|or|scroll|hover|look)\b"
    rf"|(?:then|now|next|first|finally|and)\b(?!\s+{_SUBJECT})"
    r"|(?:如果|如需|当|若|然后|接着|要|想|为了|最后|完成后|之后|准备好)|[^，。]{0,12}的话\s*[，、]?\s*$",
    _I,
)
# The video's own things may be at the top as well.
_OF_THE_VIDEO = re.compile(
    rf"(?:(?:and|but|so|where|in\s+which)\s+)?(?:the|your|both|all|each)\s+(?!(?:[\w-]+\s+){{0,2}}{_PART})\w"
    r"|(?:我|视频|片段|标题|音乐|字幕|它|所有)",
    _I,
)
_TELLS = re.compile(
    rf"(?:(?:and|but|so|where|in\s+which)\s+)?{_SUBJECT}|已|.*(?:\d|\b(?:is|are|was|were|has|have|had)\b)", _I
)
# Where a button is: it belongs to the instruction before it, though it is a whole sentence.
_WHERE = re.compile(
    r"\b(?:top|bottom|upper|lower|(?:right|left)[- ]hand|corner|tool\s?bar|menu|panel|button|side\s?bar|screen|tab)\b",
    _I,
)
_BREAK = re.compile(
    r"(?<!\s)\s*+[,;]\s+|(?<!\s)\s++[—–-]\s+|(?<!\s)\s*+[，；、]\s*"
    r"|(?<!drag)(?<!click)(?<!\s)\s++(?=(?:and|then|or)\s+(?:then\s+|please\s+|you\s+can\s+|now\s+)*+(?:click|tap|press|hit|drag|drop|open|go\s+to|preview|export|"
    r"download|check|visit|select|choose|pick|navigate|set|adjust|change|increase|decrease|lower|raise|reduce|move|apply|turn)\b)"
    r"|(?=(?:并且?|然后|再|接着)(?:点击|拖[拽动放到入至进](?!了)))",
    _I,
)


_PICTURES = "\u2190-\u27bf\ufe0f\u200d\U0001f000-\U0001faff"
_DRESS = re.compile(rf"[\s*_>(（{_PICTURES}]+")
_TRAIN = re.compile(rf"(?<![\s*_)）{_PICTURES}])[\s*_)）{_PICTURES}]++$")
_COLON = re.compile(r"[^:：]+(?::\s+|：\s*)")


def clauses(sentence: str) -> list[str]:
    """The sentence cut at commas, before instructions and behind their colons; joined it is the sentence again."""
    masked = mask(sentence)
    cuts = [0, *(match.end() for match in _BREAK.finditer(simplified(masked))), len(sentence)]
    parts: list[str] = []
    for a, b in pairwise(cuts):
        colon = _COLON.match(masked, a, b)
        end = colon.end() if colon and meaning(sentence[a : colon.end()].rstrip(":： ")) else a
        parts += [sentence[c:d] for c, d in ((a, end), (end, b)) if d > c]
    return parts


_ENDS = ".!。！,，;； "
_PART_OF_A_SCREEN = re.compile(_PART, _I)
# What is to be done behind an opened panel, and what is to be chosen of an export.
_SETS = re.compile(
    r"(?:(?:and|then|or|please|now)\s+)*(?:set|adjust|change|increase|decrease|lower|raise|reduce|move|apply|turn)\s+"
    r"(?:the|your|its|this|that|it|up|down|an?)\b|(?:然后|再|并|就|请)*(?:将|把)[^，。已了]*[调设改移降升][^，。已了]*[。.！\s]*$",
    _I,
)
_CHOOSES = re.compile(r"(?:(?:and|then|or|please|now)\s+)*(?:choose|select|pick)\b|(?:然后|再|并|就|请)*选择", _I)


def goes_on_with_it(clause: str) -> bool:
    """Whether a clause behind an instruction goes on with it, as in "click Export, choose 4K"."""
    return bool(_CHOOSES.match(simplified(mask(undressed(clause)))))


def setting(clause: str) -> str:
    """The edit that a clause behind an instruction asks for: "set the volume to 35%"; else ""."""
    bare = undressed(clause)
    masked = simplified(mask(bare))
    if not _SETS.match(masked) or _PART_OF_A_SCREEN.search(masked):
        return ""
    return re.sub(rf"^{_LEAD}|^(?:然后|再|并|就|请)+", "", bare, flags=_I).rstrip(_ENDS)


def leads_up(clause: str) -> bool:
    """Whether a clause only leads up to an instruction: "to download it", "when you are ready"."""
    return bool(_LEADING_UP.match(undressed(clause)))


def tells(clause: str, *, behind_colon: bool = False) -> bool:
    """Whether a clause behind an instruction tells something of its own: not "top right" behind "click Export"."""
    masked = mask(undressed(clause))
    if _OF_THE_VIDEO.match(simplified(masked)):
        return True
    if _WHERE.search(masked):
        return False
    return bool(behind_colon or _TELLS.match(masked) or TELLS_IN_CHINESE.match(simplified(masked)))


def undressed(clause: str) -> str:
    """Without the pictures, arrows and brackets around it, or the stars of one that is emphasized as a whole."""
    masked = mask(clause)
    dress, train = _DRESS.match(masked), _TRAIN.search(masked)
    bare = clause[dress.end() if dress else 0 : train.start() if train else None]
    is_strong = bare.startswith("**") and bare.endswith("**") and bare.count("**") == 2
    return bare[2:-2] if is_strong else bare


def meaning(clause: str) -> _Meaning | None:
    """What a clause asks of somebody at a screen, with the text of an edit; None when it is about the video."""
    bare = undressed(clause)
    masked = simplified(mask(bare))
    if _CONTENT.match(masked):
        return None
    if chinese := wanted_in_chinese(masked):
        kind, label = chinese
        if kind == "button":
            return _pressed(bare, masked, label)
        return ("edit", _instruction(bare, masked)) if kind == "drag" else (kind, "")
    if _ACCOUNT.match(masked):
        return "credits", ""
    if _DRAG.match(masked):
        return "edit", _instruction(bare, masked)
    if _PREVIEW.match(masked):
        return "summary", ""
    return _of_a_button(bare, masked)


def _of_a_button(bare: str, masked: str) -> _Meaning | None:
    if path := _PATH.match(masked) or (_ARROW.search(bare) and _OPEN.match(masked)):
        kind, text = _pressed(bare, masked)
        # What a menu is opened for is not known: it is a place to look at.
        is_place = kind == "edit" and path["verb"].split()[0].casefold() in _GOING
        return ("state", "") if is_place else (kind, text)
    if _CLICK.match(masked) or _PRESS.match(masked):
        return _pressed(bare, masked)
    named = _NAMED.match(masked)
    if named and ((named["click"] and named["label"][0].isupper()) or EDITING.fullmatch(named["label"])):
        return _pressed(bare, masked, named["label"])
    if _EXPORT.match(masked) or _EXPORT_BUTTON.match(masked):
        return "export", ""
    if passive := _PASSIVE.match(masked):
        return ("export" if passive["what"].casefold() in ("exported", "downloaded") else "summary"), ""
    return ("state", "") if _OPEN.match(masked) else None


def _pressed(bare: str, masked: str, label: str = "") -> _Meaning:
    """A button is known by what is written on it or near it."""
    written = simplified(bare)
    if re.search(r"\b(?:export|download|render|save)\b|导出|下载|渲染|保存", written, _I):
        return "export", ""
    if re.search(
        r"\b(?:account|billing|credits?|upgrade|top\s+up|subscri\w+)\b|账户|账单|积分|余额|充值|升级", written, _I
    ):
        return "credits", ""
    if re.search(r"\b(?:preview|play|watch)\b|预览|播放", written, _I):
        return "summary", ""
    if re.search(
        r"\b(?:panel|tab|menu|settings|library|timeline|inspector)\b|面板|菜单|设置|素材库|选项卡|时间[线轴]",
        written,
        _I,
    ):
        return "state", ""
    return "edit", _instruction(bare, masked, label)


def _instruction(bare: str, masked: str, label: str = "") -> str:
    """What to send as an edit: what the button is for, else what is written on it, else the clause."""
    purpose = re.search(r"\bto\s+(?=[a-z])(?!the\b|your\b|a\b|track\b)(.+)$|(?:来|以便?)(.+)$", masked)
    quoted = re.search(_Q, masked)
    if _is_a_drag(masked):
        said = re.sub(rf"^{_LEAD}", "", bare, flags=_I)
        said = re.sub(r"^(?:请|您|你|可以|现在|然后|接着)+", "", said)
    elif purpose:
        said = bare[purpose.start(1) if purpose.group(1) else purpose.start(2) :]
    elif quoted:
        said = bare[quoted.start() : quoted.end()].strip("[]【】「」『』“”\"'`*《》‘’")
    else:
        said = label or re.sub(rf"^{_LEAD}", "", bare, flags=_I)
    return said.strip().rstrip(_ENDS)


def _is_a_drag(masked: str) -> bool:
    chinese = wanted_in_chinese(masked)
    return bool(_DRAG.match(masked)) or (chinese is not None and chinese[0] == "drag")
