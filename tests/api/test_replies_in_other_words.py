"""Instructions in other forms, and what a reply tells beside them."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.replies import Action, Translated, translate


def kinds(reply: str) -> list[str]:
    return [action.kind for action in translate(reply).actions]


@pytest.mark.parametrize(
    ("reply", "content", "kind"),
    [
        ("Open the Audio panel, where the volume is now 35%.", "the volume is now 35%.", "state"),
        ("Open the Audio panel, where the music is now softer.", "the music is now softer.", "state"),
        ("Open the Effects panel: the blur is now 5 px.", "the blur is now 5 px.", "state"),
        ("Switch to the Color tab: contrast +10.", "contrast +10.", "state"),
        ("Switch to the Color tab to check: warm look, soft shadows.", "warm look, soft shadows.", "state"),
        ("Click Export, the title stays at the top.", "the title stays at the top.", "export"),
        ("Now the music is softer, click Export to download.", "Now the music is softer.", "export"),
        ("After the intro, the music fades out, click Export.", "After the intro, the music fades out.", "export"),
        ("Title added (click Export to download it).", "Title added.", "export"),
        ("✅ Title added. 👉 Open the Effects panel.", "✅ Title added.", "state"),
        ("Your video is ready! 🎉 Click Export to download it 🚀", "Your video is ready!", "export"),
        ("点击导出按钮，背景音乐为Lo-fi。", "背景音乐为Lo-fi。", "export"),
        ("打开音频面板，背景音乐更轻了。", "背景音乐更轻了。", "state"),
        ("在时间线预览：视频0-10秒，标题0-3秒。", "视频0-10秒，标题0-3秒。", "summary"),
        ("点击导出，标题在上方显示。", "标题在上方显示。", "export"),
    ],
)
def test_what_is_told_beside_an_instruction_stays(reply: str, content: str, kind: str) -> None:
    assert translate(reply).text == content
    assert kinds(reply) == [kind]


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        ("👉 Click Export.", ["export"]),
        ("- 👉 Click **Export**", ["export"]),
        ("**Click Export.**", ["export"]),
        ("Step 1: Open the Media panel. Step 2: Click [Export].", ["state", "export"]),
        ("**Step 1:** Click Export.", ["export"]),
        ("Next: click the Export button.", ["export"]),
        ("Tip: you can preview it in the timeline.", ["summary"]),
        ("(Click Export.)", ["export"]),
        ("Go to File > Export.", ["export"]),
        ("Click File → Export → MP4.", ["export"]),
        ("Go to Effects > Blur.", ["state"]),
        ("Click Trim.", ["edit"]),
        ("You'll find the Export button at the top right.", ["export"]),
        ("Click Export, which is in the top right.", ["export"]),
        ("点击裁剪", ["edit"]),
        ("点击裁剪。", ["edit"]),
        ("满意的话点击“导出”按钮", ["export"]),
        ("满意的话，点击“导出”按钮。", ["export"]),
        ("渲染完成后点击导出。", ["export"]),
        ('If everything looks good, just hit "Export" and you are done!', ["export"]),
        ("Go to **File > Export** and choose MP4.", ["export"]),
        ("Head to the Export tab, pick 4K, and hit Render.", ["state", "export"]),
        ("点击“导出”，或在时间线上预览效果。", ["export", "summary"]),
        ("导出按钮在右上角", ["export"]),
        ("使用导出按钮保存视频", ["export"]),
        ("按导出键", ["export"]),
        ("第一步：打开素材库。", ["state"]),
        ("提示：点击导出按钮下载视频。", ["export"]),
        ("點擊匯出，即可下載影片。", ["export"]),
    ],
)
def test_an_instruction_in_another_form_is_one(reply: str, asked: list[str]) -> None:
    assert (translate(reply).text, kinds(reply)) == ("", asked)


@pytest.mark.parametrize(
    "reply",
    [
        "I added these titles:\n1. Click Here\n2. Open the Door\n3. Export",
        "The captions are now:\n- Open the window\n\n- Drag the line",
        "我添加了以下标题：\n1. 点击这里\n2. 打开设置面板\n3. 导出",
        "Title: Click Here, open the door, go to the timeline.",
        "旁白：打开素材库，点击导出。",
        "Tip: the music is at 35%.",
        "Step 3: the music fades out.",
        "(The music fades out at 0:08.)",
        "The title (in red) is now 3 s long.",
        "Title “Hi (click Export)” added.",
        "Click Here is now the title.",
        "Click Bait is the new title.",
        "The Export button is now blurred in the recording.",
        "导出按钮在视频里被模糊了。",
        "标题出现后点击音效响起。",
        "按时间排序的片段已经合并。",
        "我选择了标题并拖动了它。",
        "A > B comparison added.",
        "📌 The bass drop lands at 0:12.",
        "Select the clip.",
        "Warning: don't click Export yet.",
    ],
)
def test_what_only_looks_like_an_instruction_stays_to_the_letter(reply: str) -> None:
    assert translate(reply) == Translated(reply)


def test_a_list_of_steps_is_no_content() -> None:
    reply = "I've prepared everything. Next steps:\n1. Open the Media panel\n2. Click Export"
    assert kinds(reply) == ["state", "export"]
    assert "Export" not in translate(reply).text


@pytest.mark.parametrize(
    ("reply", "edit"),
    [
        ("Open the Audio panel and set the volume to 35%.", "set the volume to 35%"),
        ("打开音频面板，将音量调到35%。", "将音量调到35%"),
    ],
)
def test_what_is_to_be_set_in_a_panel_is_an_edit(reply: str, edit: str) -> None:
    assert translate(reply) == Translated("", (Action("state"), Action("edit", edit)))


@pytest.mark.parametrize(
    ("reply", "edit"),
    [
        ("Click on the music track and drag it to 0:05", "Click on the music track, then drag it to 0:05"),
        ("Select the clip and drag it to the start.", "Select the clip, then drag it to the start"),
        (
            "Drag the title to 0:02. Then drag the music to 0:05.",
            "Drag the title to 0:02, then drag the music to 0:05",
        ),
        ("点击音乐轨道，然后拖动到第5秒。", "点击音乐轨道，然后拖动到第5秒"),
        ("选择标题并拖动到开头。", "选择标题，然后拖动到开头"),
    ],
)
def test_all_edits_of_a_reply_are_one_instruction(reply: str, edit: str) -> None:
    """It is sent once: of two, the second was never carried out."""
    assert translate(reply) == Translated("", (Action("edit", edit),))


@pytest.mark.parametrize(
    "word",
    [
        "可以",
        "请",
        "然后",
        "then ",
        "and ",
        "you can ",
        "click ",
        "drag ",
        "(",
        "**",
        "> ",
        ", ",
        "， ",
        " ",
        ": ",
        "👉",
        "点击",
        "的话",
    ],
)
@pytest.mark.parametrize("end", ["", "zz", "点击"])
def test_no_repetition_keeps_a_reply_from_being_read(word: str, end: str) -> None:
    """A row of “可以” was read in all its combinations, 2 to their number: that does not end."""
    reply = word * (8000 // len(word)) + end
    assert len(translate(reply).text) <= len(reply)
