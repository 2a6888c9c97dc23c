"""One job in every dialect of the service and under both profiles ends in a file that is as asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
import pytest
from nemo_server import NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.results import VideoResult

UPSCALE = "upscale this video to 4K and sharpen the details"
SMALL = OutputSpec(resolution="720p")
#: As the design promises them, in its order.
RESULT_FIELDS = """
    status job_key uri sha256 bytes width height fps duration_seconds video_codec has_audio as_requested differences
    session_id task_id render_id workspace_url edits timeline credits_spent resumed pictures warnings
"""
EDIT_FIELDS = {"instruction", "reply", "silent", "changes", "outcome"}

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


def file_of(result: VideoResult) -> Path:
    """The delivered file, where the archive is a folder."""
    return Path(unquote(urlsplit(result.uri).path))


def check_file_is_as_told(result: VideoResult, width: int, height: int, seconds: float) -> None:
    """What the result document says of the file is what another reader finds in it."""
    path = file_of(result)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result.sha256
    assert path.stat().st_size == result.bytes
    with av.open(path) as container:
        picture = container.streams.video[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == (result.video_codec, "yuv420p")
        assert (picture.width, picture.height) == (result.width, result.height) == (width, height)
        assert float(picture.average_rate or 0) == pytest.approx(result.fps)
        assert bool(container.streams.audio) == result.has_audio
        assert len(list(container.decode(video=0))) == pytest.approx(seconds * result.fps, abs=1)
    assert result.duration_seconds == pytest.approx(seconds, abs=0.1)


@pytest.mark.conformance("quick-edit", "upload-say-download", "skill-source", "mp4-h264", "composited-h264")
@pytest.mark.parametrize("profile", ["video-4k", "4k-with-session"])
@pytest.mark.parametrize("render_dialect", ["seed", "envelope"])
@pytest.mark.parametrize("sse_dialect", ["simple", "adk"])
async def test_every_dialect_ends_in_a_file_as_asked(
    nemo: Nemo, small_clip: Path, tmp_path: Path, sse_dialect: str, render_dialect: str, profile: str
) -> None:
    """Upload, edit, render, download, verify and archive, and calls that are attributed to the profile."""
    service = nemo(sse_dialect=sse_dialect, render_dialect=render_dialect)
    result = await edit_video(str(small_clip), UPSCALE, str(tmp_path / "out"), profile=profile, output=SMALL)
    assert (result.as_requested, result.differences, result.warnings) == (True, [], [])
    assert (result.edits[0].outcome, result.credits_spent) == ("applied", 50)
    check_file_is_as_told(result, 1280, 720, 1)
    assert {request["headers"]["x-skill-source"] for request in service.requests() if request["endpoint"] != "cdn"} == {
        profile
    }


async def test_the_result_document_is_the_one_promised_and_lies_beside_the_video(
    nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """Its fields, their order, and the manifest, which is the same document."""
    nemo()
    result = await edit_video(str(small_clip), UPSCALE, str(tmp_path / "out"), output=SMALL)
    document = result.model_dump(mode="json")
    assert list(document) == RESULT_FIELDS.split()
    assert set(document["edits"][0]) == EDIT_FIELDS
    video = file_of(result)
    manifest = video.with_suffix(".manifest.json")
    assert json.loads(manifest.read_text()) == document
    assert sorted(path.name for path in video.parent.iterdir()) == sorted([video.name, manifest.name])


@pytest.mark.conformance("4k-by-default")
async def test_without_a_size_the_file_is_4k(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """Both profiles promise 4K by default, and 4K is what is delivered."""
    nemo()
    result = await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"))
    check_file_is_as_told(result, 3840, 2160, 1)
    assert result.as_requested


@pytest.mark.conformance("silent-edits")
@pytest.mark.parametrize("sse_dialect", ["simple", "adk"])
async def test_an_edit_without_a_word_is_found_on_the_timeline(
    nemo: Nemo, small_clip: Path, tmp_path: Path, sse_dialect: str
) -> None:
    """Three edits of ten say nothing: what changed is then told from the timeline."""
    nemo(sse_dialect=sse_dialect, silent_share=1, instant_renders=True)
    result = await edit_video(str(small_clip), 'add the title "Urban Dreams"', str(tmp_path / "out"), output=SMALL)
    (edit,) = result.edits
    assert (edit.outcome, edit.silent, edit.reply) == ("applied", True, "")
    assert "Urban Dreams" in " ".join(edit.changes)
    assert "Urban Dreams" in result.timeline


@pytest.mark.conformance("gui-assumed", "text-events")
async def test_talk_of_buttons_is_not_passed_on(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """Nobody here sits at a screen: what the reply says of the content stays, what it says of a screen goes."""
    nemo(gui_phrases=True, trailing_noise=True, instant_renders=True)
    result = await edit_video(str(small_clip), UPSCALE, str(tmp_path / "out"), output=SMALL)
    reply = result.edits[0].reply
    assert reply
    assert not [word for word in ("click", "button", "panel", "drag", "temporary issue") if word in reply.lower()]


async def test_instructions_are_carried_out_one_after_another(nemo: Nemo, tmp_path: Path, sample_clip: Path) -> None:
    """Each is an edit of its own, paid for by itself, and the file has all of them."""
    service = nemo()
    words = ["trim the first 1 second", "make it vertical 9:16"]
    result = await edit_video(str(sample_clip), words, str(tmp_path / "out"), output=SMALL)
    assert [edit.instruction for edit in result.edits] == words
    assert result.credits_spent == 100 == service.charged()
    check_file_is_as_told(result, 720, 1280, 2)


async def test_an_instruction_that_changes_nothing_is_told(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """The file is delivered, and the result says which instruction had no effect."""
    nemo(instant_renders=True)
    words = ["rotate by 90 degrees", "make it 16:9", "make it 16:9"]
    result = await edit_video(str(small_clip), words, str(tmp_path / "out"), output=SMALL)
    assert [edit.outcome for edit in result.edits][-1] == "unchanged"
    assert "“make it 16:9” changed nothing on the timeline." in result.warnings
    # The editor said that it is so already: what was asked for is what is delivered.
    assert result.as_requested
