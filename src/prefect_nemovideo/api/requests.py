"""What a person's sentence asks for, decided before anything is sent. Pure.

The grammar: quoted text never counts. The sentence is cut into clauses. A clause asks for an action only if *all*
its words belong to that action's vocabulary, after manners ("please", "can you", "帮我") are taken off, and its verb
comes first: "export the final video as mp4 please" does, "download festival text" and "the last export was too
dark" don't. A bare noun ("credits", "状态") asks only when nothing else in the sentence is an edit. A negated
clause ("don't export yet", "不要导出") asks for nothing, and says that nothing is to be exported yet. Traditional
characters are read as simplified ones, and in a Chinese clause the tables' English words as Chinese ones. Clauses
besides ("looks great", "my boss is waiting") don't matter unless they hold an editing word; then the sentence is an
edit, which may end in an export and in looks at the timeline or the credits. A change that is a condition of the
export ("export it after lowering the volume") makes the whole sentence an edit. Files and links that are handed over
are an upload; what is said besides is the edit that follows. All else is an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile

from prefect_nemovideo.api.asking import Ask, all_asked
from prefect_nemovideo.api.putting_off import forbids_export, says_more
from prefect_nemovideo.api.sources import handed_over
from prefect_nemovideo.api.spoken import Clause, is_open, spoken_clauses
from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.vocabulary import CHANGED, EDITING, TOLD, WISHED
from prefect_nemovideo.api.wording import mask

_RESOLUTION = re.compile(
    r"(?<![A-Za-z0-9])(?:4k|8k|2k|uhd|2160p?|1440p|1080p|full\s?hd|720p)(?![A-Za-z0-9])|超清|高清", re.IGNORECASE
)
_FORMAT = re.compile(r"(?<![A-Za-z0-9])\.?(mp4|mov|webm|mkv|avi|gif)(?![A-Za-z0-9])", re.IGNORECASE)
_SAME = {"uhd": "4k", "2160": "4k", "2160p": "4k", "超清": "4k", "fullhd": "1080p", "full hd": "1080p", "高清": "1080p"}
_OF_ONESELF = re.compile(r"\s*(?:i|we|you)\s+(?:export|download|render)\b", re.IGNORECASE)
# "Once it is edited", said in Chinese: it waits for what is at work already.
_AT_WORK = re.compile(r"\s*(?:等|都|你|视频)*(?:编辑|剪辑?|修?改|做|调整?|生成|制作|处理)(?:好|完)(?:了|成)?\s*")
# "Show the credits" may be a wish for the end of the film; behind an edit a look has to be meant for the person.
_FOR_ONESELF = re.compile(
    r"\b(?:me|my|i|we|us|our|check|tell|how|what|left|balance|tracks?|timeline)\b|我|剩|余额|多少|查|轨道|时间[线轴]",
    re.IGNORECASE,
)

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
        looks: What it asks to see besides, credits or state: shown at the end.
        resolution: Asked of the export: `4k`, `1080p`, …; None when not said.
        format: Asked of the export: `mp4`, …; None when not said.
        no_export: The sentence says that nothing is to be exported yet.
        asks_nothing: It says only that: there is nothing to do or to send.
    """

    kind: Kind
    text: str
    files: tuple[str, ...] = ()
    edit: str = ""
    then_export: bool = False
    looks: tuple[Kind, ...] = ()
    resolution: str | None = None
    format: str | None = None
    no_export: bool = False
    asks_nothing: bool = False


def route(text: str) -> Request:
    """What a sentence asks for: export, credits, state, upload or edit.

    Example:
        >>> route("Looks great, export 4K MP4 please").kind, route("don't export yet").asks_nothing
        (<Kind.EXPORT: 'export'>, True)
        >>> route("upload clip.mp4 and upscale it to 4K").edit
        'upscale it to 4K'
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        return Request(Kind.EDIT, text, edit=text)
    handed = handed_over(text)
    if text and not handed.rest and not handed.files:
        return Request(Kind.EDIT, text, edit=text, asks_nothing=True)
    said = handed.rest if handed.files else text
    found = _asked_for(said) if said or not handed.files else Request(Kind.UPLOAD, "")
    no_export = forbids_export(said)
    if no_export:
        found = _without_export(found, said)
    if handed.files:
        looks = (found.kind, *found.looks) if found.kind in (Kind.CREDITS, Kind.STATE) else found.looks
        found = replace(
            found,
            kind=Kind.UPLOAD,
            edit="" if found.asks_nothing else found.edit,
            then_export=found.then_export or found.kind is Kind.EXPORT,
            looks=looks,
            asks_nothing=False,
        )
    return _with_hints(replace(found, text=text, files=handed.files, no_export=no_export))


def _without_export(found: Request, said: str) -> Request:
    """What is left of a sentence that says that nothing is to be exported."""
    if found.kind is Kind.EXPORT:
        found = Request(Kind.EDIT, said, edit=said, looks=found.looks)
    asks_nothing = found.kind is Kind.EDIT and not found.looks and not says_more(said)
    return replace(found, then_export=False, asks_nothing=asks_nothing)


def _with_hints(request: Request) -> Request:
    """With what is said of the export's size and format."""
    if not (request.kind is Kind.EXPORT or request.then_export):
        return request
    # The edit's own "4K" is the agent's to read; only what is said of the export is a hint.
    said = mask(simplified(request.text.replace(request.edit, " ") if request.edit else request.text))
    for file in request.files:
        said = said.replace(simplified(file), " ")
    resolution = format_ = None
    if match := _RESOLUTION.search(said):
        found = " ".join(match.group().casefold().split())
        resolution = _SAME.get(found, found)
    if match := _FORMAT.search(said):
        format_ = match[1].casefold()
    return replace(request, resolution=resolution, format=format_)


@dataclass(frozen=True, slots=True)
class _Read:
    """A clause with what it asks for; `is_edit` where it changes the video instead."""

    clause: Clause
    said: str
    asks: list[Ask]

    @property
    def is_edit(self) -> bool:
        return not self.asks and bool(EDITING.search(self.said)) and not _AT_WORK.fullmatch(self.said)

    @property
    def may_follow_an_edit(self) -> bool:
        """Whether it is surely no part of the edit before it."""
        kinds = {ask.kind for ask in self.asks if ask.has_verb}
        return bool(kinds) and (kinds == {"export"} or ("upload" not in kinds and bool(_FOR_ONESELF.search(self.said))))


def _read(masked: str) -> list[_Read]:
    read: list[_Read] = []
    for clause in spoken_clauses(masked):
        said = masked[clause.start : clause.end]
        if said.strip():
            is_told = clause.is_condition and _OF_ONESELF.match(said)
            read.append(_Read(clause, said, [] if is_told else all_asked(said)))
    return read


def _asked_for(text: str) -> Request:
    """The kind, the edit to send, whether an export follows it, and what is to be looked at."""
    masked = mask(simplified(text))
    read = _read(masked)
    whole = Request(Kind.EDIT, text, edit=text)
    waits_for_a_change = any(not one.asks and one.clause.is_condition and CHANGED.search(one.said) for one in read)
    if waits_for_a_change and any(one.asks for one in read):
        # "export it after lowering the volume": only the editor knows how to, and what has to come before the export.
        return whole
    if any(one.is_edit for one in read) or _is_wished_before_an_export(read):
        return _edit_and_more(text, masked, read) or whole
    asks = [ask for one in read for ask in one.asks]
    if not asks:
        return whole
    first, *others = asks
    exported = first.kind != "export" and any(ask.kind == "export" and ask.has_verb for ask in others)
    return Request(Kind(first.kind), text, then_export=exported, looks=_looks(others, but=first.kind))


def _is_wished_before_an_export(read: list[_Read]) -> bool:
    """Whether a clause before the export names a change without a verb: "a bit louder, then export"."""
    before = takewhile(lambda one: not one.asks, read)
    exported = any(ask.kind == "export" and ask.has_verb for one in read for ask in one.asks)
    wishes = [one.said for one in before if WISHED.search(one.said) and not one.clause.is_condition]
    return exported and any(not TOLD.search(said) for said in wishes)


def _edit_and_more(text: str, masked: str, read: list[_Read]) -> Request | None:
    """An edit, then what the last clauses ask for; None where only the editor can tell them apart."""
    count = next((number for number, one in enumerate(reversed(read)) if not one.may_follow_an_edit), 0)
    if not count:
        return None
    asks = [ask for one in read[-count:] for ask in one.asks]
    before = read[-count - 1].clause.end
    if is_open(masked[: read[-count].clause.start]):
        return None
    edit = text[:before].strip().rstrip(",;，；").strip()
    exported = any(ask.kind == "export" for ask in asks)
    return Request(Kind.EDIT, text, edit=edit, then_export=exported, looks=_looks(asks))


def _looks(asks: list[Ask], but: str = "") -> tuple[Kind, ...]:
    """The looks among what is asked for, each once."""
    return tuple(dict.fromkeys(Kind(ask.kind) for ask in asks if ask.kind in ("credits", "state") and ask.kind != but))
