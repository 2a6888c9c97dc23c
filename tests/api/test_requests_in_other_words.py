"""Sentences that say a plain thing in other words: none of them costs an edit, and no edit is taken for one of them."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.requests import MAX_CHARACTERS, route

SENTENCES: dict[str, list[str]] = {
    "credits": [
        "do I have enough credits?",
        "do I have enough credits to export?",
        "what's left in my account?",
        "how many credits are left?",
        "am I out of credits?",
        "have I run out of credits?",
        "did that cost anything?",
        "how much did that cost me?",
        "how many credits does 4K cost?",
        "can I afford another edit?",
        "how many credits will it cost to upscale a minute to 4K?",
        "where do I see my balance?",
        "why was I charged?",
        "check my account",
        "花了多少积分？",
        "积分够吗",
        "show 积分",
        "查看 credits",
        "查 balance",
    ],
    "state": [
        "is the export done?",
        "has the export finished yet?",
        "is it done?",
        "is my video ready to download?",
        "did the export work?",
        "how many tracks are there?",
        "how many clips do I have?",
        "how long is the video?",
        "how's the render going?",
        "give me a status update",
        "导出好了吗",
        "导出完成了吗",
        "视频做完了吗",
        "show me 状态",
        "看一下 status",
    ],
    "export": [
        "export 视频",
        "导出 video",
        "download 成品",
        "把 video 导出",
        "download clip.mp4",
        "export to final.mp4",
        "export clip.mp4 in 4k",
        "save it as out.mp4",
        "export as 'my film.mp4'",
        "导出成final.mp4",
        "导出为 final.mp4",
        "下载 clip.mp4",
        "剪好后导出",
        "导出好吗",
    ],
    "edit": [
        "do the credits need music?",
        "are the credits too long?",
        "can you use the credits font from my last video?",
        "have the credits roll up",
        "show the credits at the end",
        "add an end card, show the credits",
        "片尾字幕加上积分两个字",
        "给片尾加上 credits 字幕",
        "添加 credits",
        "在片尾加一张图，显示积分",
        "is the music too loud?",
        "how long should the intro be?",
        "update the status text",
        "the download bar in the video should be red",
        "加标题 export",
        "add the text 'export now' as title",
        "use clip.flv as background",
        "put example.com on the end card",
        "upload project v1.2",
        "hello.world",
        "the clips that nobody needs and what is to come",
    ],
}
TABLE = [(sentence, kind) for kind, sentences in SENTENCES.items() for sentence in sentences]


@pytest.mark.parametrize(("sentence", "kind"), TABLE, ids=[sentence for sentence, _ in TABLE])
def test_a_plain_thing_in_other_words_is_understood(sentence: str, kind: str) -> None:
    request = route(sentence)
    assert (request.kind, request.files) == (kind, ())
    assert request.edit == (sentence if kind == "edit" else "")


@pytest.mark.parametrize(
    ("sentence", "edit"),
    [
        ("make the caption bigger and export", "make the caption bigger"),
        ("add a caption in the corner, then download", "add a caption in the corner"),
        ('add the text "hi" and export', 'add the text "hi"'),
        ("trim to 5 s and export to final.mp4", "trim to 5 s"),
        ("去掉字幕，导出", "去掉字幕"),
        ("把字幕改成红色，导出", "把字幕改成红色"),
        ("加字幕后导出", "加字幕"),
        ("添加字幕之后导出视频", "添加字幕"),
        ("加标题“夏天”后导出", "加标题“夏天”"),
    ],
)
def test_an_export_follows_an_edit_of_texts(sentence: str, edit: str) -> None:
    request = route(sentence)
    assert (request.kind, request.edit, request.then_export) == ("edit", edit, True)


@pytest.mark.parametrize(
    "sentence",
    [
        "add the caption hello and export",
        "write the text hello world and export",
        "add captions and a title saying bye and export",
        "加标题夏天并导出",
        "把标题改成夏天并导出",
    ],
)
def test_what_may_be_a_text_to_write_is_left_to_the_editor(sentence: str) -> None:
    assert (route(sentence).edit, route(sentence).then_export) == (sentence, False)


@pytest.mark.parametrize(
    ("sentence", "files", "edit"),
    [
        ("upload clip.flv", ("clip.flv",), ""),
        ("上传clip.flv", ("clip.flv",), ""),
        ("clip.flv", ("clip.flv",), ""),
        ("upload 'a b.flv' and trim it", ("a b.flv",), "trim it"),
        ("upload a.mp4, b.flv and c.png", ("a.mp4", "b.flv", "c.png"), ""),
        ("upload a.mp4 and do not use b.mp4", ("a.mp4",), ""),
        ("upload a.mp4, not b.mp4 or c.mp4", ("a.mp4",), ""),
        ("upload a.mp4 but don't upload b.mp4, then sharpen it", ("a.mp4",), "sharpen it"),
        ("上传a.mp4，别用b.mp4", ("a.mp4",), ""),
        ("upload clip.mp4 and export to final.mp4", ("clip.mp4",), ""),
        ("download https://example.com/clip.mp4", ("https://example.com/clip.mp4",), ""),
    ],
)
def test_only_what_is_handed_over_is_uploaded(sentence: str, files: tuple[str, ...], edit: str) -> None:
    request = route(sentence)
    assert (request.kind, request.files, request.edit) == ("upload", files, edit)


@pytest.mark.parametrize(
    ("sentence", "kind", "looks"),
    [
        ("export, then show my credits", "export", ("credits",)),
        ("导出，然后查看积分", "export", ("credits",)),
        ("show my credits and the timeline", "credits", ("state",)),
        ("查看积分和时间线", "credits", ("state",)),
        ("trim to 5 s, then show the timeline", "edit", ("state",)),
        ("make it brighter and show me my credits", "edit", ("credits",)),
        ("upload a.mp4 and show me the tracks", "upload", ("state",)),
        ("upload a.mp4, sharpen it, export and tell me my balance", "upload", ("credits",)),
        ("export", "export", ()),
    ],
)
def test_what_is_to_be_seen_besides_is_not_lost(sentence: str, kind: str, looks: tuple[str, ...]) -> None:
    assert (route(sentence).kind, route(sentence).looks) == (kind, looks)


@pytest.mark.parametrize(
    "sentence",
    [
        "don't export yet",
        "please wait, don't export yet",
        "don't export, thanks",
        "Export? No, not yet.",
        "先别导出，谢谢",
        "cancel the export",
        "I'll export it later",
        "稍后导出",
        "晚点再导出",
        "以后再导出",
        "don't upload clip.mp4",
        "先别上传clip.flv",
    ],
)
def test_who_only_puts_something_off_asks_for_nothing(sentence: str) -> None:
    assert route(sentence).asks_nothing


@pytest.mark.parametrize(
    "sentence",
    [
        "make it black and white, but don't export yet",
        "don't export before it's brighter",
        "don't export yet, show me the timeline",
        "upload a.mp4 and don't export yet",
        "do not use the first clip",
        "export",
        "",
    ],
)
def test_who_says_more_asks_for_it(sentence: str) -> None:
    assert not route(sentence).asks_nothing


@pytest.mark.parametrize(
    ("sentence", "edit"),
    [
        ("darker and export", "darker"),
        ("more contrast, then export", "more contrast"),
        ("a bit louder and send me the video", "a bit louder"),
        ("black and white, then export", "black and white"),
        ("cinematic look then export it", "cinematic look"),
        ("vertical and download", "vertical"),
        ("更亮一点，导出", "更亮一点"),
        ("竖屏，导出", "竖屏"),
        ("改成竖屏并导出", "改成竖屏"),
        ("把视频改成竖屏然后导出", "把视频改成竖屏"),
    ],
)
def test_a_change_without_a_verb_comes_before_the_export(sentence: str, edit: str) -> None:
    """What was exported without it would not be what was asked for."""
    found = route(sentence)
    assert (found.kind, found.edit, found.then_export) == ("edit", edit, True)


@pytest.mark.parametrize(
    "sentence",
    [
        "looks better, export",
        "the music is great, export it",
        "I like the colours and the music, send me the video",
        "no more changes, export",
        "perfect, export",
        "音乐很好，导出",
        "没问题了，导出吧",
    ],
)
def test_praise_before_an_export_is_no_change(sentence: str) -> None:
    assert (route(sentence).kind, route(sentence).edit) == ("export", "")


@pytest.mark.parametrize(
    ("sentence", "edit", "exported"),
    [
        ("use song.mp3 as background music", "use song.mp3 as background music", False),
        ("use song.mp3 as background music and export", "use song.mp3 as background music", True),
        ("用 song.mp3 作为背景音乐", "用 song.mp3 作为背景音乐", False),
        ("use clip.mp4 and trim the first 3 seconds", "trim the first 3 seconds", False),
        ("upload clip.mp4 for me, please", "", False),
        ("please upload clip.mp4 to the project", "", False),
    ],
)
def test_what_is_said_of_a_file_is_told_with_its_name_or_is_nothing_more(
    sentence: str, edit: str, exported: bool
) -> None:
    found = route(sentence)
    assert (found.kind, found.edit, found.then_export) == ("upload", edit, exported)


@pytest.mark.parametrize(
    "word", ["full ", "right ", "how much ", "看看", "好了", "可以", "怎么样", "and then ", "not ", ", ", " "]
)
@pytest.mark.parametrize("verb", ["export ", "show ", "导出", "查看", "upload a.mp4 and not "])
def test_no_repetition_keeps_a_sentence_from_being_read(verb: str, word: str) -> None:
    """The words of a sentence are looked up one after another. In all their combinations, 2 to their number, this would
    not end."""
    for length in (MAX_CHARACTERS, 8000):
        assert route(verb + word * ((length - len(verb) - 4) // len(word)) + "積分zz").kind
