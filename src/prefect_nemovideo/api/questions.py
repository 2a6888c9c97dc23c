"""Does a reply ask or refuse, instead of editing? Consulted only when the timeline did not change. Pure."""

from __future__ import annotations

import re

from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.wording import mask, sentences

_I = re.IGNORECASE

_ASKS = re.compile(
    r"[?？]\s*[)”\"’*]*\s*$|(?:吗|呢|什么|哪个|哪些|哪一个|多少|怎么样)[。.]?\s*$"
    r"|^\W*(?:(?:but|so|first|before\s+\w+(?:\s+\w+)?)[,\s]+)*(?:please\s+|kindly\s+|could\s+you\s+|can\s+you\s+)?"
    r"(?:(?:tell|show|give|send)\s+me|specify|clarify|provide|describe|confirm|upload|share|let\s+me\s+know\s+(?:which|what|where|"
    r"when|how|who|whether|the))\b"
    r"|\bi(?:['’]d|\s+would)?\s+(?:just\s+)?need\s+(?:to\s+know|more\s+(?:information|details?)|you\s+to)\b"
    r"|请(?:先|您|你)*(?:告诉我|提供|说明|选择|指定|确认|上传|描述|补充)",
    _I,
)
"""A sentence that wants something from the reader."""

_COURTESY = re.compile(
    r"\b(?:anything|something|what)\s+else\b|\bany\s+(?:other|further|more|additional|changes|adjustments|tweaks|questions)\b"
    r"|\b(?:further|other|more)\s+(?:changes|adjustments|edits|tweaks)\b|\blet\s+me\s+know\s+if\b|\bhow\s+does\s+(?:it|that|this)\b"
    r"|\bwhat\s+do\s+you\s+think\b|\bhappy\s+with\b|\bsatisfied\b|\bhow\s+else\b|\bfeel\s+free\b|\bwhat(?:['’]s|\s+is)\s+next\b"
    r"|还有(?:什么|其他|别的)|还需要|其他(?:需要|要求|修改|帮助)|满意吗|觉得怎么样|您?觉得如何|(?:随时)?告诉我(?:即可|就好|吧)",
    _I,
)
"""Manners: a question that waits for no answer, whatever came before it."""

_OFFER = re.compile(
    r"\b(?:would\s+you\s+like|do\s+you\s+want|shall\s+(?:i|we)|should\s+(?:i|we)|want\s+(?:me\s+)?to|ready\s+to|can\s+i|may\s+i|"
    r"need\s+me\s+to)\b|(?:需要|要不要|是否|想不想|要).*(?:吗|导出|预览|下载|继续)",
    _I,
)
"""An offer to go on: no question after something was done, one when nothing was."""

_DONE = re.compile(
    r"\b(?:done|finished|completed?|all\s+set|i(?:['’]ve|\s+have)\s+\w+|(?:has|have)\s+been\s+\w+ed|(?:was|were|is\s+now|are\s+now)\s+"
    r"\w+|successfully|added|applied|trimmed|updated|removed|changed|upscaled)\b|已|完成|好了|成功|搞定",
    _I,
)

_REFUSES = re.compile(
    r"\b(?:i|we)(?:['’]m|\s+am|['’]re|\s+are)?(?:\s+(?:currently|still|really|simply|just|unfortunately))*\s+"
    r"(?:can['’]?t|cannot|can\s+not|unable\s+to|not\s+able\s+to|couldn['’]?t|could\s+not|won['’]t|not\s+allowed|"
    r"(?:don['’]t|do\s+not)\s+(?:support|have))\b"
    r"|\b(?:not|isn['’]t|aren['’]t|wasn['’]t)\s+(?:currently\s+|yet\s+|something\s+i\s+can\s+do|supported|possible|available|allowed)"
    r"|\b(?:unsupported|impossible)\b|\bunable\s+to\b|\bdo(?:es)?(?:n['’]t|\s+not)\s+support\b"
    r"|^\W*(?:sorry[,\s]+)?(?:can['’]t|cannot)\b|\bbeyond\s+(?:my|what)\b|\boutside\s+(?:of\s+)?(?:my|the\s+scope)\b"
    r"|无法|不支持|做不到|没办法|办不到|(?:我|系统|目前|暂时|现在|还|抱歉[，,]?)(?:还)?不能|不被支持|不可用|未能",
    _I,
)


def is_question(reply: str) -> bool:
    """The reply asks its reader something that it waits for, instead of editing.

    Manners at the end ("Anything else you'd like?") are none, nor is an offer after something was done
    ("Done. Would you like to export now?"), nor a question mark in a quoted title.

    Example:
        >>> is_question("Which clip should I trim? 1) intro.mp4 2) beach.mp4")
        True
    """
    told = [mask(simplified(sentence)).strip() for line in reply.split("\n") for sentence in sentences(line)]
    parts = [part for sentence in told for part in re.split(r"[,，;；]", sentence)]
    done = any(_DONE.search(part) and not _ASKS.search(part) for part in parts)
    for sentence in told:
        if _ASKS.search(sentence) and not _COURTESY.search(sentence) and not (done and _OFFER.search(sentence)):
            return True
    return False


def is_refusal(reply: str) -> bool:
    """The reply says that it can't or won't do what was asked.

    Example:
        >>> is_refusal("Sorry, I can't remove watermarks.")
        True
    """
    return any(
        _REFUSES.search(mask(simplified(sentence))) for line in reply.split("\n") for sentence in sentences(line)
    )
