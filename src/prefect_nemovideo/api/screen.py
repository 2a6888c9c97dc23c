"""Which clauses talk to somebody in front of a screen, and what they want. The words of `replies`. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.wording import MASK, mask

_Meaning = tuple[Literal["export", "state", "summary", "credits", "edit"], str]

_Q = f"{MASK}+"
_I = re.IGNORECASE

_LEAD = (
    r"(?:(?:and|or|then|now|next|first|finally|please|just|simply|alternatively|also|otherwise|so|kindly)[,\s]+)*"
    r"(?:you(?:['’]ll|\s+will)?\s+(?:can|may|could|should|must|might|need\s+to|have\s+to|want\s+to)\s+"
    r"|(?:feel\s+free|go\s+ahead|make\s+sure|be\s+sure|remember|try|don['’]t\s+forget)\s+(?:to|and)\s+)?"
    r"(?:(?:also|now|then|please|just|simply|always|either)\s+)*"
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

_CLICK = re.compile(
    rf"{_LEAD}(?:(?:double|right|left)[- ])?(?:click|tap)\b(?:\s+on\b)?\s*(?:{_THE}|{_LABEL}|\S+\s+{_PART})", _I
)
_PRESS = re.compile(
    rf"{_LEAD}(?:press|hit|select|choose|pick|use|find|locate|look\s+for)\s+(?:the\s+|your\s+)?"
    rf"(?:(?:[\w'-]+\s+|{_Q}\s*){{0,4}}?{_PART}|{_LABEL}(?=\s*(?:$|[.!,;]|to\b|in\b|at\b|on\b|when\b|and\b)))",
    _I,
)
_OPEN = re.compile(
    rf"{_LEAD}(?:open|go\s+to|navigate\s+to|head\s+(?:over\s+)?to|switch\s+to|visit|access)\s+(?:up\s+)?(?:the\s+|your\s+)?"
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
    r"(?:the|an?)\s+(?:\S+\s+)?(?:export|download)\s+button\s+(?:is|sits|can\s+be\s+found|appears|will)\b", _I
)
_PASSIVE = re.compile(
    r".*\bcan\s+(?:now\s+)?be\s+(?P<what>previewed|viewed|seen|exported|downloaded)\s+"
    r"(?:in|on|with|via|using|from|by|through)\s+(?:the|your|clicking)\b",
    _I,
)

_ZH_LEAD = (
    r"(?:请|您|你|可以|可|现在|然后|接着|再|直接|只需|需要|也|就|先|最后|并|同时|如需|麻烦|能|以|已经?可以?|随时)*"
)
_ZH_LABEL = (
    r"(?:导出|下载|预览|播放|保存|分享|撤销|重做|分割|应用|生成|渲染|上传|导入|设置|完成|确定|确认|下一步|"
    r"账户|账单|升级)"
)
_ZH_CLICK = re.compile(
    rf"{_ZH_LEAD}(?:点击|单击|双击|点按|轻点|点选|按下|选择)"
    rf"(?:{_Q}|{_ZH_LABEL}(?!音效|声|后|时|完)|[^，。]*?(?:按钮|图标|选项卡?|菜单|右上角|左上角|右侧|左侧|上方|下方|这里|此处))"
)
_ZH_OPEN = re.compile(
    rf"{_ZH_LEAD}(?:打开|进入|前往|切换到|展开)(?:{_Q}|[^，。]*?(?:面板|菜单|设置|侧边栏|素材库|媒体库|窗口|页面|选项卡|"
    r"标签页|时间线|时间轴|编辑器|工作区))"
)
_ZH_DRAG = re.compile(rf"{_ZH_LEAD}(?:(?:将|把)[^，。]*?)?(?:拖拽|拖动|拖放|拖到|拖入|拖至|拖进)(?!赛)")
_ZH_PREVIEW = re.compile(
    rf"{_ZH_LEAD}(?:在|到|从)(?:时间线|时间轴|播放器|预览窗口)(?:上|中|里|内)?[^，。]*?(?:预览|查看|观看)"
    rf"|{_ZH_LEAD}预览[^，。]*?时间[线轴]|{_ZH_LEAD}(?:查看|看看)时间[线轴]"
)
_ZH_EXPORT = re.compile(
    rf"{_ZH_LEAD}(?:使用|用|通过)?[^，。已]{{0,6}}?"
    rf"导出(?:按钮|您的|你的|最终|成品|视频|影片|文件|项目|了|为|成|4K|MP4|{_Q}|[\s即可吧！!。.])*$",
    _I,
)
_ZH_ACCOUNT = re.compile(
    rf"{_ZH_LEAD}(?:查看|检查|前往|打开|进入|登录|确认|去)[^，。]*?(?:账户|账号|帐户|账单|余额|积分|充值|订阅)"
)

# What is told not to be done, what can't be, and what the editor says of itself: no instruction, whatever verb follows.
_ZH_CONTENT = re.compile(
    r"(?:请|您|你|先|现在|目前|暂时|还|也|但是?|视频|影片)*"
    r"(?:不要|勿|别|不能|无法|不可以?|不必|不用|无需|未|没有?|稍后|正在|将为|将会|会|我|系统|为您|为你|已(?!经?可))"
)

_CONTENT = re.compile(r"(?:i|i['’]ve|we|we['’]ve)\b", _I)

ADVERBIAL = re.compile(
    r"(?:to|when|whenever|once|if|then|for|after|before|now|next|first|finally|otherwise|alternatively|as\s+soon|or|and)\b"
    r"|(?:如果|如需|当|若|然后|接着|要|想|为了|最后|完成后|之后|准备好)",
    _I,
)
"""How a clause begins that only leads up to an instruction: "to download it", "when you are ready"."""

SUBJECT = re.compile(
    r"(?:(?:and|but|so)\s+)?(?:i|i['’]ve|we|we['’]ve|it|it['’]s|the|your|this|that|there|both|all|each|everything)\b"
    r"|(?:我|视频|片段|标题|音乐|字幕|已|它|所有)",
    _I,
)
"""How a clause begins that tells something of its own, so that it stays after an instruction too."""

_BREAK = re.compile(
    r"\s*[,;]\s+|\s+[—–-]\s+|\s*[，；、]\s*"
    r"|(?<!drag)(?<!click)\s+(?=(?:and|then|or)\s+(?:then\s+|please\s+|you\s+can\s+|now\s+)*(?:click|tap|press|hit|drag|drop|open|go\s+to|preview|export|"
    r"download|check|visit|select|choose|navigate)\b)",
    _I,
)


def clauses(sentence: str) -> list[str]:
    """The sentence cut at commas and before instructions; joined it is the sentence again."""
    masked = mask(sentence)
    cuts = [0, *(match.end() for match in _BREAK.finditer(masked)), len(sentence)]
    return [sentence[a:b] for a, b in pairwise(cuts) if b > a]


def meaning(clause: str) -> _Meaning | None:
    """What a clause asks of somebody at a screen, with the text of an edit; None when it is about the video."""
    bare = clause.strip()
    masked = simplified(mask(bare).strip())
    if _CONTENT.match(masked) or _ZH_CONTENT.match(masked):
        return None
    if _ACCOUNT.match(masked) or _ZH_ACCOUNT.match(masked):
        return "credits", ""
    if _DRAG.match(masked) or _ZH_DRAG.match(masked):
        return "edit", _instruction(bare, masked)
    if _PREVIEW.match(masked) or _ZH_PREVIEW.match(masked):
        return "summary", ""
    if _CLICK.match(masked) or _PRESS.match(masked) or _ZH_CLICK.match(masked):
        return _pressed(bare, masked)
    if _EXPORT.match(masked) or _EXPORT_BUTTON.match(masked) or _ZH_EXPORT.match(masked):
        return "export", ""
    if passive := _PASSIVE.match(masked):
        return ("export" if passive["what"].casefold() in ("exported", "downloaded") else "summary"), ""
    if _OPEN.match(masked) or _ZH_OPEN.match(masked):
        return "state", ""
    return None


def _pressed(bare: str, masked: str) -> _Meaning:
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
    return "edit", _instruction(bare, masked)


def _instruction(bare: str, masked: str) -> str:
    """What to send as an edit: what the button is for, else what is written on it, else the clause."""
    purpose = re.search(r"\bto\s+(?=[a-z])(?!the\b|your\b|a\b|track\b)(.+)$|(?:来|以便?)(.+)$", masked)
    quoted = re.search(_Q, masked)
    if _DRAG.match(masked) or _ZH_DRAG.match(masked):
        said = re.sub(rf"^{_LEAD}", "", bare, flags=_I)
        said = re.sub(r"^(?:请|您|你|可以|现在|然后|接着)+", "", said)
    elif purpose:
        said = bare[purpose.start(1) if purpose.group(1) else purpose.start(2) :]
    elif quoted:
        said = bare[quoted.start() : quoted.end()].strip("[]【】「」『』“”\"'`*《》‘’")
    else:
        said = bare
    return said.strip().rstrip(".!。！,， ")
