"""Reading which upload is to have the timeline to itself: "use only b.mp4", "switch to clip2", "只用clip2.mp4".

This is read before anything else, and out of the sentence as it was typed: names of files hold spaces, commas,
quotes and words of edits, and only the uploads themselves tell where a name ends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from prefect_nemovideo.emulator.editor.quotes import QUOTATION

_LEAD = (
    r"(?:\b(?:(?:use|take|keep|edit)\s+(?:only|just)|(?:only|just)\s+(?:use|take|keep|edit)|switch(?:\s+over)?\s+to"
    r"|(?:continue|carry\s+on|go\s+on)\s+with|move\s+on\s+to"
    r"|(?:start|begin|make|create|open)\s+(?:over|again|afresh|fresh|from\s+scratch|(?:an?\s+|the\s+)?(?:new|fresh"
    r"|empty)\s+(?:timeline|video|project|edit))\s+(?:with|from|on|for|using))\s+"
    r"(?:(?:the|my|our)\s+)?(?:(?:clip|video|file|upload|footage|photo|picture|image)\s+)?(?:(?:called|named)\s+)?"
    r"|(?:只(?:使)?用|仅(?:使)?用|只(?:保留|留下?|要)|切换(?:到|成|为)|换到|改用|重新开始[,，]?\s*(?:使?用)?)"
    r"(?:视频|文件|素材|片段)?\s*)"
)
_LEAD_BEHIND = r"(?:\b(?:use|take|keep)\s+(?:(?:the|my|our)\s+)?|(?:用|以)(?:视频|文件|素材|片段)?\s*)"
_BEHIND = (
    r"(?:\s+(?:only|alone|on\s+its\s+own|by\s+itself)\b"
    r"|\s*(?:重新开始|开始(?:一[个条])?新的?(?:时间线|视频)|(?:新建|创建)(?:一[个条])?(?:新的?)?(?:时间线|视频)))"
)
_AFTER = r"(?:\s+(?:only|alone|now|instead|on\s+its\s+own|by\s+itself)\b)?"
_VISUAL = r"\.(?:mp4|mov|avi|webm|mkv|jpe?g|png|gif|webp)(?![A-Za-z0-9])"
# "use only “Sunset” as the music" chooses a song.
_NO_ROLE = r"(?!\s+(?:as|for)\b)"
# A name without its ending is a name only where the sentence may go on with something else: "clip2 and mute it".
_ENDS = (
    r"(?=\s*(?:$|[.,;:!?。，；：！？、\n]|(?:and|then|but|with|in|at|also|plus|only|alone|now|instead|on\s+its|by\s+itself)"
    r"\b|[\u4e00-\u9fff]))"
)
_NOT = re.compile(r"(?:n['’]?t|\bnot|\bnever|不要?|别)\s*$", re.I)
_UNKNOWN = re.compile(rf"\s*(?:{_LEAD})(?P<name>(?=[\d_-]*[^\W\d_])[\w-]+){_AFTER}\s*", re.I)


@dataclass(frozen=True)
class Choice:
    """The name of the chosen upload as it was said, and what the sentence says before and after it."""

    name: str
    lead: str
    rest: str


def choose(instruction: str, names: Sequence[str]) -> Choice | None:
    """The upload that a sentence chooses; of several, the last.

    Args:
        names: The names of the uploads that can be seen; any other name is taken too if it is quoted or ends
            like one of a video or picture.

    Example:
        >>> choose("Use only b.mp4. Upscale it to 4K", ["a.mp4", "b.mp4"])
        Choice(name='b.mp4', lead='Use only ', rest='. . Upscale it to 4K')
    """
    text = unicodedata.normalize("NFC", instruction)
    quoted = [match.span() for match in QUOTATION.finditer(text)]
    found: list[re.Match[str]] = []
    for match in _pattern(names).finditer(text):
        inside = any(start < match.start() and match.end() < end for start, end in quoted)
        if not inside and not _NOT.search(text[: match.start()]):
            found.append(match)
    if not found:
        return None
    rest, end = "", 0
    for match in found:
        rest += text[end : match.start()] + "."
        end = match.end()
    last = found[-1]
    name = next(value for key, value in last.groupdict().items() if key.startswith("name") and value)
    return Choice(name, last["lead"] or last["behind"], rest + " " + text[end:])


def unknown_name(clause: str) -> str | None:
    """The one word that a clause chooses ("switch to clip9"), where nobody could read it otherwise."""
    match = _UNKNOWN.fullmatch(clause)
    return match["name"] if match else None


def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    known = sorted({unicodedata.normalize("NFC", name) for name in names}, key=len, reverse=True)
    stems = [name.rpartition(".")[0] for name in known if name.rpartition(".")[0]]

    def named(group: str) -> str:
        whole, short = ("|".join(map(re.escape, some)) or "(?!)" for some in (known, stems))
        return (
            rf"(?:[\"'“‘「『«《](?P<name1{group}>{whole}|{short}|[^\"'”’」』»》\n]+)[\"'”’」』»》]"
            rf"|(?P<name2{group}>{whole})(?![A-Za-z0-9])"
            rf"|(?P<name3{group}>[^\s,;:!?，。；：！？、\"'“”]+{_VISUAL})"
            rf"|(?P<name4{group}>{short}){_ENDS}){_NO_ROLE}"
        )

    return re.compile(rf"(?P<lead>{_LEAD}){named('a')}{_AFTER}|(?P<behind>{_LEAD_BEHIND}){named('b')}{_BEHIND}", re.I)
