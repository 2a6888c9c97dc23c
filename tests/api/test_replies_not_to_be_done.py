"""Replies that say what is not to be done, or what was: they stay to the letter, and nothing is carried out."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.replies import Action, Translated, is_question, is_refusal, translate


@pytest.mark.conformance("gui-export")
@pytest.mark.parametrize(
    "reply",
    [
        "已添加标题。渲染还在进行，请先不要导出。",
        "无法导出视频。",
        "不要点击导出按钮。",
        "请勿点击导出按钮。",
        "先不要点击导出按钮。",
        "先别点击导出。",
        "现在还不能点击导出。",
        "还不能导出。",
        "目前无法导出。",
        "稍后导出",
        "正在导出视频",
        "系统正在导出视频。",
        "我将为您导出视频。",
        "为您导出了视频",
        "视频未导出",
        "点击导出后，渲染需要60秒。",
        "不要拖拽素材到时间线。",
        "无法打开音频面板。",
        "請先不要匯出。",
        "Don't click Export yet.",
        "You can't export yet.",
    ],
)
def test_what_is_not_to_be_done_is_content(reply: str) -> None:
    assert translate(reply) == Translated(reply)


@pytest.mark.parametrize(
    ("reply", "content"),
    [
        ("Click Export, music at 35%, title 0-3 s.", "music at 35%, title 0-3 s."),
        ("Title added, and click Export to save, music at 35%.", "Title added, music at 35%."),
        ("点击导出，音量35%。", "音量35%。"),
        ("打开音频面板，音量现在是35%。", "音量现在是35%。"),
    ],
)
def test_what_is_told_behind_an_instruction_stays(reply: str, content: str) -> None:
    assert translate(reply).text == content


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("请点击导出按钮下载。", "export"),
        ("您现在可以导出视频了。", "export"),
        ("已经可以导出视频了。", "export"),
        ("點擊匯出按鈕下載影片。", "export"),
        ("請打開時間軸面板查看。", "state"),
        ("将素材拖拽到时间线。", "edit"),
        ("拖曳素材到時間線。", "edit"),
    ],
)
def test_what_is_asked_of_a_person_is_carried_out(reply: str, kind: str) -> None:
    translated = translate(reply)
    assert translated.text == ""
    assert [action.kind for action in translated.actions] == [kind]
    assert isinstance(translated.actions[0], Action)


def test_traditional_characters_refuse_and_ask_as_simplified_ones_do() -> None:
    assert is_refusal("抱歉，我無法移除浮水印。")
    assert is_question("請提供標題文字。")
    assert not is_question("已添加標題。")
