"""What an English clause asks for: the words of exports, uploads, credits and the state. Pure.

Words are looked up in sets, one after another: no sentence, however long or odd, takes more steps than it has words.
"""

from __future__ import annotations

import re
from typing import Literal

from prefect_nemovideo.api.wording import MASK

Asked = tuple[Literal["export", "credits", "state", "upload"], bool]
"""The action, and whether it is asked for with a verb or a question; without, it is a bare noun."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_GREETINGS = _set(
    "ok okay yes yep yeah hi hey hello great good nice perfect thanks alright right well now then so and but also "
    "finally just please pls kindly quickly maybe"
)
_MANNERS = _GREETINGS | _set(
    "can could would will you we i'd i'm i i'll we'd let's let me want like need love wanna to go ahead try ready "
    "it's time may help am"
)
_COURTESY = _MANNERS | _set("thank wait a one moment second on not yet no there")

_THINGS = _set(
    "it this that them the my our a an all everything final finished edited current whole full new latest video "
    "videos movie clip footage film file files result results project cut version output copy edit master render link "
    "url one"
)
_WAYS = _set(
    "in as at to with from for into on of 4k 8k 2k uhd hd fhd 1080p 720p 1440p 2160p 2160 mp4 mov webm mkv avi gif "
    "h264 h.264 h265 h.265 hevc codec quality high higher highest best max maximum original resolution format size "
    "fps 24 25 30 50 60 ultra now again please pls plz me us here back computer laptop disk phone desktop folder "
    "youtube tiktok instagram reels asap immediately right away today when ready done you can could would thanks "
    "thank over so i watch share post upload it's its is"
)
_EXPORTING = _set("export re-export reexport exporting re-exporting download downloading render")
_IN_AN_EXPORT = _THINGS | _WAYS | _set("export download")
# "Save" alone is about the session ("edit this footage and save"); with a file it is an export.
_SAVED = _set("video movie clip film file result copy mp4 mov as disk")
_ALSO = _set("download export save send")
_BEFORE_A_NAME = _set("as to into called named")
_NAME = re.compile(r"\S*[^\s.]\.[a-z][a-z0-9]{1,3}")

_BRINGING = _set("send give hand email mail show get have deliver")
_BROUGHT = _set("video movie film clip file result download export exported output")
_IN_A_BRINGING = _THINGS | _WAYS | _set("download downloadable export exported")
_BEFORE_EXPORT_NOUN = _set("the my a an final video 4k mp4 hd")
_AFTER_EXPORT_NOUN = _set("4k mp4 please now link")

_IN_AN_UPLOAD = _set(
    "a an the my this these some new another raw video footage file clip image song music audio to here now please it "
    "more from computer laptop s3"
)

_CREDITS_NOUNS = _set("credit credits balance balances")
_ACCOUNT = _set("account billing")
_CREDITS_VERBS = _set("check show see get view know tell display print what is are how many much do have there any")
_IN_CREDITS = _set(
    "me my our the account billing current remaining available left nemo nemovideo i we you have has do does got many "
    "much any still about of in on for please now is are over remain total frozen status how what credit credits "
    "balance balances and again right there today yet thanks used so far cost"
)
_COSTS = _set("cost costs charge charged spend spent afford")
_PRICES = _set("cost costs charge charged")
_IN_A_COST = (
    _IN_CREDITS
    | _COSTS
    | _set(
        "enough out run ran running low am did will would can could was were had been be that this it use need take "
        "takes to export exporting render edit editing editor us anything something more another one last a an why "
        "which where find see gone"
    )
)

_STATE_NOUNS = _set("status state track tracks timeline progress draft")
_STATE_VERBS = _set(
    "check show see get view list display print tell give what is are does how many describe summarize summarise where"
)
_IN_STATE = _set(
    "me us my our the all current session project video edit editing render export status state track tracks timeline "
    "draft layer layers progress of on in for please now is are there summary look like it going so far again latest "
    "right and at this what we have got do does stand how as"
)
_READY = _set(
    "done finished finish ready complete completed rendered rendering exported saved work worked succeed succeeded "
    "failed running going along"
)
_LASTING = _set("long far")
_IN_A_QUESTION_OF_STATE = (
    _IN_STATE
    | _STATE_VERBS
    | _READY
    | _LASTING
    | _set("that everything movie film job i you has have was were did been be will yet still already soon to any")
    | _set("clips titles segments exporting download coming")
)
_COUNTED = _set("layers clips titles segments")
_STATUS_UPDATE = re.compile(
    r"\b(?:an?\s+)?(?:(?:quick|short|brief)\s+)?(status)(?:\s+(?:update|report|check))?\b", re.IGNORECASE
)
_ASKING = _set("check show see get view list display tell what how describe summarize summarise do have any know print")

_QUESTIONS = _set("did does is are am was were has had how what why where which")
_INDIRECT = _set("what which why where how")
_AUXILIARIES = _set("did does is are am was were has had")
_PREDICATES = _READY | _COSTS | _set("to be been")
_WISHES = _set("can could will would")
_ASKED_ABOUT = _set("i we it that this they there you")


def asked_in_english(bare: str) -> Asked | None:
    """What one clause asks for, when all its words belong to the asking; else None.

    Example:
        >>> asked_in_english("how many credits are left"), asked_in_english("make the credits roll slower")
        (('credits', True), None)
    """
    said = _after(_words(_STATUS_UPDATE.sub(r"\1", bare)), _GREETINGS)
    # "Can you" alone is all manners.
    words = _after(said, _MANNERS) or said
    if not words:
        return None
    if _exports(words) or _brings(words):
        return "export", True
    if words[0] in ("upload", "import") and all(_is_of(word, _IN_AN_UPLOAD) for word in words[1:]):
        return "upload", True
    if _names_an_export(words):
        return "export", False
    has_verb = not _ASKING.isdisjoint(words)
    is_question = _is_question(said)
    if _is_about_credits(words, has_verb) or (is_question and _asks_for_costs(said)):
        return "credits", has_verb or is_question
    if _is_about_the_state(words) or (is_question and _asks_how_far(said)):
        return "state", has_verb or is_question
    return None


def is_manners_in_english(bare: str) -> bool:
    """Whether a clause is nothing but manners: "thank you", "wait a moment"."""
    return all(word in _COURTESY for word in _words(bare))


def _words(bare: str) -> list[str]:
    """In small letters, without marks around them; "what's" is two."""
    words: list[str] = []
    for word in bare.casefold().replace("’", "'").split():
        stripped = word.strip(",.:;!?…~()*")
        two = stripped.endswith("'s") and stripped not in ("it's", "let's")
        words += [stripped[:-2], "is"] if two else [stripped] * bool(stripped)
    return words


def _after(words: list[str], before: frozenset[str]) -> list[str]:
    """The words behind those of a set."""
    count = next((index for index, word in enumerate(words) if word not in before), len(words))
    return words[count:]


def _is_of(word: str, words: frozenset[str]) -> bool:
    return word in words or word.removesuffix("s") in words


def _exports(words: list[str]) -> bool:
    verb, *rest = _to_the_verb(words)
    if verb == "save":
        if _SAVED.isdisjoint(rest) and not any(map(_NAME.fullmatch, rest)):
            return False
    elif verb not in _EXPORTING:
        return False
    return all(
        word in _IN_AN_EXPORT
        or _NAME.fullmatch(word)
        or (word == "and" and following in _ALSO)
        or (before == "and" and word in _ALSO)
        or (before in _BEFORE_A_NAME and set(word) == {MASK})
        for before, word, following in zip(["", *rest], rest, [*rest[1:], ""], strict=False)
    )


def _to_the_verb(words: list[str]) -> list[str]:
    """Without "how do I" and "start the" before it."""
    if words[0] in ("how", "where") and words[1:2] in (["do"], ["can"], ["could"]) and words[2:3] in (["i"], ["we"]):
        words = words[3:]
    if words and words[0] in ("start", "do", "confirm"):
        words = words[2:] if words[1:2] in (["the"], ["my"], ["an"]) else words[1:]
    return words or [""]


def _names_an_export(words: list[str]) -> bool:
    noun, *rest = _after(words, _BEFORE_EXPORT_NOUN) or [""]
    if noun == "download" and rest[:1] == ["link"]:
        rest = rest[1:]
    return noun in ("export", "download") and all(word in _AFTER_EXPORT_NOUN for word in rest)


def _brings(words: list[str]) -> bool:
    """As in "send me the video" and "where is my file"."""
    if words[0] in ("where", "what") and words[1:2] == ["is"]:
        rest = words[2:]
    elif words[0] in _BRINGING:
        rest = words[1:]
    else:
        return False
    has_noun = not _BROUGHT.isdisjoint(words) and _STATE_NOUNS.isdisjoint(words)
    return has_noun and all(word in _IN_A_BRINGING for word in rest)


def _is_about_credits(words: list[str], has_verb: bool) -> bool:
    if words[-3:] == ["left", "and", "right"]:
        return False
    has_noun = not _CREDITS_NOUNS.isdisjoint(words) or (has_verb and not _ACCOUNT.isdisjoint(words))
    return has_noun and all(word in _IN_CREDITS for word in _after(words, _CREDITS_VERBS))


def _is_about_the_state(words: list[str]) -> bool:
    return not _STATE_NOUNS.isdisjoint(words) and all(word in _IN_STATE for word in _after(words, _STATE_VERBS))


def _is_question(words: list[str]) -> bool:
    """As in "do I", "did that" and "can we"; not in "do the credits again" and "can you"."""
    first, second = (*words, "", "")[:2]
    if first in ("do", "have"):
        return second in _ASKED_ABOUT
    if first in _AUXILIARIES and second in _PREDICATES:
        # "… and was charged" tells something.
        return False
    if first in _INDIRECT and second in _ASKED_ABOUT:
        # "… and what it costs" is no question of its own.
        return False
    return first in _QUESTIONS or (first in _WISHES and second not in ("you", ""))


def _asks_for_costs(words: list[str]) -> bool:
    nouns = _CREDITS_NOUNS | _ACCOUNT | _COSTS
    if words[:2] in (["how", "much"], ["how", "many"]) and not _PRICES.isdisjoint(words):
        # "… to upscale a minute to 4K": whatever the price is asked for.
        return True
    return not nouns.isdisjoint(words) and all(word in _IN_A_COST or word[0].isdigit() for word in words)


def _asks_how_far(words: list[str]) -> bool:
    """As in "is it done", "how many tracks are there" and "how long is the video"."""
    nouns = _STATE_NOUNS | _READY
    if words[0] == "how":
        nouns |= _LASTING | (_COUNTED if words[1:2] == ["many"] else frozenset())
    return not nouns.isdisjoint(words) and all(word in _IN_A_QUESTION_OF_STATE for word in words)
