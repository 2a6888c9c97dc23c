"""Where a person's sentence goes, before anything is sent."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.requests import Kind, Request, route

SENTENCES: dict[str, list[str]] = {
    "export": [
        "export",
        "Export",
        "EXPORT!",
        "导出",
        "下载",
        "download",
        "send me the video",
        "Send me the final video please",
        "export 4K MP4",
        "Looks great, export it now",
        "ok thanks, now please export the video in 4K",
        "I'd like to download the video",
        "can you export it?",
        "Could I get the download link?",
        "give me the file",
        "把视频发给我",
        "请帮我导出视频",
        "导出4K MP4",
        "好了，导出吧",
        "where is my video?",
        "render it",
        "export as final.mp4",
        "save it as out.mov",
        "please export it because my boss is waiting",
        "Great work! Download please.",
        "export the video for youtube",
        "下载成品",
        "现在可以导出了吗",
        "Perfect. Now export.",
        "let me download it",
        "I think we are finally done here so please export the video for me",
        "I want to export",
        "EXPORT THE VIDEO",
        "exporting please",
        "导出视频",
        "下载视频",
        "请导出",
        "那就导出吧",
        "can you send me the finished clip",
        "save the video",
        "export in 1080p as mov",
    ],
    "credits": [
        "credits",
        "Credits?",
        "积分",
        "余额",
        "balance",
        "How many credits do I have left?",
        "what's my balance",
        "check my credits",
        "余额多少",
        "我还有多少积分",
        "查一下积分",
        "show me my credit balance",
        "BALANCE",
        "my credits please",
        "do I have any credits left?",
        "还剩多少积分？",
        "hey, what is my balance?",
        "before we go on, how many credits do I have?",
        "积分还剩多少",
        "账户余额",
        "check balance",
        "what is my credit balance right now?",
    ],
    "state": [
        "status",
        "状态",
        "show tracks",
        "Show me the tracks",
        "what's the status?",
        "show the timeline",
        "what's on the timeline?",
        "查看状态",
        "显示轨道",
        "STATUS",
        "现在是什么状态？",
        "时间线上有什么",
        "show me the current state of the project",
        "list all tracks",
        "export status",
        "show me the timeline please",
        "看看时间轴",
        "进度怎么样",
        "what tracks are there?",
        "项目状态",
    ],
    "upload": [
        "clip.mp4",
        "./a b.mp4",
        "'a b.mp4'",
        "upload clip.mp4",
        "upload clip.mp4 and upscale it to 4K",
        "上传 clip.mp4",
        "https://example.com/v.mp4",
        "upscale clip.mp4 to 4K",
        "/tmp/x/clip.MOV",
        "~/Videos/my clip.mp4",
        "use s3://bucket/raw/clip.mp4",
        "upload a.mp4, b.mov and c.png",
        "upload https://example.com/watch?v=1",
        "上传clip.mp4并升级到4K",
        "add music.mp3 as background music",
        "upload",
        "上传",
        "please upload my video",
        "I want to upload a file",
        "upload clip.mp4, upscale it to 4K and export",
    ],
    "edit": [
        "don't export yet",
        "add credits for the music in the end titles",
        "download festival text",
        "不要导出",
        "make the balance of colors warmer",
        "fade the status bar",
        "add a title saying 'Export'",
        "the last export was too dark, make it brighter",
        "先别导出",
        "add rolling credits",
        "trim the first 3 seconds",
        "balance the audio",
        "fix the white balance",
        "添加标题“导出”",
        "给片尾加上积分字幕",
        "add intro and credits",
        "add a progress bar",
        "remove clip.mp4 from the timeline",
        'add the text "download now"',
        "do not download anything",
        "upscale this video to 4K and sharpen the details",
        "edit my raw video footage",
        "trim to 5 s and export it",
        "make it pop, then export in 4K",
        "make the credits roll slower",
        "add a status line at the bottom",
        "把标题改成导出",
        "convert my raw video footage",
        "edit this 4K footage and save",
        "upscale this video to 4K and",
        "save the session so I can come back and make changes later",
        "put https://nemo.example on the end card",
        "hello",
        "fade out the music, the credits, and the status bar",
        "the download button in the screen recording should be blurred",
        "add text about import and export",
        "never export this",
        "stop the export",
        "cancel the export",
        "mute the first track",
        "delete track 2",
        "不要下载",
        "暂时不导出",
        "把状态栏裁掉",
        "让余额两个字变红",
        "write credits at the end",
        "the exported file was too quiet, raise the volume",
        "make a download progress animation",
        "crop the export preview",
        "use the balance of the first shot",
        "what would look better here?",
        'add "credits" to the end',
        "make track 2 louder",
        "change the status text color to red",
        "reverse the timeline",
        "添加片尾字幕",
        "不要添加积分",
        "increase the color balance",
        "say 'show tracks' in the title",
        "let's not export it",
        "hold the download",
        "the credits are too long, shorten them",
        "add a countdown to the download",
    ],
}
TABLE = [(sentence, kind) for kind, sentences in SENTENCES.items() for sentence in sentences]


@pytest.mark.conformance("routed-by-intent", "route-export", "route-credits", "route-state", "route-edit")
@pytest.mark.parametrize(("sentence", "kind"), TABLE, ids=[sentence for sentence, _ in TABLE])
def test_a_sentence_goes_where_its_person_means(sentence: str, kind: str) -> None:
    assert route(sentence).kind == kind


@pytest.mark.parametrize(("sentence", "kind"), [row for row in TABLE if row[1] not in ("upload", "edit")])
def test_case_spaces_and_end_marks_make_no_difference(sentence: str, kind: str) -> None:
    for form in (sentence.upper(), sentence.casefold(), f"  {sentence} ", sentence.rstrip("?!.？") + "!"):
        assert route(form).kind == kind


@pytest.mark.parametrize("quotes", ['"{}"', "'{}'", "“{}”", "「{}」", "《{}》"])
@pytest.mark.parametrize("word", ["export", "导出", "credits", "status", "upload", "show tracks"])
def test_quoted_text_never_counts(word: str, quotes: str) -> None:
    assert route(f"add a title {quotes.format(word)}").kind == "edit"
    assert route(quotes.format(word)).kind == "edit"


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(TABLE) >= 150


@pytest.mark.parametrize(
    ("sentence", "resolution", "format_"),
    [
        ("export 4K MP4", "4k", "mp4"),
        ("导出4K MP4", "4k", "mp4"),
        ("export in UHD", "4k", None),
        ("download it in Full HD as .mov", "1080p", "mov"),
        ("export 2160p", "4k", None),
        ("export", None, None),
        ("下载高清视频", "1080p", None),
        ("upscale it to 4K, then export as mp4", None, "mp4"),
        ("make it pop, then export in 4K", "4k", None),
        ("upload a.mov and export as mp4", None, "mp4"),
    ],
)
def test_what_is_said_of_the_export_is_kept(sentence: str, resolution: str | None, format_: str | None) -> None:
    request = route(sentence)
    assert (request.resolution, request.format) == (resolution, format_)


def test_an_edit_may_end_in_an_export() -> None:
    assert route("trim to 5 s and export it") == Request(
        Kind.EDIT, "trim to 5 s and export it", edit="trim to 5 s", then_export=True
    )
    whole = route("upload clip.mp4, upscale it to 4K and export")
    assert (whole.kind, whole.edit, whole.then_export) == (Kind.UPLOAD, "upscale it to 4K", True)
    assert route("剪到5秒，然后导出").then_export
    assert route('add a title saying "Hi" and export').edit == 'add a title saying "Hi"'
    assert route("加标题“你好”并导出").then_export
    assert not route("add a title saying hello and export").then_export
    assert not route("trim to 5 s but don't export it").then_export


def test_an_edit_is_sent_as_it_was_said() -> None:
    said = '  Add the title "Export — 导出", please!  '
    assert route(said).edit == said.strip()


@pytest.mark.parametrize(
    "sentence", ["", " ", "?", "。", '"', "\n", "((((", "'" * 99, "a" * 5000, "and " * 2000, "the " * 3000]
)
def test_no_sentence_is_too_odd(sentence: str) -> None:
    assert route(sentence).kind is Kind.EDIT
