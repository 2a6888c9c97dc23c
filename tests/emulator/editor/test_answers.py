"""What is said after an instruction."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.emulator.editor import UploadedFile, new_draft, respond


def test_the_reply_says_what_is_so_now_and_the_tools_say_with_what(session: Any) -> None:
    answer = session.say("upscale this video to 4K and sharpen the details")
    assert answer.reply == "Done: canvas 3840x2160 (4K); sharpening 0.8."
    assert answer.tool_calls == [("upscale", {"width": 3840, "height": 2160}), ("sharpen", {"value": 0.8})]
    assert (answer.changed, answer.question) == (True, False)


def test_a_chinese_instruction_is_answered_in_chinese(session: Any) -> None:
    assert session.say("提升到4K，剪掉前3秒").reply == "完成：画布 3840x2160 (4K)；剪掉 0:00–0:03（现长 0:07）。"


def test_an_english_instruction_with_a_chinese_title_is_answered_in_english(session: Any) -> None:
    assert session.say('add a title "你好"').reply == 'Done: title "你好" at 0:00–0:03, center.'


def test_what_is_so_already_changes_nothing_and_is_said(session: Any) -> None:
    answer = session.say("export at 1080p")
    assert (answer.changed, answer.tool_calls) == (False, [])
    assert answer.reply == "Already so: canvas 1920x1080."


def test_what_can_be_done_is_done_and_what_cannot_is_said(session: Any) -> None:
    answer = session.say("trim the first 30 seconds, upscale to 4K and remove the watermark")
    assert session.canvas == (3840, 2160)
    assert session.draft["d"] == 10_000
    assert answer.reply.startswith(
        "Done: canvas 3840x2160 (4K). The video is only 0:10 long, so 0:30 is outside it. "
        "I can't do this: “remove the watermark”. I can upscale"
    )


@pytest.mark.parametrize(
    ("instruction", "reply"),
    [
        ("trim the first 30 seconds", "The video is only 0:10 long, so 0:30 is outside it."),
        ("keep 0:02 to 0:30", "The video is only 0:10 long, so 0:30 is outside it."),
        ("cut from 0:05 to 0:03", "A stretch from 0:05 to 0:03 has no length; give the start first."),
        ("remove the first 10 seconds", "That would leave nothing of the video."),
        ("merge all clips", "There is only one clip, so there is nothing to merge; upload another one first."),
        ("rotate by 45 degrees", "I can't turn a picture by 45 degrees, only by quarter turns: 90, 180 or 270."),
        ("100x speed", "A speed of 100x is outside 0.1x to 10x."),
        ("8K", "4K (3840x2160) is the largest I can make."),
        ("normalize to -3 LUFS", "-3 LUFS is outside -70 to -5."),
        ('use "waves.mp3" as music', 'No song "waves.mp3" was uploaded; upload it first.'),
        ("remove the title", "There is no title to remove."),
        ("make the music quieter", "No music was added whose volume could be set; add some first."),
        ("导出", "导出不是编辑：时间线没有变化。请直接开始导出以获得文件。"),
        ("don't add music", "All right: I left that as it is."),
    ],
)
def test_a_refusal_changes_nothing_and_says_why(session: Any, instruction: str, reply: str) -> None:
    answer = session.say(instruction)
    assert (answer.changed, answer.question, answer.tool_calls, answer.reply) == (False, False, [], reply)


@pytest.mark.parametrize(
    ("instruction", "asks"),
    [
        ("add a title", "What should the title say?"),
        ('add a title ""', "What should the title say?"),
        ("add subtitles", "I can't write down what is said"),
        ("trim", "Which part should I cut?"),
        ("remove 3 seconds", "Which part should I cut?"),
        ("crop", "Which shape should I crop it to?"),
        ("undo", "I keep no history of single steps."),
        ("edit", "What should I change?"),
        ("add music", "Which song should I use: Sunset Drive.mp3, drums.wav?"),
        ("hello", "Tell me what to change."),
    ],
)
def test_a_question_changes_nothing_and_asks_for_what_is_missing(rich: Any, instruction: str, asks: str) -> None:
    answer = rich.say(instruction)
    assert (answer.changed, answer.question, answer.tool_calls) == (False, True, [])
    assert answer.reply.startswith(asks)


def test_with_one_song_uploaded_music_means_that_song(open_session: Any, session: Any) -> None:
    song = UploadedFile("file_4", "Sunset.mp3", "audio", 3000)
    with_song = open_session(*session.files, song)
    with_song.say("add background music quietly")
    assert [(s["src"], s["m"]["volume"]) for s in with_song.segments(1)] == [("file_4", 20)]


def test_without_an_upload_there_is_nothing_to_edit() -> None:
    draft = new_draft("project")
    song = UploadedFile("file_4", "Sunset.mp3", "audio", 3000)
    for files in ([], [song]):
        answer = respond("upscale to 4K", draft, files)
        assert (answer.draft, answer.changed, answer.tool_calls) == (draft, False, [])
        assert answer.reply.startswith("Nothing has been uploaded yet")


def test_the_words_for_a_screen_come_only_when_asked_for(session: Any) -> None:
    plain = respond("upscale to 4K", session.draft, session.files)
    screen = respond("upscale to 4K", session.draft, session.files, gui=True)
    export = respond("升级到4K并导出", session.draft, session.files, gui=True)
    assert screen.reply == plain.reply + " Open the timeline panel to preview the result."
    assert export.reply.endswith("点击右上角的导出按钮保存视频。")
    assert screen.draft == plain.draft
