"""A sentence → clauses, and the words that hold clauses together or turn them round."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import words
from prefect_nemovideo.emulator.editor.numbers import NUMBER, TIME

_SEPARATOR = words(
    r"\s*(?:(?:,(?!\d{3}\b)|[;!?。、\n]|\.(?=\s|$))\s*(?:and\s+then|and\s+also|and|then|also|but|plus)?\b"
    r"|(?:,(?!\d{3}\b)|[;!?。、\n]|\.(?=\s|$))"
    r"|\b(?:and\s+then|and\s+also|and|then|also|plus|as\s+well\s+as|after\s+that|but|after\s+which)\b"
    r"|(?<=\s)[&+](?=\s)"
    r"|然后|接着|同时|并且|(?<!合)并(?!排)|以及|还有|(?<!饱)(?<!柔)和(?!度)|再(?!见)|最后(?=把|加|导))\s*"
)
# Words that hold a separator and are one thing.
_TOGETHER = words(
    rf"{TIME}|(?:\bbetween\s+|从)(?:{TIME}|{NUMBER})\s+and\s+(?:{TIME}|{NUMBER})"
    r"|\bblack\s+(?:and|&)\s+white\b|\bin\s+(?:and|&|then)\s+(?:fade\s+)?out\b|\bfirst and (?:the )?last\b"
    r"|\b(?:horizontally and vertically|left and right)\b|\band a half\b|\b[\w-]+\s?&\s?w\b"
)
_NOT = words(
    r"\b(?:do(?:es)?\s?n[o']?t|do not|does not|don'?t|never|without|no need to|not|no|avoid|instead of"
    r"|rather than|leave out)\b"
    r"|不要|(?<![特分个区])别(?!的)|不用|无需|不需要|不加|勿|不想"
)
# Negative in form only.
NOT_A_NOT = words(
    r"\b(?:why don'?t (?:you|we)|why not|don'?t forget to|do not forget to|don'?t hesitate to|not only|no problem"
    r"|no worries|never mind)\b"
)
VERB = words(
    r"\b(?:add|remove|delete|trim|cut|keep|drop|increase|decrease|reduce|raise|lower|boost|adjust|set|put"
    r"|insert|use"
    r"|make (?:it|the video|this)|change|turn|mute|sharpen|fade|rotate|flip|move|upscale|crop|merge|speed|slow"
    r"|export|save"
    r"|convert|apply|give it|normali[sz]e|translate|generate|create|replace|blur|stabili[sz]e|show|write|send"
    r"|download"
    r"|render|upload)\b|添加|加上?|去掉|删除|剪掉|提高|降低|增加|调高|调低|保留|导出|保存"
)


def clauses(text: str) -> list[tuple[str, str]]:
    """Clauses, each with the words that joined it to the one before.

    Example:
        >>> clauses("mute it, then fade in and out")
        [('', 'mute it'), (', then ', 'fade in and out')]
    """
    together = [match.span() for match in _TOGETHER.finditer(text)]
    found, joiner, start = [], "", 0
    for match in _SEPARATOR.finditer(text):
        if not match[0].strip() or any(a < match.end() and match.start() < b for a, b in together):
            continue
        found.append((joiner, text[start : match.start()]))
        joiner, start = match[0], match.end()
    found.append((joiner, text[start:]))
    return [(joiner, clause) for joiner, clause in found if clause.strip()]


def negation(text: str) -> int | None:
    """Where the clause turns into what is not wanted."""
    match = _NOT.search(text)
    return match.start() if match else None


def carried(text: str) -> str | None:
    """The verb of a clause with its negation, for a following clause that has none of its own."""
    verb = VERB.search(text)
    if not verb:
        return None
    turned = _NOT.search(text)
    return f"{turned[0]} {verb[0]}" if turned and turned.start() < verb.start() else verb[0]
