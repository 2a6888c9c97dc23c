"""The words that the documentation tells people to say do what it says they do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import EditNotApplied
from prefect_nemovideo.api.requests import route
from prefect_nemovideo.flows import answer_request, edit_video

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., Any]


@pytest.mark.conformance("say-and-download", "quick-edit", "upload-say-download", "typical-use", "4k-by-default")
async def test_upload_say_the_words_and_download_a_4k_mp4(
    nemo: Nemo, skill: Any, footage: Callable[..., Path], tmp_path: Path, file_of: Callable[[Any], Path]
) -> None:
    """Footage of 1080p or of 4K, and nobody names a size: a 3840×2160 MP4 with H.264 of the footage's length."""
    nemo()
    recording = footage("mp4", skill.recording)
    result = await edit_video(str(recording), skill.example, str(tmp_path / "out"), profile=skill.profile)
    assert (result.width, result.height, result.video_codec) == (3840, 2160, "h264")
    assert result.duration_seconds == pytest.approx(1, abs=0.1)
    assert (result.as_requested, result.has_audio) == (True, True)
    assert file_of(result).read_bytes()[4:8] == b"ftyp"


@pytest.mark.conformance("try-footage", "try-export", "try-short", "just-talk", "code-0")
async def test_each_thing_to_try_saying_does_it(
    nemo: Nemo, skill: Any, small_clip: Path, tmp_path: Path, name: str
) -> None:
    """Typed one after another in a conversation: talk is answered, footage edited, and “export 4K MP4” delivers it."""
    service = nemo(instant_renders=True)

    async def say(words: str) -> Any:
        return await answer_request(name, words, str(tmp_path / "out"), profile=skill.profile)

    talk = await say("maybe make my holiday film brighter, then export")
    assert "Upload a video or a picture first." in talk.text
    assert (talk.edits[0].outcome, talk.video) == ("question", None)
    assert (await say(str(small_clip))).text == "Uploaded small.mp4."
    for words in (skill.footage, skill.short):
        (edit,) = (await say(words)).edits
        assert edit.outcome in ("applied", "unchanged"), words
    answer = await say("export 4K MP4")
    assert (answer.kind, answer.video.width, answer.video.uri[-4:]) == ("export", 3840, ".mp4")
    assert service.writes().count("create_session") == 1


@pytest.mark.conformance("specific-words")
async def test_a_vague_wish_is_answered_by_what_it_takes(
    nemo: Nemo, small_clip: Path, tmp_path: Path, small: OutputSpec
) -> None:
    """What nobody could carry out is a question, with what can be asked for instead; nothing is charged."""
    service = nemo()
    with pytest.raises(EditNotApplied, match="asks something") as asked:
        await edit_video(str(small_clip), "do something", str(tmp_path / "out"), output=small)
    assert "upscale, sharpen" in asked.value.message
    assert service.charged() == 0


@pytest.mark.conformance("routed-by-intent", "route-edit")
async def test_aspect_ratio_text_and_audio_reach_the_editor(nemo: Nemo, small_clip: Path, name: str) -> None:
    """What the documentation names as things to ask for is sent as it was said, and done."""
    service = nemo()
    wishes = {
        f"upload {small_clip} and change the aspect ratio to 9:16": "9:16",
        'add a text overlay "Paradise Found" for 1 second': "Paradise Found",
        "remove the audio track": "muted",
        "add BGM": "Lo-fi",
    }
    for words, change in wishes.items():
        answer = await answer_request(name, words)
        assert change in answer.text
        assert answer.edits[0].outcome == "applied"
    sent = [request["body"]["new_message"]["parts"][0]["text"] for request in service.requests("run_sse")]
    assert sent == ["change the aspect ratio to 9:16", *list(wishes)[1:]]


@pytest.mark.conformance("route-export", "route-credits", "route-state", "route-upload")
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        *((words, "export") for words in ("export", "导出", "download", "send me the video")),
        *((words, "credits") for words in ("credits", "积分", "balance", "余额")),
        *((words, "state") for words in ("status", "状态", "show tracks")),
        *((words, "upload") for words in ("upload clip.mp4", "上传 clip.mp4", "clip.mp4")),
    ],
)
def test_each_word_of_the_table_asks_for_its_action(words: str, kind: str) -> None:
    """In both languages, alone, in capitals, and said politely."""
    manners = "请" if "\u4e00" <= words[0] <= "\u9fff" else "Please "
    for said in (words, words.upper(), manners + words):
        assert (route(said).kind, route(said).edit) == (kind, "")


@pytest.mark.conformance("route-export", "route-credits", "route-state", "route-upload")
async def test_what_the_table_names_skips_the_editor(
    nemo: Nemo, small_clip: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each action is done by its own call of the API, and no message is sent to the editor."""
    monkeypatch.chdir(small_clip.parent)
    service = nemo(instant_renders=True)
    asked = {
        "上传 small.mp4": "upload",
        "余额": "credits",
        "show tracks": "state",
        "send me the video": "render_submit",
    }
    for words, endpoint in asked.items():
        before = len(service.requests(endpoint))
        answer = await answer_request(name, words, str(Path.home() / "out"))
        assert len(service.requests(endpoint)) > before
        assert answer.text
    assert service.requests("run_sse") == []
