"""A draft that can't be rendered is refused at once, and the message names what is wrong."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.emulator.renderer import BadDraft, check_draft

GOOD: dict[str, Any] = {
    "d": 3000,
    "m": {"title": "project", "width": 320, "height": 180, "fps": 25.0, "fit": "pad"},
    "t": [
        {"id": "t1", "tt": 0, "m": {}, "sg": [
            {"id": "s1", "src": "file_a", "s": 0, "d": 1000, "m": {"sharpen": 0.8}},
            {"id": "s2", "src": "file_a", "s": 1000, "d": 2000},
        ]},
        {"id": "t2", "tt": 1, "m": {"title": "Lo-fi", "volume": 35}, "sg": [{"src": "bed:lofi", "s": 0, "d": 3000}]},
        {"id": "t3", "tt": 7, "sg": [{"s": 0, "d": 1000, "m": {"text": "Hi"}}]},
    ],
}  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good draft with one place changed, such as `t.0.sg.1.s`."""
    draft = copy.deepcopy(GOOD)
    place: Any = draft
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        place = place[step]
    place[last] = value
    return draft


def refusal(draft: Any, files: set[str] | None = None) -> str:
    """What is said about a draft."""
    with pytest.raises(BadDraft) as refused:
        check_draft(draft, {"file_a"} if files is None else files)
    return str(refused.value)


def test_a_good_draft_passes() -> None:
    check_draft(GOOD, {"file_a"})


def test_the_documented_draft_passes() -> None:
    """The example of docs/draft.md, with every key of a segment in it."""
    page = Path(__file__).parents[3] / "docs" / "draft.md"
    example = re.search(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    check_draft(json.loads(example[1]), {"file_6f…"})


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("x", 1, "x: this renderer does not know that key"),
        ("m.hdr", True, "m.hdr: this renderer does not know that key"),
        ("t.0.blend", 1, "t[0].blend: this renderer does not know that key"),
        ("t.0.sg.0.m.sparkle", 1, "t[0].sg[0].m.sparkle: this renderer does not know that key"),
        ("t.0.sg.0.m.loop", True, "t[0].sg[0].m.loop: this renderer does not know that key"),
        ("t.0.sg.0.m.sharpen", 5, "t[0].sg[0].m.sharpen: input should be less than or equal to 2, not 5"),
        ("t.0.sg.0.m.volume", float("nan"), "t[0].sg[0].m.volume"),
        ("t.0.sg.0.m.rotate", 45, "t[0].sg[0].m.rotate"),
        ("t.0.sg.0.m.flip", "x", "t[0].sg[0].m.flip"),
        ("t.0.sg.0.m.grayscale", 1, "t[0].sg[0].m.grayscale"),
        ("t.0.sg.0.s", 0.5, "t[0].sg[0].s"),
        ("t.0.sg.0.d", 0, "t[0].sg[0].d"),
        ("t.0.sg.0.d", "1000", "t[0].sg[0].d"),
        ("t.2.sg.0.m.position", "moon", "t[2].sg[0].m.position"),
        ("t.2.sg.0.m", {}, "t[2].sg[0].m.text: is missing"),
        ("t.1.tt", 5, "t[1].tt: is not a known kind of track"),
        ("m.width", 321, "m.width"),
        ("m.width", 90000, "m.width"),
        ("m.fps", 0, "m.fps"),
        ("m.fit", "stretch", "m.fit"),
        ("m.loudness", 3, "m.loudness"),
        ("d", 2999, "d: 2999 ms is not the end of the last video segment (3000 ms)"),
        ("t.0.sg.1.s", 900, "video segment 1 starts at 900 ms, before the one ahead of it ends (1000 ms)"),
        ("t.0.sg", [], "there is no video segment; put a clip on the timeline first"),
        ("t.1.tt", 0, "there are several video tracks"),
        ("t.0.sg.0.src", "file_b", "src 'file_b' is not a file of this session"),
        ("t.0.sg.0.src", "bed:lofi", "'bed:lofi' is music and can't be a video segment"),
        ("t.1.sg.0.src", "bed:polka", "src 'bed:polka' is not known; the beds are lofi, upbeat, calm, cinematic"),
        ("t.1.sg.0.src", "/etc/passwd", "src '/etc/passwd' is not a file of this session"),
    ],
)
def test_what_is_wrong_is_named(path: str, value: Any, named: str) -> None:
    said = refusal(changed(path, value))
    assert named in said
    assert said.startswith("The draft can't be rendered: ")


@pytest.mark.parametrize("draft", [None, [], "draft", 5, {}, {"t": []}, {"d": 1, "m": {}, "t": [None]}])
def test_what_is_no_draft_at_all_is_refused(draft: Any) -> None:
    refusal(draft)


def test_several_problems_are_named_at_once() -> None:
    draft = changed("m.fit", "stretch")
    draft["t"][0]["sg"][0]["m"]["sparkle"] = 1
    said = refusal(draft)
    assert "m.fit" in said
    assert "sparkle" in said


async def test_asking_for_more_than_a_source_has_is_refused(studio: Any, draft: Any) -> None:
    await studio.add("clock", studio.clock(seconds=1))
    with pytest.raises(BadDraft, match=r"up to 3\.000 s, but the file ends at 1\.000 s"):
        await studio.render(draft({"in": 1000, "d": 1000, "speed": 2.0}))


async def test_a_song_as_picture_and_a_silent_clip_as_music_are_refused(studio: Any, draft: Any) -> None:
    await studio.add("song", studio.scene("song2.wav", "sine=d=1"))
    await studio.add("mute", studio.scene("mute.mp4", "color=gray:s=64x36:r=25:d=1", "-preset", "ultrafast"))
    with pytest.raises(BadDraft, match="'song' is sound only"):
        await studio.render(draft({"src": "song", "d": 1000}))
    music = [{"src": "mute", "s": 0, "d": 1000}]
    with pytest.raises(BadDraft, match="'mute' on an audio track has no sound"):
        await studio.render(draft({"src": "mute", "d": 1000}, sounds=music))
