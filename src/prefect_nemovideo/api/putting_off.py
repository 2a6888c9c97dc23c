"""What a person says is not to be done yet: "don't export yet", "先别导出". Pure."""

from __future__ import annotations

import re

from prefect_nemovideo.api.asking import asked, is_manners
from prefect_nemovideo.api.spoken import is_open, spoken_clauses
from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.vocabulary import CHANGED, EDITING
from prefect_nemovideo.api.wording import mask

_NO_EXPORT = re.compile(
    r"(?:(?<!why )\b(?:don['’]?t|do\s+not)|\b(?:let['’]s\s+not|never|no\s+need\s+to|without|stop|cancel|hold))\s+"
    r"(?:(?:you|me|please|pls|yet|want|wish|like|need|to|have|ever|even|start|do|the|my|this|it|go|ahead|and|with)\s+){0,5}"
    r"(?:(?:export|download|render)(?:ing)?\b|send\s+(?:me\s+)?(?:it|the\s+video|the\s+file)\b)"
    r"|\b(?:export|download|render)(?:\s+(?:it|this|that|the|my|video|file))*\s+later\b"
    r"|(?:稍后|以后|晚点|晚些|等会儿?|待会儿?|过会儿?|一会儿?|回头|改天|明天)(?:我|你|您|们|自己)*(?:再|来)?(?:导出|下载|输出)"
    r"|(?<![要用需能])(?:别|不要|不用|不必|无需|不需要|不想|不)(?:再|先|急着|马上|现在|立刻|直接|给我)?(?:导出|下载|输出)",
    re.IGNORECASE,
)
_NOT_YET = re.compile(r"\s*(?:no|nope|not\s+(?:yet|now)|wait|还没有?好?|等一?下|等等|不)\s*", re.IGNORECASE)


def forbids_export(text: str) -> bool:
    """Whether the last word on exporting is that it is not to be done yet."""
    masked = mask(simplified(text))
    forbids = False
    for clause in spoken_clauses(masked):
        said = masked[clause.start : clause.end]
        ask = asked(said)
        if found := _NO_EXPORT.search(said):
            forbids = forbids or not is_open(masked[: clause.start + found.start()])
        elif _NOT_YET.fullmatch(said) and clause.start:
            before = asked(masked[: clause.start].rstrip(" ?？,，.。"))
            forbids = forbids or (before is not None and before.kind == "export")
        elif ask is not None and ask.kind == "export" and ask.has_verb:
            forbids = forbids and masked[: clause.start].rstrip().endswith(("and", "or"))
    return forbids


def says_more(text: str) -> bool:
    """Whether a sentence that forbids the export holds anything besides."""
    masked = mask(simplified(text))
    for clause in spoken_clauses(masked):
        said = masked[clause.start : clause.end]
        if EDITING.search(said) or CHANGED.search(said):
            return True
        ask = asked(said)
        is_of_exports = _NO_EXPORT.search(said) or _NOT_YET.fullmatch(said) or (ask and ask.kind == "export")
        if not (is_of_exports or is_manners(said)):
            return True
    return False
