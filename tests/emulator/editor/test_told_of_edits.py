"""What an edit leaves of a clip keeps its id, and a client that compares timelines tells it in words."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.timeline import Timeline


@pytest.mark.parametrize(
    ("sentences", "ids"),
    [
        (["trim the first second"], ["seg_1"]),
        (["trim the last second"], ["seg_1"]),
        (["keep 0:02 to 0:05"], ["seg_1"]),
        (["cut from 0:02 to 0:05"], ["seg_1", "seg_3"]),
        (["cut from 0:02 to 0:05", "trim the first 3 seconds"], ["seg_3"]),
        (["merge all clips", "trim the first 12 seconds"], ["seg_2", "seg_3"]),
        (["merge all clips", "cut from 0:09 to 0:12"], ["seg_1", "seg_2", "seg_3"]),
    ],
)
def test_what_is_left_of_a_clip_keeps_its_id(rich: Any, sentences: list[str], ids: list[str]) -> None:
    rich.say(*sentences)
    assert [segment["id"] for segment in rich.segments(0)] == ids


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("trim the first second", ["Trimmed to 9 s"]),
        ("cut from 0:01 to 0:03", ["Cut: 10 s → 8 s"]),
        ("play at 2x", ["city timelapse lasts 5 s instead of 10 s", "speed 1× → 2× on city timelapse"]),
        ("mute from 0:02 to 0:05", ["Volume of city timelapse, 2–5 s: 100 % → 0 %"]),
        ("fade in for half a second", ["fade in 0.5 s on city timelapse"]),
        ("black and white", ["grayscale on for city timelapse"]),
        ("merge all clips", ["Video added: beach, 10–14 s", "Video added: photo, 14–19 s"]),
        ("make it vertical", ["Canvas 1920×1080 → 1080×1920", "fit pad → crop"]),
    ],
)
def test_an_edit_is_told_in_words(rich: Any, sentence: str, told: list[str]) -> None:
    before = Timeline.from_state({"draft": rich.draft})
    rich.say(sentence)
    assert differences(before, Timeline.from_state({"draft": rich.draft})) == told


def test_starting_over_is_told_as_what_came_back(rich: Any) -> None:
    rich.say("merge all clips", "cut from 0:01 to 0:03", "fade in")
    before = Timeline.from_state({"draft": rich.draft})
    rich.say("start over")
    assert differences(before, Timeline.from_state({"draft": rich.draft})) == [
        "Extended: 8 s → 10 s",
        "fade in removed from city timelapse",
        "Video removed: beach",
        "Video removed: photo",
    ]
