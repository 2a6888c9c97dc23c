"""What a backend's sentence means where there is no screen."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.replies import Action, is_already_so, is_question, is_refusal, translate

ROWS = [
    # click [button] / 点击
    ("Click the Export button to download it.", "", ["export"]),
    ("Click [Export].", "", ["export"]),
    ("Click on **Download** in the toolbar.", "", ["export"]),
    ("Tap the save icon.", "", ["export"]),
    ("点击【导出】按钮下载视频。", "", ["export"]),
    ("请点击右上角的“下载”。", "", ["export"]),
    ("Click [Play] to watch the result.", "", ["summary"]),
    ("Click [Split] to cut the clip at 0:05.", "", ["edit:cut the clip at 0:05"]),
    ("点击“撤销”。", "", ["edit:撤销"]),
    ("Press the Undo button.", "", ["edit:Press the Undo button"]),
    # open [panel] / 打开
    ("Open the Effects panel.", "", ["state"]),
    ("You can now open the media library to see all clips.", "", ["state"]),
    ("Go to the settings page.", "", ["state"]),
    ("打开设置面板查看。", "", ["state"]),
    ("请打开「素材库」。", "", ["state"]),
    # drag/drop / 拖拽
    ("Drag the clip onto track 2.", "", ["edit:Drag the clip onto track 2"]),
    ("Please drag and drop your music into the timeline.", "", ["edit:drag and drop your music into the timeline"]),
    ("Drop the file here.", "", ["edit:Drop the file here"]),
    ("将素材拖拽到时间线上。", "", ["edit:将素材拖拽到时间线上"]),
    ("您可以拖动标题到开头。", "", ["edit:拖动标题到开头"]),
    # preview in timeline
    ("You can preview it in the timeline.", "", ["summary"]),
    ("Preview in timeline.", "", ["summary"]),
    ("Check the timeline.", "", ["summary"]),
    ("The result can be previewed in the timeline.", "", ["summary"]),
    ("您可以在时间线中预览效果。", "", ["summary"]),
    # Export button / 导出
    ("Use the Export button in the top right corner.", "", ["export"]),
    ("The Export button is in the top-right corner.", "", ["export"]),
    ("You can now export your video.", "", ["export"]),
    ("To download your video, click the Export button.", "", ["export"]),
    ("现在可以导出视频了。", "", ["export"]),
    ("请使用导出按钮。", "", ["export"]),
    # check account/billing
    ("Please check your account or billing page.", "", ["credits"]),
    ("Check account/billing.", "", ["credits"]),
    ("Open your billing dashboard.", "", ["credits"]),
    ("请查看账户余额。", "", ["credits"]),
    # inside longer texts
    ("Title added. Click the Export button to download it.", "Title added.", ["export"]),
    ("I've trimmed the clip to 4.2 s, click [Preview] to watch it.", "I've trimmed the clip to 4.2 s.", ["summary"]),
    ("Your video is ready and you can preview it in the timeline.", "Your video is ready.", ["summary"]),
    ("音乐音量降到35%，点击右上角的导出即可。", "音乐音量降到35%。", ["export"]),
    ("标题已添加。您可以在时间线中预览效果，然后点击“导出”。", "标题已添加。", ["summary", "export"]),
    ("Upscaled to 4K; use the Export button when you are ready.", "Upscaled to 4K.", ["export"]),
    (
        "Done!\nNext steps:\n1. Open the Media panel.\n2. Drag and drop your clip into the timeline.\n"
        "3. Click [Export].\nEnjoy!",
        "Done!\nEnjoy!",
        ["state", "edit:Drag and drop your clip into the timeline", "export"],
    ),
    ("Click [Export]. Then click the Export button. 点击导出。", "", ["export"]),
]


def actions(reply: str) -> list[str]:
    return [f"{a.kind}:{a.text}" if a.text else a.kind for a in translate(reply).actions]


@pytest.mark.conformance("gui-assumed", "gui-click", "gui-open", "gui-drag", "gui-preview", "gui-export")
@pytest.mark.parametrize(("reply", "text", "asked"), ROWS, ids=[row[0] for row in ROWS])
def test_screen_talk_becomes_an_action_and_content_stays(reply: str, text: str, asked: list[str]) -> None:
    assert translate(reply).text == text
    assert actions(reply) == asked


@pytest.mark.parametrize("reply", [row[0] for row in ROWS])
def test_screen_talk_is_found_after_an_answer_and_before_one(reply: str) -> None:
    """The row's action is the same in company, and the company stays to the letter."""
    assert translate(f"The music fades out at 0:08. {reply}").text.startswith("The music fades out at 0:08.")
    assert actions(f"The music fades out at 0:08. {reply}") == actions(reply)
    assert translate(f"{reply}\nThe door opens at 0:03.").text.endswith("The door opens at 0:03.")


CONTENT = [
    "The door opens at 0:03.",
    "A drag race starts at 0:10, then the crowd cheers.",
    "Drop shadow added to the title.",
    "Click sounds were removed from the voice track.",
    "I removed the export button from the screen recording.",
    "I opened with a wide shot, then faded to black.",
    "Open the video with a bang.",
    "The person clicks a pen and opens a window.",
    "I kept the button on the shirt in focus.",
    "The bass drop now lands on the cut at 0:12.",
    "I've added a preview of the next episode at the end.",
    "The account of the journey is now narrated.",
    "Exported scenes keep their original audio.",
    "Choose life: the title now says that.",
    "点击音效已添加。",
    "门在第3秒打开。",
    "拖拽赛车的镜头放到了开头。",
    "已导出的片段保持原声。",
    "标题改为“点击导出”。",
    'The title now says "Click the Export button".',
    "Trimmed to 4.2 s, e.g. without the intro.\n\n- Music: Lo-fi, 35 %\n- Title: none",
]


@pytest.mark.conformance("text-events")
@pytest.mark.parametrize("reply", CONTENT)
def test_a_sentence_about_the_video_stays_to_the_letter(reply: str) -> None:
    assert translate(reply).text == reply
    assert translate(reply).actions == ()


def test_each_action_is_asked_for_once_in_the_order_of_the_reply() -> None:
    reply = "Click [Export]. Open the Media panel. Drag the clip to the end. Click [Export]. Drag the clip to the end."
    assert translate(reply).actions == (Action("export"), Action("state"), Action("edit", "Drag the clip to the end"))


@pytest.mark.parametrize(
    "reply", ["", "\n\n", "...", "]]][[[", "Click", "点击", "drag", "，，，", "click " * 500, "a, " * 2000]
)
def test_no_reply_is_too_odd(reply: str) -> None:
    translate(reply)
    is_question(reply)
    is_refusal(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "What should the title say?",
        "Which clip do you mean? 1) intro.mp4 2) beach.mp4",
        "Which clip should I trim?\n1. intro\n2. beach",
        "I found two clips. Which one should I trim?",
        "Would you like the start or the end trimmed?",
        "Would you like me to continue? This costs 100 credits.",
        "Please provide the text of the title.",
        "Please tell me which part to cut.",
        "Could you clarify what you mean by pop?",
        "Before I begin, let me know which style you prefer.",
        "请问标题写什么？",
        "请告诉我要剪哪一段。",
        "您想要哪种风格呢",
        "I can't find that clip. Which one do you mean?",
        "Please upload a video first.",
    ],
)
def test_a_reply_that_waits_for_an_answer_is_a_question(reply: str) -> None:
    assert is_question(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Done. Anything else you'd like?",
        "Done! Would you like to export now?",
        "I've added the title. Would you like me to adjust it?",
        "Trimmed to 5 s. How does it look?",
        "The clip is now 5 s. Let me know if you want any changes.",
        'Title set to "Ready?"',
        "Trimmed to 4.2 s.",
        "标题已添加。还需要其他修改吗？",
        "已完成，需要导出吗？",
        "See https://nemo.example/?a=b",
    ],
)
def test_manners_offers_and_quotations_are_no_question(reply: str) -> None:
    assert not is_question(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "I can't do this.",
        "Sorry, I cannot remove watermarks.",
        "I’m unable to process faces.",
        "I am not able to do that.",
        "We currently don't support 8K.",
        "That format is not supported.",
        "This isn't possible with audio clips.",
        "The feature isn't available yet.",
        "Unsupported effect.",
        "That is beyond my abilities.",
        "Sorry, I can't do that. Would you like me to try something else?",
        "无法完成该操作。",
        "抱歉，不支持此格式。",
        "目前我还不能处理人脸。",
    ],
)
def test_a_reply_that_cannot_is_a_refusal(reply: str) -> None:
    assert is_refusal(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Done.",
        "4K is supported.",
        "You can't see the cut any more.",
        "It's possible to add more.",
        'The title says "I can\'t".',
        "The music is available in two moods.",
        "标题改为“无法忘记”。",
    ],
)
def test_other_replies_are_no_refusal(reply: str) -> None:
    assert not is_refusal(reply)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Already so: canvas 1920x1080.", True),
        ("The video is already in 4K.", True),
        ("No changes are needed.", True),
        ("视频已经是4K了。", True),
        ("Let me trim it.", False),
        ("", False),
    ],
)
def test_what_is_so_already_is_told_from_what_was_not_done(reply: str, expected: bool) -> None:
    """An unchanged timeline is as asked only where the reply says so."""
    assert is_already_so(reply) is expected
