"""Several uploads in one session, one after the other on the timeline."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.emulator.editor import UploadedFile, respond
from prefect_nemovideo.emulator.editor.language import understand
from prefect_nemovideo.emulator.editor.operations import AddMusic, AddTitle, Keep, Look, Only, Reframe, Resize, Volume

NAMES = ["clip.mp4", "clip2.mp4", "b.mp4", "a, b and c.mov", "海滩.mp4", 'it\'s "me".mp4', "the.mp4", "mute.mp4"]
UHD, MUTE = Resize(3840, 2160), Volume(0.0)

SENTENCES: list[tuple[str, list[Any]]] = [
    ("use only clip2.mp4", [Only("clip2.mp4")]),
    ("Use only clip2", [Only("clip2")]),
    ("only use clip2.mp4", [Only("clip2.mp4")]),
    ("use clip2.mp4 only", [Only("clip2.mp4")]),
    ("use just the clip clip2, please", [Only("clip2")]),
    ("switch to clip2", [Only("clip2")]),
    ("Switch over to the file CLIP2.mp4 now", [Only("CLIP2.mp4")]),
    ('switch to "clip2"', [Only("clip2")]),
    ("switch to ‘clip2.mp4’", [Only("clip2.mp4")]),
    ("start a new timeline with clip2.mp4", [Only("clip2.mp4")]),
    ("start over with clip2.mp4", [Only("clip2.mp4")]),
    ("只用clip2.mp4", [Only("clip2.mp4")]),
    ("只使用“clip2”", [Only("clip2")]),
    ("切换到海滩.mp4", [Only("海滩.mp4")]),
    ("用clip2.mp4新建时间线", [Only("clip2.mp4")]),
    ("Use only b.mp4. Upscale it to 4K and add a title 'B'", [Only("b.mp4"), UHD, AddTitle("B")]),
    ("switch to clip2, mute it, and then add lofi music", [Only("clip2"), MUTE, AddMusic(bed="lofi")]),
    ("upscale to 4K but use only b.mp4", [Only("b.mp4"), UHD]),
    ("use only b.mp4 in black and white", [Only("b.mp4"), Look("grayscale", True)]),
    ("use only b.mp4 and make it better", [Only("b.mp4"), UHD]),
    ("只用clip2并升级到4K，静音", [Only("clip2"), UHD, MUTE]),
    # Names that hold separators, quotes or words of edits.
    ("use only a, b and c.mov. Make it vertical", [Only("a, b and c.mov"), Reframe((9, 16))]),
    ('Use only it\'s "me".mp4. Upscale to 4K', [Only('it\'s "me".mp4'), UHD]),
    ("use only mute.mp4", [Only("mute.mp4")]),
    # A name that was never uploaded.
    ("use only other.mp4 and mute it", [Only("other.mp4"), MUTE]),
    ("switch to clip9", [Only("clip9")]),
    # Of several the last.
    ("use only clip.mp4. No, switch to b.mp4", [Only("b.mp4")]),
    # No choice of an upload.
    ("use only the first 5 seconds", [Keep(0, 5000)]),
    ("只保留前5秒", [Keep(0, 5000)]),
    ("switch to black and white", [Look("grayscale", True)]),
    ("switch to 4K", [UHD]),
    ("use only upbeat music", [AddMusic(bed="upbeat")]),
    ("use only song.mp3 as the music", [AddMusic("song.mp3")]),
    ('use only "Sunset" as the music', [AddMusic("Sunset")]),
    ('add a title "use only b.mp4"', [AddTitle("use only b.mp4")]),
    ("don't switch to b.mp4", []),
]


@pytest.mark.parametrize(("sentence", "operations"), SENTENCES, ids=lambda value: str(value)[:60])
def test_a_sentence_chooses_an_upload_and_goes_on(sentence: str, operations: list[Any]) -> None:
    understood = understand(sentence, NAMES)
    assert list(understood.operations) == operations
    assert understood.unclear == ()


def test_the_chosen_upload_is_all_there_is(rich: Any) -> None:
    """From its beginning, on a canvas of its own, without music, titles and whatever was done before."""
    rich.say("trim the first second, 4K, 60 fps, normalize", 'add lofi music and a title "Hi"')
    rich.say("use only beach.mov")
    assert rich.clips == [("file_2", 0, 4000, 0)]
    assert rich.canvas == (1080, 1920)
    assert rich.draft["m"] == {"title": "project", "width": 1080, "height": 1920, "fps": 25.0, "fit": "pad"}
    assert (rich.segments(1), rich.titles, rich.draft["d"]) == ([], [], 4000)


def test_later_wishes_are_for_the_chosen_upload(rich: Any) -> None:
    rich.say("use only beach.mov", "make it brighter", "trim the first second")
    assert rich.clips == [("file_2", 0, 3000, 1000)]
    assert rich.look["brightness"] == 20


def test_the_reply_and_the_tools_name_it(rich: Any) -> None:
    answer = rich.say("Use only beach.mov. Upscale it to 4K")
    assert answer.reply == "Done: only “beach.mov” on the timeline (0:04); canvas 2160x3840 (4K)."
    assert answer.tool_calls[0] == ("use_only", {"clip": "file_2", "duration_ms": 4000})
    assert rich.say("只用photo").reply == "完成：时间线上只有“photo.jpg”（0:05）。"


def test_one_after_the_other_and_back_again(rich: Any) -> None:
    rich.say("use only beach.mov and mute it", "use only city timelapse.mp4")
    assert rich.clips == [("file_1", 0, 10_000, 0)]
    assert rich.look["volume"] == 100


def test_what_is_alone_already_changes_nothing(session: Any) -> None:
    answer = session.say("use only city timelapse")
    assert (answer.changed, answer.reply) == (False, "Already so: only “city timelapse.mp4” on the timeline (0:10).")


def test_a_clip_that_stays_keeps_its_id_and_another_gets_a_new_one(rich: Any) -> None:
    rich.say("mute it", "use only city timelapse.mp4")
    assert [segment["id"] for segment in rich.segments(0)] == ["seg_1"]
    rich.say("use only beach.mov")
    assert [segment["id"] for segment in rich.segments(0)] == ["seg_2"]


@pytest.mark.parametrize(
    ("sentence", "reply"),
    [
        (
            "Use only b.mp4. Upscale it to 4K and add a title 'B'",
            "No video or picture called “b.mp4” was uploaded; "
            "choose one of these: “city timelapse.mp4”, “beach.mov”, “photo.jpg”.",
        ),
        (
            "只用b.mp4，静音",
            "没有上传过名为“b.mp4”的视频或图片；可选：“city timelapse.mp4”、“beach.mov”、“photo.jpg”。",
        ),
    ],
)
def test_an_unknown_name_is_refused_and_nothing_is_done_to_another_clip(rich: Any, sentence: str, reply: str) -> None:
    answer = rich.say(sentence)
    assert (answer.changed, answer.question, answer.tool_calls, answer.reply) == (False, False, [], reply)


def test_a_sound_can_t_stand_alone(rich: Any) -> None:
    answer = rich.say('use only "Sunset Drive.mp3"')
    assert not answer.changed
    assert answer.reply.startswith("No video or picture called “Sunset Drive.mp3” was uploaded")


def test_of_uploads_with_the_same_name_the_newest_is_meant(open_session: Any) -> None:
    files = [
        UploadedFile(f"file_{n}", name, "video", 1000 * n, 640, 360, 25.0)
        for n, name in enumerate(["a.mp4", "b.mp4", "B.mp4", "b.mov"], 1)
    ]
    session = open_session(*files)
    session.say("use only b.mp4")
    assert session.clips == [("file_3", 0, 3000, 0)]
    session.say("use only b")
    assert session.clips == [("file_4", 0, 4000, 0)]


def test_a_name_is_the_same_however_its_letters_are_composed(session: Any) -> None:
    """One keyboard types é as one character, another file system stores it as two."""
    decomposed = UploadedFile("file_2", "cafe\u0301.mp4", "video", 2000, 640, 360, 25.0)
    answer = respond("use only café.mp4", session.draft, [*session.files, decomposed])
    assert [segment["src"] for segment in answer.draft["t"][0]["sg"]] == ["file_2"]


def test_a_long_list_of_uploads_is_cut_short(session: Any) -> None:
    many = [UploadedFile(f"file_{n}", f"{n}.mp4", "video", 2000, 640, 360, 25.0) for n in range(2, 30)]
    answer = respond("use only x.mp4", session.draft, [*session.files, *many])
    assert answer.reply.endswith("“12.mp4” and 17 more.")
