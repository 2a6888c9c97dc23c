"""A person's sentence, cut into clauses; and whether it is in the middle of a text that it does not quote. Pure.

All of it reads a masked text, in which nothing quoted is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prefect_nemovideo.api.wording import MASK

_I = re.IGNORECASE

_SPACE = r"(?<!\s)\s++"
_CUT = re.compile(
    rf"[,;!?\n，。！？；、]+\s*|\.(?:\s+|$)|{_SPACE}[—–-]+\s+"
    rf"|{_SPACE}(?:because|since|cause|so|but|when|once|after)\s+|(?:然后|接着|因为|但是?|所以)"
    rf"|(?:{_SPACE})?(?:\b(?:and\s+then|and|then)|&)\s+(?:please\s+|then\s+|finally\s+)*"
    r"(?=(?:export|download|render|save|send|give|show|check|tell)\b)"
    # Not in 稍后导出, which is "later".
    r"|(?<![\s,;，。！？；、稍今随过以之])(?<!^)(?:之后|以后|完后|完|后)(?:再|就|直接|马上|立即)?\s*(?=导出|下载|输出)"
    r"|(?<![别要用不后点些会儿头天])(?:并且?|再|最后)(?=导出|下载|输出)",
    _I,
)
_CONDITION = re.compile(r"(?:after|once|when|but|unless|until|if)\b", _I)

# "Make the caption bigger" speaks of one that is there; what follows "add the caption" may be the text of it, unless
# it is the place.
_BEFORE_A_TEXT = re.compile(
    r"\b(?:saying|says|reads|titled|called|about)\b|写着|内容|叫做?"
    r"|(?:文字|标题|字幕|名字|名称|文案)[^,，。；;]{0,6}(?:改|换|变)[成为](?=[^,，。；;]*$)"
    r"|\b(?:add|write|insert|type|include|display|overlay|show)\b[^,;.!?\n]{0,60}?\b(?:text|captions?|words?)"
    r"(?:\s+(?:text|overlays?|tracks?|box(?:es)?|animations?|layers?))*"
    r"\s+(?!(?:and|but|then|or|at|in|on|to|into|onto|for|from|over|under|above|below|near|across|after|before|during|"
    r"text|overlays?|tracks?|box(?:es)?|animations?|layers?)\b)(?=\w|\ue000)"
    r"|(?:添加|加上?|加入|写上?|插入|放上?|打上|配上?)[^,，。;；\n]{0,12}?(?:文字|标题|字幕)"
    r"(?!\s*(?:[,，。;；]|[到在于并再后完和吧了]|然后|之后|以后|最后|效果|轨道|样式|动画|$))",
    _I,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """From where to where it goes, without what joins it to the others; `next` is where the one after it begins."""

    start: int
    end: int
    next: int
    is_condition: bool


def spoken_clauses(masked: str) -> Iterator[Clause]:
    """The clauses of a sentence, in order; one of "once it is done, export it" is a condition."""
    start, joint = 0, ""
    for cut in [*_CUT.finditer(masked), None]:
        end, following = cut.span() if cut else (len(masked), len(masked))
        is_condition = bool(_CONDITION.match(joint) or _CONDITION.match(masked[start:end]))
        yield Clause(start, end, following, is_condition)
        start, joint = following, cut.group().strip() if cut else ""


def is_open(masked: str) -> bool:
    """Whether it speaks of a text without quoting one: what follows may belong to that."""
    return any(MASK not in masked[found.start() :] for found in _BEFORE_A_TEXT.finditer(masked))
