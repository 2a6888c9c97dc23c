"""The words of edits: how a person says that the video is to be changed. Pure."""

from __future__ import annotations

import re

_I = re.IGNORECASE

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

WISHED = re.compile(
    r"\b(?!(?:after|better|earlier|ever|never|later|other|rather|together|whether|however|over|under|render|folder|computer|"
    r"number|never|her|per|master|newer|user|owner|proper|super|water|letter|offer|answer|order|player|weather|enter|either)\b)"
    r"[a-z]{3,}er\b(?!\s+(?:now|than))"
    r"|\b(?:more|less|no|without)\s+(?!(?:changes?|edits?|more|need|problems?|issues?|thanks|thank|please|doubt|time|wait\w*)\b)[a-z]"
    r"|\b(?:black\s+and\s+white|vertical|portrait|landscape|square|cinematic|vintage|retro|sepia|monochrome|slow(?:-|\s+)mo\w*)\b"
    r"|\b(?:contrast|brightness|saturation|exposure|volume|music|sound|subtitles?|captions?|logo|watermark|intro|outro|"
    r"transitions?|filters?|effects?|background|fps)\b"
    r"|[更再]?[亮暗响快慢长短大小清暖冷柔]一?[点些]|竖屏|横屏|黑白|复古|背景音乐|音乐|音量|水印|片头|片尾|特效",
    _I,
)
"""How a clause without a verb speaks of a change, before an export: "a bit louder", "more contrast", "竖屏"."""

TOLD = re.compile(
    r"\b(?:is|are|was|were|be|been|looks|sounds|seems|feels|like|love|works?|has|have|got|good|great|fine|perfect|nice|ok|"
    r"okay|done|ready|happy|thanks?)\b|['’]s\b|很|不错|可以|好了|满意|喜欢|完美|没问题",
    _I,
)
"""How a clause tells what is so already: "the music is great", "I like the colours"."""
