"""A backend's sentence → what it means without a screen. Pure.

The backend believes that somebody sits in front of its editor. `translate` takes the talk of buttons and panels
out and tells what it asks for; what describes the video stays, to the letter. A clause is screen talk only when it is
an instruction (it begins with the verb, after "please", "you can now" and the like) *about* a part of a screen; so
"the door opens at 0:03" and "a drag race" stay.
So does what is told beside an instruction ("open the Audio panel, where the volume is now 35%") and what is listed as
content ("I added these titles:"). What stands around an instruction goes with it: a picture, "Step 1:", brackets. All
edits of a reply are one instruction, since a reply is carried out once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from prefect_nemovideo.api.questions import is_question, is_refusal
from prefect_nemovideo.api.screen import clauses, goes_on_with_it, leads_up, meaning, setting, tells, undressed
from prefect_nemovideo.api.traditional import simplified
from prefect_nemovideo.api.wording import mask, sentences

__all__ = ["Action", "ActionKind", "Translated", "is_announcement", "is_question", "is_refusal", "translate"]

ActionKind = Literal["export", "state", "summary", "credits", "edit"]

_I = re.IGNORECASE
_BULLET = re.compile(r"\s*(?:[-*•·]|\d{1,2}[.)、])\s*")
# "Step 1: click Export": gone with the instruction behind it.
_LABEL = re.compile(
    r"[\s*_>(（\u2190-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]*(?:(?:(?:step|option)\s*#?\d+|next(?:\s+steps?)?|then|now|finally|first|"
    r"second|third|last(?:ly|\s+step)?|(?:pro\s+|quick\s+)?tips?|note|hint|reminder|important|optional(?:ly)?|fyi|p\.?s\.?|"
    r"(?:how\s+|when\s+ready\s+)?(?:to\s+)?(?:export|download|save|preview)(?:ing)?(?:\s+it)?)\s*:(?:\*\*|__)?\s+"
    r"|(?:第[一二三四五六七八九十\d]+步|步骤\s*[一二三四五六七八九十\d]+|下一步|接下来|(?:小|温馨)?提示|小贴士|注意|备注|最后|导出|预览|下载)\s*[:：]\s*)",
    _I,
)
_ASIDE = re.compile(r"(?<!\s)\s*+[(（]([^()（）]*)[)）]")
_LISTS_CONTENT = re.compile(
    r"(?!.*\b(?:steps?|how|options?|instructions?)\b)(?:(?:i|i['’]ve|we|we['’]ve)\b.*"
    r"|.*\b(?:titles?|captions?|subtitles?|texts?|words|lines|lyrics|labels?|names?|scenes?|shots?|chapters?|changes|edits)\b.*):\s*\**\s*$"
    r"|(?!.*(?:步骤|如何|怎样|操作|方法))(?:我.*|.*(?:标题|字幕|文字|文案|文本|台词|章节|场景|镜头|改动|修改|更改).*)[:：]\s*$",
    _I,
)
# "Select the clip and drag it": the clip is what is dragged.
_TAKES = re.compile(
    r"(?:(?:then|now|and|please|just)\s+)*(?:select|choose|pick|grab|hold|click|tap|go\s+to|move\s+(?:the\s+)?(?:playhead|cursor))\b|(?:请|先|再|然后)*(?:点击|单击|选择|选中|点选|按住|长按)",
    _I,
)
_THEN = re.compile(r"^(?:(?:then|now|and|please|just)\s+|然后|再|接着|并)+", _I)
# "Narration: open the door": a text of the video, not an instruction.
_QUOTES = re.compile(
    r"[\s\-*•]*(?:(?:the|new|on-screen|opening|closing)\s+)*(?:titles?|captions?|subtitles?|text|narration|voice-?over|lyrics|dialogue)"
    r"(?:\s+\w+)?\s*:\s|\s*(?:标题|字幕|文字|文案|旁白|台词|歌词)\s*[:：]",
    _I,
)
_LINK = re.compile(r"(?:where|in\s+which|and|but|so)\s+|(?:其中|并且?|而且?)", _I)
_ENDS = " \t,，;；、:：—–-"


@dataclass(frozen=True, slots=True)
class Action:
    """What a reply asks a person to do. `text` is the instruction of an `edit`, else empty."""

    kind: ActionKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Translated:
    """A reply without its screen talk, and what that asked for: in order, each once."""

    text: str
    actions: tuple[Action, ...] = ()


def translate(reply: str) -> Translated:
    """Split a reply into content and what it asks for.

    Example:
        >>> translate("Title added. Click the Export button to download it.")
        Translated(text='Title added.', actions=(Action(kind='export', text=''),))
    """
    kept: list[str] = []
    actions: list[Action] = []
    lists_content = False
    for line in reply.split("\n"):
        bullet = _BULLET.match(line)
        if line.strip() and not bullet:
            lists_content = _introduces_content(line)
        if lists_content and bullet:
            kept.append(line)
        else:
            start = bullet.end() if bullet else 0
            content = "".join(_without_screen(sentence, actions) for sentence in sentences(line[start:])).rstrip()
            if content != line[start:].rstrip():
                content = content.rstrip(",，;；、")
            if re.search(r"\w", content) or content == line[start:].rstrip():
                kept.append(line[:start] + content)
            elif kept and kept[-1].rstrip().endswith((":", "：")):
                # "Next steps:" with nothing left to step through.
                kept.pop()
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return Translated(text, tuple(_once(actions)))


def _introduces_content(line: str) -> bool:
    """As "I added these titles:" does: what is listed then is content, however much a title looks like a command."""
    *_, last = sentences(line)
    return bool(_LISTS_CONTENT.match(simplified(mask(last)).strip()))


def _once(actions: list[Action]) -> list[Action]:
    """Each action once, and all edits as one: an edit that a reply asks for is carried out once a reply."""
    different = list(dict.fromkeys(actions))
    texts = [_THEN.sub("", action.text) for action in different if action.kind == "edit"]
    if len(texts) < 2:
        return different
    is_chinese = re.search(r"[\u4e00-\u9fff]", "".join(texts))
    whole = Action("edit", ("，然后" if is_chinese else ", then ").join(texts))
    first = next(index for index, action in enumerate(different) if action.kind == "edit")
    others = [action for action in different if action.kind != "edit"]
    return [*others[:first], whole, *others[first:]]


def _without_screen(sentence: str, actions: list[Action]) -> str:
    """The content of one sentence; the sentence itself, untouched, when it has no screen talk."""
    plain = simplified(sentence)
    if _QUOTES.match(plain):
        return sentence
    label = _LABEL.match(plain)
    body = sentence[label.end() :] if label else sentence
    content = _content(_without_asides(body, actions), actions)
    return sentence if content == body else content


def _without_asides(sentence: str, actions: list[Action]) -> str:
    """The sentence without instructions in brackets: "Title added (click Export to download it)."."""
    left, at = "", 0
    for aside in _ASIDE.finditer(mask(sentence)):
        inner = sentence[aside.start(1) : aside.end(1)]
        content = _content(inner, actions)
        if content != inner:
            left += sentence[at : aside.start()] + (f" ({content})" if content.strip(" .!。！") else "")
            at = aside.end()
    return left + sentence[at:]


def _content(body: str, actions: list[Action]) -> str:
    parts = clauses(body)
    gone = _gone(parts, actions)
    if not any(gone):
        return body
    content = "".join(part for part, is_gone in zip(parts, gone, strict=True) if not is_gone).strip(_ENDS)
    if gone[0]:
        content = _LINK.sub("", content, count=1) if _LINK.match(content) else content
    end = re.search(r"[.!?…。！？]+\s*$|\s+$", body)
    return content.rstrip(".!?…。！？ ") + (end.group() if end else "") if content else ""


def _gone(parts: list[str], actions: list[Action]) -> list[bool]:
    """Which clauses are screen talk, or belong to it; what they ask for goes to the actions."""
    found = [meaning(part) for part in parts]
    gone = [meant is not None for meant in found]
    for index, meant in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        if meant:
            actions.append(Action(meant[0], meant[1]))
        elif following and following[0] == "edit" and _TAKES.match(simplified(undressed(parts[index]))):
            actions.append(Action("edit", undressed(parts[index]).strip(_ENDS + ".。")))
            gone[index] = True
    for index in reversed(range(len(parts) - 1)):
        gone[index] = gone[index] or (gone[index + 1] and leads_up(parts[index]))
    for index in range(1, len(parts)):
        if gone[index - 1] and not gone[index]:
            if edit := setting(parts[index]):
                actions.append(Action("edit", edit))
            is_told = tells(parts[index], behind_colon=parts[index - 1].rstrip().endswith((":", "：")))
            gone[index] = bool(edit) or leads_up(parts[index]) or goes_on_with_it(parts[index]) or not is_told
    return gone


_ALREADY_SO = re.compile(
    r"\balready\b|\bno (?:changes?|edits?) (?:is|are|was|were)?\s*(?:needed|necessary|required)\b"
    r"|\bnothing to (?:do|change)\b|已经|无需|不需要",
    re.IGNORECASE,
)


def is_already_so(reply: str) -> bool:
    """Whether a reply says that what was asked for is so already: then an unchanged timeline is as it should be.

    Example:
        >>> is_already_so("Already so: canvas 1920x1080."), is_already_so("Let me trim it.")
        (True, False)
    """
    return bool(_ALREADY_SO.search(reply))


_ANNOUNCES = re.compile(
    r"\b(?:let\s+me|let['’]s|i['’]ll|i\s+will|i['’]m\s+going\s+to|working\s+on|(?:one|just\s+a)\s+(?:moment|second|minute)|"
    r"starting|processing|applying|generating)\b|正在|我来|我会|马上|稍等|开始",
    re.IGNORECASE,
)


def is_announcement(reply: str) -> bool:
    """Whether a reply says what is about to be done: a stream that ends with it may have been cut short.

    Example:
        >>> is_announcement("Let me trim it."), is_announcement("Which clip?")
        (True, False)
    """
    return bool(_ANNOUNCES.search(reply))
