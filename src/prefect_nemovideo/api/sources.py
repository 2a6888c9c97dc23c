"""Files and links in a sentence: which of them a person hands over. Pure: nothing is looked up on the disk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

EXTENSIONS = ("mp4", "mov", "avi", "webm", "mkv", "jpg", "jpeg", "png", "gif", "webp", "mp3", "wav", "m4a", "aac")
"""What the service takes; the seeds' list and the other spelling of jpg."""

_EXT = rf"\.(?:{'|'.join(EXTENSIONS)})(?![\w/])"
_LINK = re.compile(r"\b(?:https?|s3|file)://[^\s，。！？；、“”\"'<>]*[^\s，。！？；、“”\"'<>.,;:!?)\]]", re.IGNORECASE)
_QUOTED = re.compile(
    rf"(?P<q>[\"'`])(?P<a>[^\"'`\n]+?{_EXT})(?P=q)|[“‘「](?P<b>[^”’」\n]+?{_EXT})[”’」]", re.IGNORECASE
)
_ALONE = re.compile(
    rf"\s*(?:file\s+)?(?P<path>(?:~|\.{{1,2}})?[/\\]?[^\n\"'“”<>|*?，。；：!！]+?{_EXT})\s*", re.IGNORECASE
)
_BARE = re.compile(
    rf"(?:(?<=^)|(?<=[\s(:：，,、]))(?:[A-Za-z]:\\)?(?:\\ |[^\s\"'“”()<>|*?，。；：、,!！])+?{_EXT}", re.IGNORECASE
)
_STICKY = re.compile(rf"(?<=[\u4e00-\u9fff])[\w./~-]+?{_EXT}", re.IGNORECASE | re.ASCII)

# Chinese puts the verb before the name without a space; names of files begin with these words only rarely.
_CHOOSE_ZH = r"只(?:使)?用|仅(?:使)?用|只(?:保留|留下?|要)|切换(?:到|成|为)|换到|改用"
_COMMAND = re.compile(
    rf"(?:请|帮我|麻烦|先)*(?:别|不要|不用)?(?:上传|导入|使用|删除|删掉|去掉"
    rf"|移除|静音|把|将|给|剪辑|裁剪|{_CHOOSE_ZH})"
)

# Before a name: it is the name of a result, a text to write, something to take away, or one of the uploads that
# is chosen, not a file to bring.
_NOT_BROUGHT = re.compile(
    r"(?:\b(?:don['’]?t|do\s+not|never)\s+(?:upload|import|use|add|send)(?:\s+(?:the|my|this))?(?:\s+(?:clip|file|video|image))?"
    r"|(?:别|不要|不用)(?:上传|导入|使用|用)|\b(?:as|named?|called|titled?|saying|says|reads?|reading|text|caption|filename|file\s*name|into|to\s+a\s+file)"
    r"|\brename\b[^.]*\bto|\b(?:remove|delete|drop|mute|without|exclude|discard|unmute|replace|rename)(?:\s+(?:the|my|this))?"
    r"(?:\s+(?:clip|file|video|track|audio|image|music))?"
    r"|\b(?:(?:use|take|keep)\s+(?:only|just)|(?:only|just)\s+(?:use|take|keep)|switch(?:\s+over)?\s+to|(?:start|begin)\s+over\s+with"
    r"|\bnew\s+(?:timeline|project|edit)\s+(?:with|from))(?:\s+(?:the|my|this))?(?:\s+(?:clip|file|video|image))?"
    rf"|{_CHOOSE_ZH}"
    r"|为|叫做?|命名为?|标题|写着|文字|删除|删掉|去掉|移除|静音|不要)\s*[:：]?\s*[\"'`“‘「]?$",
    re.IGNORECASE,
)

_VERB = (
    r"(?:please\s+|can\s+you\s+|could\s+you\s+|i(?:['’]d\s+like|\s+want)\s+to\s+|let['’]s\s+|now\s+|also\s+)*"
    r"(?:upload|import|send|attach|load|take|use|here\s+(?:is|are)|here['’]s|this\s+is|请|帮我|麻烦|我要|我想)*\s*"
    r"(?:upload|import|上传|导入|使用|用)?(?:一下|这个|这些)?"
)
_HANDING_OVER = re.compile(
    rf"\s*{_VERB}\s*(?:(?:my|the|this|these|a|another|new|raw)\s+)*(?:(?:file|clip|video|footage|image|song|music|audio|视频|文件|素材|图片|音乐)s?)?"
    r"[\s:：,，、&]*(?:and|和|以及)?\s*$",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"^[\s,，.。;；:：、—–-]*(?:(?:and\s+then|and|then|please|然后|并且|并|再|接着)(?=[\s,，]|[\u4e00-\u9fff]|$)[\s,，]*)*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Handed:
    """The files of a sentence, in order, and what it says besides handing them over."""

    files: tuple[str, ...] = ()
    rest: str = ""


def handed_over(text: str) -> Handed:
    """Find the files and links that a sentence brings.

    "upload clip.mp4 and upscale it" hands over a file and leaves "upscale it"; "upscale clip.mp4 to 4K" hands
    it over and leaves the whole sentence, which needs the name. The name of a result ("export as final.mp4"),
    a text to be written ("a title saying 'clip.mp4'") and something to take away ("remove clip.mp4") are no files.

    Example:
        >>> handed_over("upload 'a b.mp4' and upscale it to 4K")
        Handed(files=('a b.mp4',), rest='upscale it to 4K')
    """
    alone = _ALONE.fullmatch(text)
    if alone and _looks_like_one_path(alone["path"]):
        return Handed((alone["path"].replace("\\ ", " "),), "")
    spans = _spans(text)
    if not spans:
        return Handed((), text.strip())
    files = tuple(dict.fromkeys(path for _, _, path in spans))
    first, last = spans[0][0], spans[-1][1]
    between = [text[a[1] : b[0]] for a, b in pairwise(spans)]
    only_listed = all(
        re.fullmatch(r"[\s,，、;&+]*(?:and|和|以及|,)?[\s,，、;]*", gap, re.IGNORECASE) for gap in between
    )
    if only_listed and _HANDING_OVER.fullmatch(text[:first]):
        return Handed(files, _JOINT.sub("", text[last:], count=1).strip().strip("。").strip())
    return Handed(files, text.strip())


def _looks_like_one_path(path: str) -> bool:
    """A line that is nothing but a path may hold spaces, but no second extension and no words before a path."""
    if len(re.findall(_EXT, path, re.IGNORECASE)) != 1 or _LINK.search(path) or _COMMAND.match(path):
        return False
    head = path.split(" ")[0]
    return " " not in path or head.startswith(("/", "./", "../", "~")) or "\\ " in path or _LINK.match(head) is not None


def _spans(text: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []

    def add(start: int, end: int, path: str) -> None:
        free = all(end <= a or start >= b for a, b, _ in found)
        if free and not _NOT_BROUGHT.search(text[:start]):
            found.append((start, end, path.replace("\\ ", " ")))

    quoted = list(_QUOTED.finditer(text))
    for match in quoted:
        add(match.start(), match.end(), match["a"] or match["b"])
    for match in _LINK.finditer(text):
        is_media = re.search(_EXT, match.group().split("?")[0] + " ", re.IGNORECASE)
        if is_media or _HANDING_OVER.fullmatch(text[: match.start()]):
            add(match.start(), match.end(), match.group())
    for match in (*_BARE.finditer(text), *_STICKY.finditer(text)):
        inside = any(q.start() <= match.start() < q.end() for q in quoted) or "://" in match.group()
        if not inside:
            command = _COMMAND.match(match.group())
            skipped = command.end() if command else 0
            add(match.start() + skipped, match.end(), match.group()[skipped:])
    return sorted(found)
