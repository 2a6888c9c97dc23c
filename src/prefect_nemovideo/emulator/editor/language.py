"""A sentence of instructions → operations, and what was not understood.

The sentence is taken apart into clauses ("…, then … and …"). Every clause is given to the readers, one for
each part of editing; each takes the words it understands. A clause that means nothing alone may go on with
the one before it ("…, for 3 seconds, at the bottom") or share its verb ("remove the title and the music").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from prefect_nemovideo.emulator.editor import cuts, fades, frame, picture, sound, speed, titles
from prefect_nemovideo.emulator.editor.beyond import BARE_EDIT, BEYOND, EXPORT, RESET, UNDO, VAGUE
from prefect_nemovideo.emulator.editor.choice import choose, unknown_name
from prefect_nemovideo.emulator.editor.clause import Clause, words
from prefect_nemovideo.emulator.editor.clauses import NOT_A_NOT, VERB, carried, clauses, negation
from prefect_nemovideo.emulator.editor.filler import is_filler, leftover, without_asides
from prefect_nemovideo.emulator.editor.numbers import RANGE, TIME, milliseconds, span
from prefect_nemovideo.emulator.editor.operations import (
    UHD_LONG,
    UHD_SHORT,
    AddMusic,
    Ask,
    Look,
    Only,
    Operation,
    Reframe,
    RemoveMusic,
    Reset,
    Resize,
    Speed,
    Volume,
)
from prefect_nemovideo.emulator.editor.quotes import lift, restore

# Longer instructions than this are not read to the end: nobody types them, and reading takes time.
MAX_CHARACTERS = 2000


@dataclass(frozen=True)
class Understanding:
    """What a sentence asks for, in its order; `unclear` quotes the clauses that were not understood."""

    operations: tuple[Operation, ...]
    unclear: tuple[str, ...] = ()
    declined: bool = False  # it asked for something not to be done
    export: bool = False  # it spoke of exporting, which is not an edit
    language: str = "en"


def understand(instruction: str, names: Sequence[str] = ()) -> Understanding:
    """Read an instruction.

    Args:
        names: The names of the uploads that it may choose from.

    Example:
        >>> understand("upscale this video to 4K and sharpen the details").operations
        (Resize(long_edge=3840, short_edge=2160), Look(key='sharpen', value=0.8, relative=False, span=None))
    """
    instruction = instruction[:MAX_CHARACTERS]
    choice = choose(instruction, names)
    chosen = [Only(choice.name)] if choice else []
    text, quotes = lift(choice.rest if choice else instruction)
    reading = _Reading(quotes)
    for joiner, clause in clauses(without_asides(text)):
        reading.add(joiner, clause)
    operations = [operation for clause in reading.read for operation in clause.operations]
    unclear = [part for clause in reading.read for part in clause.unclear]
    if not operations and not reading.declined:
        if BARE_EDIT.search(text):
            operations, unclear = [Ask("edit")], []
        elif VAGUE.search(text) and all(VAGUE.search(part) and not BEYOND.search(part) for part in unclear):
            # The service runs at 4K by default; that is what a wish without a detail gets.
            operations, unclear = [Resize(UHD_LONG, UHD_SHORT)], []
    if not chosen:
        chosen = [Only(name) for part in unclear if (name := unknown_name(part))][-1:]
        unclear = [part for part in unclear if not unknown_name(part)]
    said = text + (choice.lead if choice else "")
    return Understanding(
        (*chosen, *_tidied(operations)),
        tuple(restore(part, quotes) for part in unclear),
        reading.declined,
        EXPORT.search(text) is not None,
        "zh" if re.search("[\u4e00-\u9fff]", said) else "en",
    )


@dataclass
class _Read:
    """A clause that was read: its words as read, and what came out."""

    text: str
    operations: list[Operation]
    unclear: list[str]
    declined: bool = False


class _Reading:
    """The clauses read so far, the next of which may belong to the last."""

    def __init__(self, quotes: list[str]) -> None:
        self._quotes = quotes
        self.read: list[_Read] = []

    @property
    def declined(self) -> bool:
        return any(clause.declined for clause in self.read)

    def add(self, joiner: str, text: str) -> None:
        self.read.append(self._best(joiner, text))

    def _best(self, joiner: str, text: str) -> _Read:
        """The clause alone, or with the last one, or with the verb of the last one, whichever makes most sense."""
        this = self._one(text)
        last = self.read[-1] if self.read else None
        if last is None or is_filler(text):
            return this
        if this.operations and last.unclear and not last.operations:
            # "at the bottom, add “Sale”": what came first goes with what comes now.
            joined = self._one(f"{last.text} {text}")
            if joined.operations and not joined.unclear:
                return self._instead(joined)
        if VERB.match(text.lstrip()):
            return this
        if this.operations == [AddMusic()] or this.operations == [Ask("title")]:
            # "the music" alone is a wish for music, but not after "remove the title and".
            shared = self._shared(last, text)
            return shared if shared and (shared.operations or shared.declined) else this
        level = any(isinstance(op, AddMusic) for op in last.operations) and all(
            isinstance(op, Volume) for op in this.operations
        )
        if (this.operations and not level) or this.declined:
            return this
        joined = self._one(last.text + joiner + text)
        if this.operations:
            # "add music, volume 20%" means the music's.
            return self._instead(joined) if len(joined.operations) == len(last.operations) else this
        if joined.operations != last.operations and len(joined.unclear) <= len(last.unclear):
            return self._instead(joined)
        shared = self._shared(last, text)
        if shared and (shared.declined or any(not isinstance(op, Ask) for op in shared.operations)):
            return shared
        return this

    def _instead(self, joined: _Read) -> _Read:
        self.read.pop()
        return joined

    def _shared(self, last: _Read, text: str) -> _Read | None:
        verb = carried(last.text)
        if verb is None:
            return None
        return self._one(f"{verb} {text}" if verb.isascii() else verb + text)

    def _one(self, text: str) -> _Read:
        clause = Clause(NOT_A_NOT.sub(" ", text), self._quotes)
        beyond = clause.take(BEYOND)
        for reader in _READERS:
            reader(clause)
        turn = negation(clause.text)
        found = sorted(clause.found, key=lambda pair: pair[0])
        kept = [operation for at, operation in found if turn is None or at < turn]
        # "no titles" declines even what no reader knows, unless it comes after something else.
        declined = turn is not None and (len(kept) < len(found) or beyond is not None or is_filler(clause.text[:turn]))
        if declined:
            beyond = None
            clause.text = clause.text[:turn]
        kept = _with_span(clause, kept)
        if beyond:
            return _Read(text, kept, [beyond[0] if kept else text], declined)
        return _Read(text, kept, leftover(clause.text, alone=not (kept or declined)), declined)


def _read_return(clause: Clause) -> None:
    """Going back: to the first upload, or by a step, of which no history is kept."""
    if match := clause.take(RESET):
        clause.add(match.start(), Reset())
    elif match := clause.take(UNDO):
        clause.add(match.start(), Ask("undo"))


# In this order: what is quoted and named first, single words of the picture last.
_READERS = (
    titles.read,
    sound.read,
    fades.read,
    cuts.read,
    speed.read,
    frame.read,
    picture.read,
    _read_return,
)

_SPAN = words(rf"(?:\b(?:from|between|during)\s+|从)?{RANGE}(?:\s*之间)?")
_EDGE = words(
    rf"\b(?:(?:in|for|during|of)\s+)?(?:the\s+)?(?:(?P<first>first)|last)\s+(?P<t>{TIME}|second\b)"
    rf"|(?:(?P<zfirst>前)|最后|后)(?P<z>{TIME})"
)


def _with_span(clause: Clause, operations: list[Operation]) -> list[Operation]:
    """In "mute from 0:02 to 0:05", a stretch that no cut took limits what else was asked."""
    if not any(isinstance(operation, Look | Volume | Speed) for operation in operations):
        return operations
    if match := clause.take(_SPAN):
        where = span(match)
    elif match := clause.take(_EDGE):
        length = milliseconds(match["t"] or match["z"]) or 1000
        where = (0, length) if match["first"] or match["zfirst"] else (-length, None)
    else:
        return operations
    return [replace(op, span=where) if isinstance(op, Look | Volume | Speed) else op for op in operations]


def _tidied(operations: list[Operation]) -> list[Operation]:
    """Each wish once; of several sizes the last one counts, and new music takes the place of the old."""
    music = any(isinstance(operation, AddMusic) for operation in operations)
    sizes = [operation for operation in operations if isinstance(operation, Resize)]
    kept: list[Operation] = []
    for operation in operations:
        last = kept[-1] if kept else None
        if isinstance(operation, Reframe) and isinstance(last, Reframe) and operation.ratio is None and not last.fit:
            kept[-1] = replace(last, fit=operation.fit)  # "9:16, with a blurred background"
        elif operation in kept or (music and isinstance(operation, RemoveMusic)):
            continue
        elif not isinstance(operation, Resize) or operation == sizes[-1]:
            kept.append(operation)
    return kept
