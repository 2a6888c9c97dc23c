"""The words with which people ask for an export, their credits or the state; and the words of edits. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Ask:
    """What one clause asks for. Without a verb it is a bare noun, which counts only in the absence of edits."""

    kind: Literal["export", "credits", "state", "upload"]
    has_verb: bool


_PICTURES = re.compile("[\u2600-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]")
_MANNERS = re.compile(
    r"^(?:(?:ok|okay|yes|yep|yeah|hi|hey|hello|great|good|nice|perfect|thanks|alright|right|well|now|then|so|and|also|finally|just|"
    r"please|pls|kindly|quickly|can|could|would|will|you|we|i['’]d|i['’]m|i|let['’]s|let|me|want|like|need|love|wanna|to|go|ahead|"
    r"try|ready|it['’]s|time|may|help|am|maybe)\b[\s,]*)+",
    _I,
)
_THINGS = (
    r"it|this|that|them|the|my|our|a|an|all|everything|final|finished|edited|current|whole|full|new|latest|video|videos|movie|"
    r"clip|footage|film|file|files|result|results|project|cut|version|output|copy|edit|master|render|link|url|one"
)
_WAYS = (
    r"in|as|at|to|with|from|for|into|on|of|4k|8k|2k|uhd|hd|fhd|1080p|720p|1440p|2160p|2160|\.?mp4|\.?mov|\.?webm|\.?mkv|\.?avi|\.?gif|"
    r"h\.?26[45]|hevc|codec|quality|high|higher|highest|best|max|maximum|full|original|resolution|format|size|fps|24|25|30|50|60|ultra|"
    r"now|again|please|pls|plz|me|us|here|back|computer|laptop|disk|phone|desktop|folder|youtube|tiktok|instagram|reels|asap|"
    r"immediately|right|away|today|when|ready|done|you|can|could|would|thanks|thank|over|so|i|watch|share|post|upload|it's|its|is"
)
# "Save" alone is about the session ("edit this footage and save"); with a file it is an export.
_EXPORT = re.compile(
    r"(?:(?:how|where)\s+(?:do|can|could)\s+(?:i|we)\s+)?(?:(?:start|do|confirm)\s+(?:(?:the|my|an)\s+)?)?"
    r"(?:(?:re-?)?export(?:ing)?|download(?:ing)?|render|save(?=.*\b(?:video|movie|clip|film|file|result|copy|mp4|mov|as|disk)\b))"
    rf"(?:\s+(?:{_THINGS}|{_WAYS}|export|download|and\s+(?:download|export|save|send)|"
    r"as\s+[\w.-]+\.(?:mp4|mov|webm|mkv|avi))\b\.?)*",
    _I,
)
_BRING = re.compile(
    rf"(?:send|give|hand|email|mail|show|get|have|deliver|where(?:['’]s|\s+is)|what(?:['’]s|\s+is))\s+"
    rf"(?:(?:me|us|over|back|{_THINGS}|{_WAYS}|download(?:able)?|export(?:ed)?)\b\s*)*",
    _I,
)
_BROUGHT = re.compile(r"\b(?:video|movie|film|clip|file|result|download|export(?:ed)?|output)\b", _I)
_EXPORT_NOUN = re.compile(
    r"(?:(?:the|my|a|an|final|video|4k|mp4|hd)\s+)*(?:export|download|download\s+link)(?:\s+(?:4k|mp4|please|now|link))*",
    _I,
)

_UPLOAD = re.compile(
    r"(?:upload|import)(?:\s+(?:a|an|the|my|this|these|some|new|another|raw|video|footage|file|clip|image|song|music|audio|to|here|now|"
    r"please|it|more|from|computer|laptop|s3)s?\b)*",
    _I,
)
_CREDITS = re.compile(
    r"(?P<verb>(?:check|show|see|get|view|know|tell|display|print|what(?:['’]s|\s+is|\s+are)|how\s+(?:many|much|is|are)|do|have|"
    r"are\s+there|is\s+there|any)\b\s*)*"
    r"(?:(?:me|my|our|the|account|current|remaining|available|left|nemo(?:video)?|i|we|you|have|has|do|does|got|many|much|any|still|"
    r"about|of|in|on|for|please|now|is|are|left\s+over|remain|total|frozen|status|how|what|credit|credits|balance|balances|"
    r"and|account's|again|right|there|today|yet|thanks|used|so|far|cost)\b\s*)+",
    _I,
)
_STATE = re.compile(
    r"(?P<verb>(?:check|show|see|get|view|list|display|print|tell|give|what(?:['’]s|\s+is|\s+are|\s+does)?|how(?:['’]s|\s+is|\s+does)?|"
    r"describe|summari[sz]e|where\s+(?:are|is))\b\s*)*"
    r"(?:(?:me|us|my|our|the|all|current|session|project|video|edit|editing|render|export|status|state|tracks?|timeline|"
    r"draft|layers?|progress|of|on|in|for|please|now|is|are|there|summary|look|like|it|going|so|far|again|latest|right|"
    r"and|at|right|this|what|we|have|got|do|does|stand|how|as)\b\s*)+",
    _I,
)
_STATE_NOUN = re.compile(r"\b(?:status|state|tracks?|timeline|progress|draft)\b", _I)
_CREDITS_NOUN = re.compile(r"\b(?:credits?|balances?)\b", _I)
_ASKING = re.compile(
    r"\b(?:check|show|see|get|view|list|display|tell|what|how|describe|summari[sz]e|do|have|any|know|print)\b", _I
)

_ZH_MANNERS = (
    r"请问?|帮我|帮忙|麻烦你?|可以|能不能|能|现在|马上|立刻|立即|开始|确认|重新|继续|需要|您|一次|一份|直接|好了?|好的|那就?|那么|我要|我想要?|我|你|给我|给|一下|吧|呢|吗|"
    r"了|啊|谢谢|把|将|的|就|去|来|再|先|快"
)
_ZH_THINGS = (
    r"这个|这段|这条|它|最终版?|最后|成品|成片|编辑好|剪好|做好|视频|影片|片子|短片|电影|文件|结果|项目|版本|"
    r"全部|链接|到本地|本地|电脑|手机"
)
_ZH_WAYS = (
    r"为|成|以|用|格式|画质|分辨率|质量|最高|高|高清|超清|原|4k|8k|2k|1080p|720p|2160p|mp4|mov|webm|mkv|\s|[.:：]"
)
_ZH_EXPORT = re.compile(
    rf"(?:{_ZH_MANNERS}|{_ZH_THINGS}|{_ZH_WAYS}|导出|下载|输出|保存|渲染|发送?|发给我|发我|传给我|export|download)+", _I
)
_ZH_EXPORT_VERB = re.compile(
    r"导出|下载|输出(?=.*(?:视频|影片|片|文件|成品|4k|mp4)|$)"
    r"|(?:视频|影片|片子?|成品|文件).*(?:发|传)给?我|(?:发|传)给我.*(?:视频|影片|片|成品|文件)",
    _I,
)
_ZH_UPLOAD = re.compile(rf"(?:{_ZH_MANNERS}|\s|上传|导入|一个|这个|新|视频|素材|文件|图片|音乐|照片|片段)+")
_ZH_CREDITS = re.compile(
    rf"(?:{_ZH_MANNERS}|\s|积分|余额|点数|额度|还|有|剩余?|剩下|多少|几个?|查询?|查看|看看?|显示|告诉我|账户|账号|帐户|目前|当前|是|里|中|够不够|够|不够|用|知道|下)+"
)
_ZH_STATE = re.compile(
    rf"(?:{_ZH_MANNERS}|\s|状态|进度|轨道|时间线|时间轴|草稿|查询?|查看|看看?|显示|列出|展示|所有|全部|当前|目前|项目|会话|编辑|视频|"
    r"是|什么|怎么样|如何|怎样|有哪些|有|哪些|几条|多少|上|里|情况|到哪|哪|导出|下|一个|个|展开|样子)+"
)

EDITING = re.compile(
    r"\b(?:add|adjust|apply|animate|balance|blend|blur|boost|brighten|bring|caption|change|clean|color|colour|combine|convert|correct|"
    r"create|crop|cut|darken|decrease|delete|denoise|dim|drop|dub|duplicate|edit|enhance|enlarge|extend|extract|fade|fill|fix|flip|"
    r"freeze|generate|grade|highlight|improve|include|increase|insert|join|keep|loop|lower|make|mask|match|merge|mirror|mix|move|mute|"
    r"normali[sz]e|overlay|pan|place|polish|put|raise|reduce|remove|rename|repeat|replace|resize|reverse|rewrite|rotate|scale|"
    r"sharpen|shift|shorten|shrink|slow|smooth|speed|split|stabili[sz]e|stretch|subtitle|swap|sync|tighten|tilt|transcribe|translate|"
    r"trim|turn|tweak|undo|upscale|use|vignette|warm|write|zoom|redo|set)\b"
    r"|添加|加上?|加入|去掉|删|剪|裁|调|改|换|变|升级|放大|缩|锐化|降噪|旋转|翻转|加速|减速|慢放|静音|配|生成|制作|插入|合并|拼接|"
    r"提高|提升|降低|设置|字幕|滤镜|转场|模糊|撤销|修|做|让|使",
    _I,
)
"""A clause with one of these changes the video, whatever else the sentence asks."""

# Not of every verb: "once you are done editing" and "when it's generated" wait for what is at work already.
CHANGED = re.compile(
    r"\b(?:add|adjust|blur|brighten|caption|crop|cut|darken|delet|denois|dub|enhanc|extend|fad|fix|flip|improv|increas|insert|"
    r"join|lower|mask|merg|mirror|mix|mov|mut|normali[sz]|overlay|polish|rais|reduc|remov|renam|replac|resiz|revers|rotat|scal|"
    r"sharpen|shift|shorten|slow|smooth|speed|split|stabili[sz]|stretch|subtitl|swap|sync|tighten|translat|trim|turn|upscal|zoom)"
    r"(?:[mptdb]?(?:ing|ed))\b"
    r"|\b(?:quiet|loud|bright|dark|short|long|slow|fast|small|bigg|sharp|soft|warm|cool|smooth|clear)er\b",
    _I,
)
"""How a clause speaks of a change that comes before the export: "after trimming", "when the music is quieter"."""


def asked(clause: str) -> Ask | None:
    """What one clause asks for, when all its words belong to the asking; else None."""
    bare = " ".join(_PICTURES.sub(" ", clause).strip(" \t.!?:…~()").split())
    if re.search(r"[\u4e00-\u9fff]", bare):
        return _asked_in_chinese(bare)
    bare = _MANNERS.sub("", bare) if not _MANNERS.fullmatch(bare + " ") else bare
    if not bare:
        return None
    if _EXPORT.fullmatch(bare):
        return Ask("export", True)
    if _UPLOAD.fullmatch(bare):
        return Ask("upload", True)
    if _EXPORT_NOUN.fullmatch(bare):
        return Ask("export", False)
    if _BRING.fullmatch(bare + " ") and _BROUGHT.search(bare) and not _STATE_NOUN.search(bare):
        return Ask("export", True)
    if not bare.casefold().endswith("left and right") and _CREDITS_NOUN.search(bare) and _CREDITS.fullmatch(bare + " "):
        return Ask("credits", bool(_ASKING.search(bare)))
    if _STATE_NOUN.search(bare) and _STATE.fullmatch(bare + " "):
        return Ask("state", bool(_ASKING.search(bare)))
    return None


def _asked_in_chinese(bare: str) -> Ask | None:
    if _ZH_EXPORT.fullmatch(bare) and _ZH_EXPORT_VERB.search(bare):
        return Ask("export", True)
    if re.search(r"上传|导入", bare) and _ZH_UPLOAD.fullmatch(bare):
        return Ask("upload", True)
    if re.search(r"积分|余额|点数|额度", bare) and _ZH_CREDITS.fullmatch(bare):
        return Ask("credits", bool(re.search(r"查|看|显示|多少|几|告诉", bare)))
    if re.search(r"状态|进度|轨道|时间[线轴]|草稿", bare) and _ZH_STATE.fullmatch(bare):
        return Ask("state", bool(re.search(r"查|看|显示|列出|展示|什么|怎|如何|哪|几", bare)))
    return None
