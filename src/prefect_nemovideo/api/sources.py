"""Files and links in a sentence: which of them a person hands over. Pure: nothing is looked up on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

# A name that the service does not take counts only where somebody says that it is a file: it is refused, with the
# formats, before anything is sent.
_OTHER_EXT = re.compile(r"[^\s.]\.(?:[a-z][a-z0-9]{1,3}|3g[p2])", re.IGNORECASE)
_OTHER = re.compile(r"[\"'“‘「](?P<quoted>[^\"'“”‘’「」\n]{1,300})[\"'”’」]|(?<![\w./\\~-])[\w./\\~-]++(?<!\.)")
_OTHER_ALONE = re.compile(r"[\w./\\~-]+", re.ASCII)
_UPLOADING = re.compile(
    r"(?:\b(?:upload|import)\s+|上传|导入)\s*(?:(?:the|my|this|a|an)\s+)?(?:(?:file|clip|video|image|song)\s+|视频|文件)?[\"'“‘「]?$",
    re.IGNORECASE,
)

# Chinese puts the verb before the name without a space; names of files begin with these words only rarely.
_CHOOSE_ZH = r"只(?:使)?用|仅(?:使)?用|只(?:保留|留下?|要)|切换(?:到|成|为)|换到|改用"
_COMMAND = re.compile(
    rf"(?:请|帮我|麻烦|先)*(?:(?:别|不要|不用)用|(?:别|不要|不用)?(?:上传|导入|使用|删除|删掉|去掉"
    rf"|移除|静音|把|将|给|剪辑|裁剪|{_CHOOSE_ZH}|(?:导出|下载|输出|保存|渲染|另?存)(?:为|成|到|至)?))"
)

# Before a name: it is the name of a result, a text to write, something to take away, or one of the uploads that
# is chosen, not a file to bring.
_RESULT = (
    r"\b(?:export|download|render|save)(?:ing)?"
    r"(?:\s+(?:it|this|that|the|my|our|final|whole|video|movie|film|clip|file|result|project|everything|all|in|at|4k|1080p|"
    r"720p|hd|full|high|quality))*(?:\s+(?:to|as|into))?"
    r"|(?:导出|下载|输出|保存|渲染|另?存)(?:最终)?(?:视频|影片|成品|文件)?(?:为|成|到|至)?"
)
_FETCHED = re.compile(
    r"(?:\b(?:download|fetch|grab)(?:\s+(?:the|my|this))?(?:\s+(?:clip|file|video|image))?(?:\s+from)?|下载)\s*$",
    re.IGNORECASE,
)
_NOT_BROUGHT = re.compile(
    rf"(?:{_RESULT}|(?<![\w/.-])(?:not|ignore|ignoring|skip|skipping|except(?:\s+for)?|leave\s+out)(?:\s+(?:the|my|this))?"
    r"|\b(?:don['’]?t|do\s+not|never)\s+(?:upload|import|use|add|send)(?:\s+(?:the|my|this))?(?:\s+(?:clip|file|video|image))?"
    r"|(?:别|不要|不用)(?:上传|导入|使用|用)|\b(?:as|named?|called|titled?|saying|says|reads?|reading|text|caption|filename|file\s*name|into|to\s+a\s+file)"
    r"|\brename\b[^.]*\bto|\b(?:remove|delete|drop|mute|without|exclude|discard|unmute|replace|rename)(?:\s+(?:the|my|this))?"
    r"(?:\s+(?:clip|file|video|track|audio|image|music))?"
    r"|\b(?:(?:use|take|keep)\s+(?:only|just)|(?:only|just)\s+(?:use|take|keep)|switch(?:\s+over)?\s+to|(?:start|begin)\s+over\s+with"
    r"|\bnew\s+(?:timeline|project|edit)\s+(?:with|from))(?:\s+(?:the|my|this))?(?:\s+(?:clip|file|video|image))?"
    rf"|{_CHOOSE_ZH}"
    r"|为|叫做?|命名为?|标题|写着|文字|删除|删掉|去掉|移除|静音|不要)\s*[:：]?\s*[\"'`“‘「]?$",
    re.IGNORECASE,
)

# Behind what is handed over: which files are not meant.
_ANY_EXT = r"\.(?:[a-z][a-z0-9]{1,3}|3g[p2])(?![\w/])"
_NAME = rf"(?:[\"'“‘「][^\"'”’」\n]+?{_ANY_EXT}[\"'”’」]|[^\s\"'“”，。；,]+?{_ANY_EXT})"
_LEFT_OUT = re.compile(
    r"[\s,，;；.。]*(?:(?:and|but|please|并且?|但是?|而且)[\s,，]*)*(?<![\w/.-])"
    r"(?:(?:(?:don['’]?t|do\s+not|never)\s+(?:upload|import|use|add|send|include)|not|ignore|skip|except(?:\s+for)?|leave\s+out)"
    r"\s+(?:(?:the|my|this)\s+)?(?:(?:clip|file|video|image)\s+)?|(?:先)?(?:别|不要|不用)(?:上传|导入|使用|用)\s*)"
    rf"{_NAME}(?:\s*(?:,|，|、|\b(?:and|or)\b|和)\s*{_NAME})*[\s.。]*(?=$|[,，;；.。]|\b(?:and|but|then)\b|然后|并)",
    re.IGNORECASE,
)
_NOT_TO_BE_SENT = re.compile(
    r"(?:don['’]?t|do\s+not|never)\s+(?:upload|import|send)\b|(?:别|不要|不用)(?:上传|导入)", re.IGNORECASE
)

_VERB = (
    r"(?:please\s+|can\s+you\s+|could\s+you\s+|i(?:['’]d\s+like|\s+want)\s+to\s+|let['’]s\s+|now\s+|also\s+)*"
    r"(?:upload|import|send|attach|load|take|use|download|fetch|grab|下载|here\s+(?:is|are)|here['’]s|this\s+is|请|帮我|麻烦|我要|我想)*\s*"
    r"(?:upload|import|上传|导入|使用|用)?(?:一下|这个|这些)?"
)
_HANDING_OVER = re.compile(
    rf"\s*{_VERB}\s*(?:(?:my|the|this|these|a|another|new|raw)\s+)*(?:(?:file|clip|video|footage|image|song|music|audio|视频|文件|素材|图片|音乐)s?)?"
    r"[\s:：,，、&]*(?:and|和|以及)?\s*$",
    re.IGNORECASE,
)
# "Use song.mp3 as the music" says what to do with it: the editor needs the whole of it.
_USED = re.compile(r"\b(?:use|take)\b|用", re.IGNORECASE)
_AS = re.compile(
    r"[\"'”’」]?\s*(?:as|for|instead|in|at|on|over|under|behind|during)\b|\s*(?:作为|当作?|做)", re.IGNORECASE
)
_LISTED = re.compile(r"[\s,，、;&+]*(?:and|和|以及)?[\s,，、;]*", re.IGNORECASE)
_JOINT = re.compile(
    r"^[\s,，.。;；:：、—–-]*(?:(?:and\s+then|and|then|please|然后|并且|并|再|接着)(?=[\s,，]|[\u4e00-\u9fff]|$)[\s,，]*)*",
    re.IGNORECASE,
)


_NOTHING_MORE = re.compile(
    r"(?:[\s,，]*(?:for\s+me|(?:in)?to\s+(?:the|my|this)\s+(?:project|session|editor|timeline)|now|first|here|please|pls|thanks|"
    r"thank\s+you|谢谢|吧|一下)\b)*[\s.!。！]*",
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
    if _OTHER_ALONE.fullmatch(text) and _has_other_extension(text):
        return Handed((text,), "")
    spans = _spans(text)
    if not spans:
        # Nothing is left of "don't upload clip.mp4", which asks for nothing.
        is_left_out = _NOT_TO_BE_SENT.search(text) and _LEFT_OUT.fullmatch(text)
        return Handed((), "" if is_left_out else text.strip())
    files = tuple(dict.fromkeys(path for _, _, path in spans))
    first, last = spans[0][0], spans[-1][1]
    between = [text[a[1] : b[0]] for a, b in pairwise(spans)]
    is_used = _USED.search(text[:first]) and _AS.match(text, last)
    if all(map(_LISTED.fullmatch, between)) and _HANDING_OVER.fullmatch(text[:first]) and not is_used:
        rest = _LEFT_OUT.sub("", text[last:], count=1) if _LEFT_OUT.match(text, last) else text[last:]
        rest = _JOINT.sub("", rest, count=1).strip().strip("。").strip()
        return Handed(files, "" if _NOTHING_MORE.fullmatch(rest) else rest)
    return Handed(files, text.strip())


def _looks_like_one_path(path: str) -> bool:
    """A line that is nothing but a path may hold spaces, but no second extension and no words before a path."""
    if len(re.findall(_EXT, path, re.IGNORECASE)) != 1 or _LINK.search(path) or _COMMAND.match(path):
        return False
    head = path.split(" ")[0]
    return " " not in path or head.startswith(("/", "./", "../", "~")) or "\\ " in path or _LINK.match(head) is not None


def _has_other_extension(path: str) -> bool:
    """Whether a word looks like the name of a file, whatever the service makes of it."""
    name = re.split(r"[/\\]", path)[-1]
    end = name.rfind(".") - 1
    return "://" not in path and end >= 0 and _OTHER_EXT.fullmatch(name, end) is not None


def _spans(text: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    left_out = [match.span() for match in _LEFT_OUT.finditer(text)]

    def add(start: int, end: int, path: str) -> None:
        free = all(end <= a or start >= b for a, b, _ in found)
        fetched = "://" in path and _FETCHED.search(text[:start])
        free = free and not any(a <= start < b for a, b in left_out)
        if free and (fetched or not _NOT_BROUGHT.search(text[:start])):
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
    for start, end, path in _others(text):
        listed = any(b <= start and _LISTED.fullmatch(text[b:start]) for _, b, _ in found)
        if _UPLOADING.search(text[:start]) or (listed and re.match(r"\s*(?:$|[,，、;。!]|and\b|和)", text[end:])):
            add(start, end, path)
    return sorted(found)


def _others(text: str) -> Iterator[tuple[int, int, str]]:
    """Names of files that the service may not take, with their places."""
    for match in _OTHER.finditer(text):
        command = None if match["quoted"] else _COMMAND.match(match.group())
        skipped = command.end() if command else 0
        path = match["quoted"] or match.group()[skipped:]
        if _has_other_extension(path):
            yield match.start() + skipped, match.end(), path
