"""Requests that are no edits: what this editor can't do, what is too vague, and what another part does."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import words

EXPORT = words(r"\b(?:export(?:ing)?|download|render|send me|deliver)\b|导出|下载|输出")
RESET = words(
    r"\b(?:start (?:all )?over(?: again)?|start from scratch|reset(?: (?:everything|all|it|the (?:video|edits?"
    r"|timeline|project)))?"
    r"|(?:undo|remove|discard|revert|drop) (?:all|everything|every edit|(?:all )?(?:of )?(?:the |my )?(?:edits"
    r"|changes|effects))"
    r"(?: (?:the |my |of )*(?:edits|changes|effects))?|back to the original|restore the original(?: (?:video"
    r"|clip|footage))?)\b"
    r"|重新开始|撤销(?:所有|全部)|恢复(?:原始|原视频|原来)"
)
UNDO = words(r"\b(?:undo|revert|roll ?back|redo)\b[^\0]*|撤销|撤回|重做")

_VIDEO = r"(?:videos?|footage|clips?|recordings?|movies?|films?)"
VAGUE = words(
    r"\b(?:edit|convert|process|transform|enhance|improve|polish|touch up|optimi[sz]e|clean up|prepare|better"
    r"|upgrade)\b"
    rf"[^\0]*?\b(?:{_VIDEO}|it|quality|look(?:s|ing)?|this)\b"
    rf"|\b(?:make|have) (?:it|this|the {_VIDEO}|my {_VIDEO})(?: \w+)?? (?:look )?"
    r"(?:better|good|great|professional|nicer|nice|amazing|awesome|stunning|beautiful|pop|cinematic"
    r"|higher quality)\b"
    r"|(?:剪辑|编辑|处理|优化|美化|转换)(?:一下)?(?:我的|这个|这段|原始)*(?:视频|素材|片段)"
)
BARE_EDIT = words(
    r"^[\s\0.,:]*(?:please\s+)?(?:edit|convert|enhance|improve|process)[\s\0.,:]*$|^\s*(?:请)?(?:编辑|剪辑)(?:一下)?\s*$"
)

_COLOR = r"(?:red|green|blue|yellow|orange|pink|purple|white|black|gold(?:en)?|gr[ae]y|brown)"
# Nothing in these is an edit, though words of edits are in them; each takes its clause to the end.
_BEYOND = (
    # Pictures out of nothing.
    r"\b(?:generat\w+|create|imagine|produce|make)\s+(?:me\s+|us\s+)?(?:an?|some|new|the)?\s*(?:[\w-]+\s+){0,3}?"
    rf"(?:{_VIDEO}|images?|pictures?|scenes?|animations?|shots?)\s+(?:of|about|showing|with|where|in which|from)\b",
    r"\bgenerat\w+\b",
    # Knowing what is in the picture.
    r"\b(?:remove|replace|change|delete|swap|erase) (?:the |my |its )?(?:video )?background\b"
    r"(?!\s*(?:music|song|track|audio|sound))",
    r"\bgreen ?screen\b",
    r"\bblur(?:ring)?\b(?!\s*(?:the\s+)?(?:background|sides|bars|edges|borders|behind|copy|fill))",
    # Knowing what is said.
    r"\b(?:translat\w+|dub(?:bed|bing)?|transcri\w+|narrat\w+|voice-?\s?overs?|lip-?sync\w*)\b",
    r"\b(?:auto(?:matic(?:ally)?)?|generated?)[ -](?:sub)?(?:titles?|captions?)\b",
    r"\b(?:background|wind|audio|mic(?:rophone)?) noise\b",
    # Effects the draft has no key for.
    r"\b(?:stabili[sz]\w+|watermark\w*|cross-?\s?fades?|transitions?|reverse|backwards?|pan)\b",
    r"\bzoom(?:ing)?\b(?! to fill)",
    rf"\b(?:in|make the (?:text|title|font|caption)) {_COLOR}(?: (?:letters|text|font|color))?\b(?! (?:and"
    r"|&) white)",
    r"生成|翻译|配音|去除?背景(?!音)|抠图|倒放|转场|稳定画面|防抖|水印|噪音",
)
BEYOND = words("|".join(rf"(?:{pattern})[^\0]*$" for pattern in _BEYOND))
