"""Words that ask for nothing: politeness, purpose, and talk about the video itself."""

from __future__ import annotations

import re

from prefect_nemovideo.emulator.editor.clause import QUOTE, TAKEN, words

_FILLER = frozenset(
    re.findall(
        r"\S+",
        """
    a about again all also an and any anything are as at back be because before but by came can come could current
    did do does done each else ever every everything file files finally first fine for forward from get give go
    going good got great guys had has have hello help here hey hi how i i'd i'll i'm i've if in instead into is it
    it's its itself just kind kindly later let let's lets like little look looking looks love made make makes making
    many maybe me more my need needed needs new next nice nicely no not now of off ok okay on one only or our out
    over perfect please pls plz post posting publish quick quickly quite raw ready really right same say see should
    simple so some something sort still such sure tell than thank thanks that that's the their them then there these
    they thing things this those through to today too try under up upload uploaded uploading us use used using
    version very video video's videos want wanna was way we we'd we'll we're well what when where which while will
    wish with without would yeah yes yet you you'll your yours yup audience best blog board boss camera change
    changed changes channel client clip clips content continue convert default deliver download drone edit edited
    editing edits effect effects end export exported exporting facebook film final followers footage format friends
    full h.264 h264 highres hq image images instagram keep linkedin mode movie movies mp4 mov my original output
    part parts people photo photos picture pictures playlist portfolio print process project projects quality
    recording recordings render rendering result results save saved saving sequence session sessions share sharing
    shot social source start started state stream style stuff team timeline timelapse total travel trip tv uploads
    vimeo vlog wedding website whole work x youtube apply applied adjust adjusted entire high highest higher
    resolution large high-quality high-resolution professional set put
    """,
    )
)
_FILLER_ZH = re.compile(
    "请问?|帮忙?我?|麻烦|谢谢|可以吗?|能不能|能|吗|吧|呢|啊|哦|的|了|我|你|您|想|要|需要|希望|让|使|把|将|给|这个?|那个?|这段|"
    "视频|素材|影片|片段|画面|原始|一下|一个|一段|一些|一点|为|成|到|在|上|里|中|用|做|进行|处理|保存|会话|以后|后面|修改|继续|编辑|剪辑|"
    "导出|下载|发布|上传|分享|格式|质量|高质量|效果|声音|更|最|它|转|改|变|变成|转成|改成|转换|调整|制作|好|看|起来|是|有|也|都|就|整个|全部|来|去"
)
# "so I can post it", "because it is for my channel", "(thanks)": why, not what.
_ASIDE = words(
    r"\b(?:so (?:that )?(?:i|we|you|they|people|everyone|my|our)\b(?!'?m? ?(?:is|looks?) )|in order (?:to"
    r"|that)|because|since (?:i|we|it|this|the)\b"
    r"|to be (?:able to|ready)|ready (?:for|to)|to (?:post|share|publish|upload|put) (?:it |this |them "
    r"|the video )?(?:on|to|with|for)"
    r"|which (?:i|we|is|was)\b|that i (?:shot|filmed|recorded|took|made|uploaded)|i (?:shot|filmed|recorded)\b)"
    r"[^,.;!?\n\0]*?(?=,|\.\s|\.$|;|!|\?|\n|$|\b(?:and|then) (?:then |also )?(?:please )?"
    r"(?:add|remove|trim|cut|keep|upscale|sharpen|make|mute|crop|rotate|put|merge|fade|speed|slow|set|export"
    r"|denoise|brighten|flip|convert|normali[sz]e)\b)"
    r"|以便[^,。;]*|方便[^,。;]*|这样我[^,。;]*"
)
# "I'm making a travel vlog": context. It asks for nothing unless a reader found something in it.
_CONTEXT = words(
    r"^[\s\0.,:]*(?:i am|i'm|i was|i have|i've|i(?: really)? (?:love|like|think|hope)|we are|we're|we have"
    r"|it is|it's"
    r"|this is|that is|that's|here is|here's|there is|there's"
    r"|my (?:\w+ ){1,2}(?:is|are|was|wants?|likes?)|the (?:video|clip|footage|recording) (?:is|was|shows?|has)"
    r"|you can|you may|feel free|let me know|take your time|save|store)\b"
    r"|^[\s\0.,:]*(?:这是|我在|我是)"
)
# Words that are always a wish of their own, and that no operation has a place for.
_TELLING = words(
    r"\b(?:red|green|blue|yellow|orange|pink|purple|font|emojis?|logos?|stickers?|animat\w+|typewriter|glow\w*"
    r"|neon|italic|hdr)\b"
    r"|红色|绿色|蓝色|黄色|字体|贴纸|表情"
)
_WORD = re.compile(rf"[a-z0-9][\w.'%-]*|[\u4e00-\u9fff]+|{QUOTE}", re.I | re.A)


def without_asides(text: str) -> str:
    return _ASIDE.sub(" ", text)


def is_filler(text: str) -> bool:
    """Whether nothing in these words asks for anything."""
    return not _content(text)


def leftover(text: str, *, alone: bool) -> list[str]:
    """What nobody read of a clause, where it is worth saying.

    A clause without any operation (`alone`) counts as soon as one word of it means something; beside an
    operation a single stray word is style ("a nice crisp look"), two in a row are a request.
    """
    if alone:
        return [] if is_filler(text) or _CONTEXT.search(text) else [text.strip()]
    pieces = [piece.strip(" ,.;:") for piece in re.split(f"{TAKEN}+", text)]
    return [piece for piece in pieces if len(_content(piece)) >= 2 or _TELLING.search(piece)]


def _content(text: str) -> list[str]:
    found = []
    for word in _WORD.findall(text):
        plain = word.lower().rstrip(".'")
        if re.match("[\u4e00-\u9fff]", plain):
            plain = _FILLER_ZH.sub("", plain)
        if plain and plain not in _FILLER:
            found.append(plain)
    return found
