"""What a person's sentence asks for, decided before anything is sent. Pure.

The grammar: quoted text never counts. The sentence is cut into clauses. A clause asks for an action only if *all*
its words belong to that action's vocabulary, after manners ("please", "can you", "帮我") are taken off, and its verb
comes first: "export the final video as mp4 please" does, "download festival text" and "the last export was too
dark" don't. A bare noun ("credits", "状态") asks only when nothing else in the sentence is an edit. A negated
clause ("don't export yet", "不要导出") asks for nothing, and says that nothing is to be exported yet. Traditional
characters are read as simplified ones. Clauses besides ("looks great", "my boss is waiting") don't
matter unless they hold an editing word; then the sentence is an edit, which may end in an export. A change that is
a condition of the export ("export it after lowering the volume") makes the whole sentence an edit. Files and
links that are handed over are an upload; what is said besides is the edit that follows. All else is an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from prefect_nemovideo.api.sources import handed_over
from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.vocabulary import CHANGED, EDITING, asked
from prefect_nemovideo.api.wording import MASK, mask

_CLAUSE = re.compile(
    r"[,;!?\n，。！？；、]+\s*|\.(?:\s+|$)|\s+[—–-]+\s+"
    r"|\s+(?:because|since|cause|so|but|when|once|after)\s+|(?:然后|接着|因为|但是?|所以)"
    r"|\s*(?:\b(?:and\s+then|and|then)|&)\s+(?:please\s+|then\s+|finally\s+)*(?=(?:export|download|render|save|send|give|show|check|tell)\b)"
    r"|(?<![别要用不])(?:并且?|再|最后)(?=导出|下载|输出)",
    re.IGNORECASE,
)
_RESOLUTION = re.compile(
    r"(?<![A-Za-z0-9])(?:4k|8k|2k|uhd|2160p?|1440p|1080p|full\s?hd|720p)(?![A-Za-z0-9])|超清|高清", re.IGNORECASE
)
_FORMAT = re.compile(r"(?<![A-Za-z0-9])\.?(mp4|mov|webm|mkv|avi|gif)(?![A-Za-z0-9])", re.IGNORECASE)
_SAME = {"uhd": "4k", "2160": "4k", "2160p": "4k", "超清": "4k", "fullhd": "1080p", "full hd": "1080p", "高清": "1080p"}
_SAYING = re.compile(
    r"\b(?:saying|says|reads|titled|called|about|text|caption|word|words)\b|写着|文字|标题|字幕", re.IGNORECASE
)
_NO_EXPORT = re.compile(
    r"(?:(?<!why )\b(?:don['’]?t|do\s+not)|\b(?:let['’]s\s+not|never|no\s+need\s+to|without|stop|cancel|hold))\s+"
    r"(?:(?:you|me|please|pls|yet|want|wish|like|need|to|have|ever|even|start|do|the|my|this|it|go|ahead|and|with)\s+){0,5}"
    r"(?:(?:export|download|render)(?:ing)?\b|send\s+(?:me\s+)?(?:it|the\s+video|the\s+file)\b)"
    r"|(?<![要用需能])(?:别|不要|不用|不必|无需|不需要|不想|不)(?:再|先|急着|马上|现在|立刻|直接|给我)?(?:导出|下载|输出)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"(?:after|once|when|but|unless|until|if)\b", re.IGNORECASE)
_OF_ONESELF = re.compile(r"\s*(?:i|we|you)\s+(?:export|download|render)\b", re.IGNORECASE)
_NOT_YET = re.compile(r"\s*(?:no|nope|not\s+(?:yet|now))\s*", re.IGNORECASE)


MAX_CHARACTERS = 2000
"""Nobody asks for an export, a balance or an upload at such length: a longer text is an edit."""


class Kind(StrEnum):
    """What is to be done."""

    EXPORT = "export"
    CREDITS = "credits"
    STATE = "state"
    UPLOAD = "upload"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Request:
    """One sentence, understood.

    Attributes:
        kind: What to do first.
        text: The sentence as it was said, without spaces around it.
        files: Paths and links to upload, in order.
        edit: The instruction to send: the sentence of an edit, or what is said besides an upload; "" for none.
        then_export: The sentence also asks for the export, after the edit, the upload or the look.
        resolution: Asked of the export: `4k`, `1080p`, …; None when not said.
        format: Asked of the export: `mp4`, …; None when not said.
        no_export: The sentence says that nothing is to be exported yet.
    """

    kind: Kind
    text: str
    files: tuple[str, ...] = ()
    edit: str = ""
    then_export: bool = False
    resolution: str | None = None
    format: str | None = None
    no_export: bool = False


def route(text: str) -> Request:
    """What a sentence asks for: export, credits, state, upload or edit.

    Example:
        >>> route("Looks great, export 4K MP4 please").kind, route("don't export yet").kind
        (<Kind.EXPORT: 'export'>, <Kind.EDIT: 'edit'>)
        >>> route("upload clip.mp4 and upscale it to 4K").edit
        'upscale it to 4K'
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        return Request(Kind.EDIT, text, edit=text)
    handed = handed_over(text)
    no_export = _forbids_export(handed.rest if handed.files else text)
    if not handed.files:
        kind, edit, then_export = _asked_for(text)
        if no_export and kind is Kind.EXPORT:
            kind, edit = Kind.EDIT, text
        then_export = then_export and not no_export
        return replace(_request(kind, text, (), edit, then_export), no_export=no_export)
    kind, edit, then_export = _asked_for(handed.rest) if handed.rest else (Kind.UPLOAD, "", False)
    if no_export and not _says_more(handed.rest):
        edit = ""
    then_export = (then_export or kind is Kind.EXPORT) and not no_export
    return replace(_request(Kind.UPLOAD, text, handed.files, edit, then_export), no_export=no_export)


def _forbids_export(text: str) -> bool:
    """Whether the last word on exporting is that it is not to be done yet."""
    masked = mask(simplified(text))
    forbids = False
    start = 0
    for end, following in [(cut.start(), cut.end()) for cut in _CLAUSE.finditer(masked)] + [(len(masked), len(masked))]:
        clause = masked[start:end]
        ask = asked(clause)
        if found := _NO_EXPORT.search(clause):
            forbids = forbids or not _is_open(masked[: start + found.start()])
        elif _NOT_YET.fullmatch(clause) and start:
            before = asked(masked[:start].rstrip(" ?？,，.。"))
            forbids = forbids or (before is not None and before.kind == "export")
        elif ask is not None and ask.kind == "export" and ask.has_verb:
            forbids = forbids and masked[:start].rstrip().endswith(("and", "or"))
        start = following
    return forbids


def _says_more(text: str) -> bool:
    """Whether a sentence holds anything besides that nothing is to be exported."""
    masked = mask(simplified(text))
    clauses = [clause.strip() for clause in _CLAUSE.split(masked)]
    return any(clause and (not _NO_EXPORT.search(clause) or EDITING.search(clause)) for clause in clauses)


def _request(kind: Kind, text: str, files: tuple[str, ...], edit: str, then_export: bool) -> Request:
    resolution = format_ = None
    if kind is Kind.EXPORT or then_export:
        # The edit's own "4K" is the agent's to read; only what is said of the export is a hint.
        said = mask(simplified(text.replace(edit, " ") if edit else text))
        for file in files:
            said = said.replace(simplified(file), " ")
        if match := _RESOLUTION.search(said):
            found = " ".join(match.group().casefold().split())
            resolution = _SAME.get(found, found)
        if match := _FORMAT.search(said):
            format_ = match[1].casefold()
    return Request(kind, text, files, edit, then_export, resolution, format_)


def _asked_for(text: str) -> tuple[Kind, str, bool]:
    """The kind, the edit to send ("" for none), and whether an export follows it."""
    masked = mask(simplified(text))
    pieces: list[tuple[int, int]] = []
    conditions: set[int] = set()
    start = 0
    for cut in _CLAUSE.finditer(masked):
        pieces.append((start, cut.start()))
        start = cut.end()
        if _CONDITION.match(cut.group().strip()) or _CONDITION.match(masked[start:]):
            conditions.add(start)
    pieces.append((start, len(masked)))
    if _CONDITION.match(masked):
        conditions.add(0)
    asks = [
        (a, b, None if a in conditions and _OF_ONESELF.match(masked[a:b]) else asked(masked[a:b]))
        for a, b in pieces
        if masked[a:b].strip()
    ]
    if any(ask for *_, ask in asks) and any(
        ask is None and a in conditions and CHANGED.search(masked[a:b]) for a, b, ask in asks
    ):
        # "export it after lowering the volume": only the editor knows how to, and what has to come before the export.
        return Kind.EDIT, text, False
    edits = [masked[a:b] for a, b, ask in asks if ask is None and EDITING.search(masked[a:b])]
    wanted = [ask for _, _, ask in asks if ask is not None and not (edits and not ask.has_verb)]
    if not wanted:
        return Kind.EDIT, text, False
    if not edits:
        first, *others = wanted
        exported = first.kind != "export" and any(ask.kind == "export" and ask.has_verb for ask in others)
        return Kind(first.kind), "", exported
    last_start, _, last = asks[-1]
    if last is not None and last.kind == "export" and last.has_verb and not _is_open(masked[:last_start]):
        before = pieces[[a for a, _ in pieces].index(last_start) - 1][1]
        return Kind.EDIT, text[:before].strip().rstrip(",;，；").strip(), True
    return Kind.EDIT, text, False


def _is_open(masked: str) -> bool:
    """Whether it speaks of a text without quoting one: what follows may belong to that."""
    return any(MASK not in masked[found.end() :] for found in _SAYING.finditer(masked))
