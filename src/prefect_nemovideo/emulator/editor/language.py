"""A sentence of instructions → operations, and what was not understood.

The sentence is taken apart into clauses ("…, then … and …"). Every clause is given to the readers, one for
each part of editing; each takes the words it understands. A clause that means nothing alone may go on with
the one before it ("…, for 3 seconds, at the bottom") or share its verb ("remove the title and the music").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from . import cuts, frame, picture, sound, titles
from .clause import QUOTE, TAKEN, Clause, words
from .filler import is_filler, leftover, without_asides
from .numbers import RANGE, TIME, span
from .operations import UHD_LONG, UHD_SHORT, Ask, Look, Operation, Resize, Speed, Volume

# Longer instructions than this are not read to the end: nobody types them, and reading takes time.
MAX_CHARACTERS = 4000


@dataclass(frozen=True)
class Understanding:
    """What a sentence asks for, in its order; `unclear` quotes the clauses that were not understood."""

    operations: tuple[Operation, ...]
    unclear: tuple[str, ...] = ()
    declined: bool = False  # it asked for something not to be done
    export: bool = False  # it spoke of exporting, which is not an edit
    language: str = "en"


_QUOTATION = re.compile(
    r"\"(?P<a>[^\"\n]*)(?:\"|$)|“(?P<b>[^”\n]*)(?:”|$)|「(?P<c>[^」]*)」|『(?P<d>[^』]*)』|«(?P<e>[^»]*)»|《(?P<f>[^》]*)》"
    r"|(?<!\w)'(?P<g>(?:[^'\n]|'(?=\w))+)'(?!\w)|(?<!\w)‘(?P<h>(?:[^’\n]|’(?=\w))+)’(?!\w)"
)
_WIDE = str.maketrans("，；：！？（）％＋０１２３４５６７８９　’", ",;:!?()%+0123456789 '")
_HAN = re.compile(r"[\u4e00-\u9fff]")

_SEPARATOR = words(
    r"\s*(?:(?:,(?!\d{3}\b)|[;!?。、\n]|\.(?=\s|$))\s*(?:and\s+then|and\s+also|and|then|also|but|plus)?\b"
    r"|\b(?:and\s+then|and\s+also|and|then|also|plus|as\s+well\s+as|after\s+that|but|after\s+which)\b|(?<=\s)[&+](?=\s)"
    r"|然后|接着|同时|并且|(?<!合)并(?!排)|以及|还有|(?<!饱)(?<!柔)和(?!度)|再(?!见)|最后(?=把|加|导))\s*"
)
# Words that hold a separator and are one thing.
_TOGETHER = words(
    rf"{RANGE}|{TIME.replace('(?P<', '(?:(?#')}|\bblack\s+(?:and|&)\s+white\b|\bin\s+(?:and|&|then)\s+(?:fade\s+)?out\b|\bfirst and (?:the )?last\b"
    r"|\b(?:horizontally and vertically|left and right)\b|\band a half\b|\b[\w-]+\s?&\s?w\b|在?结尾和开头"
)
_NOT = words(
    r"\b(?:do(?:es)?\s?n[o']?t|do not|does not|don'?t|never|without|no need to|not|no|avoid|nothing|instead of|rather than|leave out)\b"
    r"|不要|(?<![特分个区])别(?!的)|不用|无需|不需要|不加|勿|不想"
)
_NOT_A_NOT = words(
    r"\b(?:why don'?t (?:you|we)|why not|don'?t forget to|do not forget to|don'?t hesitate to|not only|no problem|no worries|never mind)\b"
)
_VERB = words(
    r"\b(?:add|remove|delete|trim|cut|keep|drop|increase|decrease|reduce|raise|lower|boost|adjust|set|put|insert|use|make (?:it|the video|this)"
    r"|change|turn|mute|sharpen|fade|rotate|flip|move|upscale|crop|merge|speed|slow|export|save|convert|apply|give it|normali[sz]e|translate"
    r"|generate|create|replace|blur|stabili[sz]e|show|write|send|download|render|upload)\b"
    r"|添加|加上?|去掉|删除|剪掉|提高|降低|增加|调高|调低|保留|导出|保存"
)
_EXPORT = words(r"\b(?:export(?:ing)?|download|render|send me|deliver)\b|导出|下载|输出")
_VAGUE = words(
    r"\b(?:edit|convert|process|transform|enhance|improve|polish|touch up|optimi[sz]e|clean up|prepare|better|professional|upgrade)\b"
    r"[^\0]*?\b(?:videos?|footage|clips?|recordings?|movies?|films?|it|quality|look(?:s|ing)?|this)\b|\b(?:look|looks) (?:better|good|great|professional|nicer)\b"
    r"|(?:剪辑|编辑|处理|优化|美化|转换)(?:一下)?(?:我的|这个|这段|原始)*(?:视频|素材|片段)"
)
_BARE_EDIT = words(r"^\W*(?:please\s+)?(?:edit|convert|enhance|improve|process|编辑|剪辑)\W*$")
# Making pictures out of nothing, or out of what is said in them, is another service; nothing in it is an edit.
_BEYOND = words(
    r"\b(?:generat\w+|create|imagine|produce|make)\s+(?:me\s+|us\s+)?(?:an?|some|new|the)?\s*(?:[\w-]+\s+){0,3}?(?:videos?|clips?|movies?|films?|images?|pictures?|scenes?|animations?|shots?)"
    r"\s+(?:of|about|showing|with|where|in which|from)\b.*$|\bgenerat\w+\b.*$|\b(?:remove|replace|change|delete|swap|erase) (?:the |my |its )?(?:video )?background\b(?!\s*(?:music|song|track|audio|sound)).*$"
    r"|\bgreen ?screen\b.*$|\b(?:translat\w+|dub(?:bed|bing)?|transcri\w+|narrat\w+|voice-?\s?overs?|stabili[sz]\w+|lip-?sync\w*|watermark\w*)\b.*$"
    r"|\b(?:auto(?:matic(?:ally)?)?|generated?)[ -](?:sub)?(?:titles?|captions?)\b.*$|\b(?:cross-?\s?fades?|transitions?)\b.*$"
    r"|\b(?:reverse|backwards?|zoom(?:ing)?(?! to fill)|pan)\b.*$|\bblur(?:ring)?\b(?!\s*(?:red|ry)?\s*(?:the\s+)?(?:background|sides|bars|edges|borders|behind|copy|fill)).*$"
    r"|\b(?:background|wind|audio|mic(?:rophone)?) noise\b.*$|生成.*$|翻译.*$|配音.*$|去除?背景(?!音).*$|抠图.*$|倒放.*$|转场.*$|稳定画面.*$|防抖.*$|水印.*$"
)


def understand(instruction: str) -> Understanding:
    """Read an instruction.

    Example:
        >>> understand("upscale this video to 4K and sharpen the details").operations
        (Resize(long_edge=3840, short_edge=2160), Look(key='sharpen', value=0.8, relative=False, span=None))
    """
    text, quotes = _lift_quotes(instruction[:MAX_CHARACTERS])
    language = "zh" if _HAN.search(text) else "en"
    reading = _Reading(quotes)
    for joiner, clause in _clauses(without_asides(text)):
        reading.add(joiner, clause)
    operations = [operation for clause in reading.read for operation in clause.operations]
    unclear = [_restored(part, quotes) for clause in reading.read for part in clause.unclear]
    if not operations and not unclear and not reading.declined:
        if words(_BARE_EDIT.pattern).search(text):
            operations = [Ask("edit")]
        elif _VAGUE.search(text):
            # The service runs at 4K by default; that is what a wish without a detail gets.
            operations = [Resize(UHD_LONG, UHD_SHORT)]
    return Understanding(
        tuple(_in_order(operations)), tuple(unclear), reading.declined, bool(_EXPORT.search(text)), language
    )


@dataclass
class _Read:
    """A clause that was read: its words as read, and what came out."""

    text: str
    operations: list[Operation]
    unclear: list[str]
    declined: bool = False


class _Reading:
    def __init__(self, quotes: list[str]) -> None:
        self._quotes = quotes
        self.read: list[_Read] = []

    @property
    def declined(self) -> bool:
        return any(clause.declined for clause in self.read)

    def add(self, joiner: str, text: str) -> None:
        this = self._one(text)
        last = self.read[-1] if self.read else None
        if this.operations or this.declined or last is None or is_filler(text):
            self.read.append(this)
            return
        if not _VERB.match(text) and (last.operations or last.declined):
            joined = self._one(last.text + joiner + text)
            if joined.operations != last.operations and len(joined.unclear) <= len(last.unclear):
                self.read[-1] = joined
                return
        verb = _carried(last.text)
        if verb and not _VERB.match(text):
            carried = self._one(f"{verb} {text}")
            if (carried.operations and not _asks(carried.operations)) or carried.declined:
                self.read.append(carried)
                return
        self.read.append(this)

    def _one(self, text: str) -> _Read:
        clause = Clause(_NOT_A_NOT.sub(" ", text), self._quotes)
        beyond = clause.take(_BEYOND)
        for reader in (titles, sound, cuts, frame, picture):
            reader.read(clause)
        negation = _NOT.search(clause.text)
        found = sorted(clause.found, key=lambda pair: pair[0])
        kept = [(at, op) for at, op in found if not negation or at < negation.start()]
        operations = _with_span(clause, [op for _at, op in kept])
        declined = len(kept) < len(found)
        if negation and (declined or beyond):
            beyond = None if beyond and beyond.start() > negation.start() else beyond
            clause.text = clause.text[: negation.start()]
            declined = True
        unclear = [beyond[0]] if beyond else []
        unclear += leftover(clause.text, alone=not operations and not declined and not beyond)
        return _Read(text, operations, unclear, declined)


def _carried(text: str) -> str | None:
    """The verb of a clause with its negation, for a following clause that has none of its own."""
    verb = _VERB.search(text)
    if not verb:
        return None
    negation = _NOT.search(text)
    return f"{negation[0]} {verb[0]}" if negation and negation.start() < verb.start() else verb[0]


def _asks(operations: list[Operation]) -> bool:
    return any(isinstance(operation, Ask) for operation in operations)


_SPAN = words(rf"(?:\b(?:from|between|during)\s+|从)?{RANGE}(?:\s*之间)?")


def _with_span(clause: Clause, operations: list[Operation]) -> list[Operation]:
    """ "mute from 0:02 to 0:05": a stretch that no cut took limits what else was asked."""
    limited = [op for op in operations if isinstance(op, Look | Volume | Speed)]
    if not limited or not (match := clause.take(_SPAN)):
        return operations
    where = span(match)
    return [replace(op, span=where) if isinstance(op, Look | Volume | Speed) else op for op in operations]


def _in_order(operations: list[Operation]) -> list[Operation]:
    """Without repetitions; of several sizes the last one counts."""
    sizes = [op for op in operations if isinstance(op, Resize)]
    kept: list[Operation] = []
    for operation in operations:
        if operation in kept or (isinstance(operation, Resize) and operation != sizes[-1]):
            continue
        kept.append(operation)
    return kept


def _lift_quotes(instruction: str) -> tuple[str, list[str]]:
    quotes: list[str] = []

    def lift(match: re.Match[str]) -> str:
        quotes.append(next(text for text in match.groups() if text is not None).strip())
        return f" {chr(0xE000 + len(quotes) - 1)} "

    plain = re.sub(f"{QUOTE}|{TAKEN}", " ", instruction)
    return _QUOTATION.sub(lift, plain).translate(_WIDE), quotes


def _restored(text: str, quotes: list[str]) -> str:
    lifted = re.sub(QUOTE, lambda char: f'"{quotes[ord(char[0]) - 0xE000]}"', text.replace(TAKEN, " "))
    return re.sub(r"\s+", " ", lifted).strip(" ,.;")


def _clauses(text: str) -> list[tuple[str, str]]:
    """Clauses, each with the words that joined it to the one before."""
    together = [match.span() for match in _TOGETHER.finditer(text)]
    clauses, joiner, start = [], "", 0
    for match in _SEPARATOR.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in together) or not match[0].strip():
            continue
        clauses.append((joiner, text[start : match.start()]))
        joiner, start = match[0], match.end()
    clauses.append((joiner, text[start:]))
    return [(joiner, clause) for joiner, clause in clauses if clause.strip()]
