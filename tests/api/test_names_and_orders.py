"""Names of projects, tracks and files, and the order of tracks: each change has its sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.timeline import Timeline

Draft = dict[str, Any]


def draft() -> Draft:
    return {
        "d": 9000,
        "m": {"title": "project"},
        "t": [
            {"id": "t1", "tt": 0, "m": {"title": "Main"}, "sg": [
                {"id": "s1", "s": 0, "d": 5000, "m": {"title": "city"}},
                {"id": "s2", "s": 5000, "d": 4000, "m": {"title": "beach"}}]},
            {"id": "t2", "tt": 0, "sg": [{"id": "s3", "s": 0, "d": 2000, "m": {"title": "logo"}}]},
            {"id": "t3", "tt": 1, "sg": [{"id": "s4", "s": 0, "d": 9000, "m": {"title": "Lo-fi"}}]},
            {"id": "t4", "tt": 7, "m": {"volume": 10}, "sg": []},
        ],
    }  # fmt: skip


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key != "id"}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def told(edit: Callable[[Draft], Any], ids: bool = True) -> list[str]:
    before, after = draft(), draft()
    edit(after)
    drafts = (before, after) if ids else (without_ids(before), without_ids(after))
    old, new = (Timeline.from_state({"draft": copy.deepcopy(one)}) for one in drafts)
    return differences(old, new)


def moved_over(d: Draft) -> None:
    d["t"][1]["sg"].append(d["t"][0]["sg"].pop())


EDITS: list[tuple[Callable[[Draft], Any], list[str]]] = [
    (lambda d: d["t"].reverse(), ["Tracks reordered: untitled, Lo-fi, logo, Main"]),
    (lambda d: d["t"].insert(0, d["t"].pop(1)), ["Tracks reordered: logo, Main, Lo-fi, untitled"]),
    (lambda d: d["t"].insert(0, d["t"].pop(2)), ["Tracks reordered: Lo-fi, Main, logo, untitled"]),
    (lambda d: d["t"].insert(0, {"id": "t9", "tt": 9, "sg": []}), ["Element track added, still empty"]),
    (lambda d: d["m"].update(title="holiday"), ["Project renamed: project → holiday"]),
    (lambda d: d["m"].pop("title"), ["Project no longer named project"]),
    (lambda d: d["t"][0]["m"].update(title="A-roll"), ["Track renamed: Main → A-roll"]),
    (lambda d: d["t"][0].pop("m"), ["Track no longer named Main"]),
    (lambda d: d["t"][1].update(m={"title": "Corner"}), ["Track named Corner"]),
    (lambda d: d["t"][3]["m"].update(volume=20), ["Volume of the text track: 10 % → 20 %"]),
    (lambda d: d["t"][3]["m"].pop("volume"), ["Volume of the text track: 10 % → not set"]),
    (lambda d: d.update(d=12000), ["The timeline lasts 12 s instead of 9 s"]),
    (moved_over, ["beach moved to another track"]),
]


@pytest.mark.parametrize(("edit", "expected"), EDITS, ids=[str(words) for _, words in EDITS])
@pytest.mark.parametrize("ids", [True, False], ids=["ids", "no-ids"])
def test_each_has_its_sentence(edit: Callable[[Draft], Any], expected: list[str], ids: bool) -> None:
    assert told(edit, ids) == expected


def test_what_comes_first_is_named_and_not_renamed() -> None:
    found = differences(Timeline(), Timeline.from_state({"draft": draft()}))
    assert not any("roject" in sentence or "Track" in sentence for sentence in found)


def test_a_track_whose_only_segment_has_its_name_is_renamed_once() -> None:
    def one(title: str) -> Timeline:
        segment = {"id": "s", "d": 1000, "m": {"title": title}}
        return Timeline.from_state({"draft": {"t": [{"id": "t", "tt": 0, "m": {"title": title}, "sg": [segment]}]}})

    assert differences(one("a"), one("b")) == ["Renamed: a → b"]


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ({"src": "https://cdn.example/x/beach%20day.mp4?sig=1"}, "beach day.mp4"),
        ({"src": "https://cdn.example/o/trip%2Fbeach%20day.mp4"}, "beach day.mp4"),
        ({"src": "https://cdn.example/%E6%B5%B7.mp4"}, "海.mp4"),
        ({"src": "https://cdn.example/a%0Ab%1B%5B31m.mp4"}, "a b [31m.mp4"),
        ({"src": "https://cdn.example/100%.mp4"}, "100%.mp4"),
        ({"src": "https://cdn.example/%FF%FE.mp4"}, "%FF%FE.mp4"),
        ({"src": "https://cdn.example/a.mp4", "m": {"title": "beach%20day"}}, "beach%20day"),
        ({"filename": "beach%20day.mp4"}, "beach%20day.mp4"),
    ],
)
def test_a_name_that_comes_from_an_address_is_shown_as_it_was_meant(segment: Draft, name: str) -> None:
    read = Timeline.from_state({"draft": {"t": [{"tt": 0, "sg": [{**segment, "d": 1000}]}]}})
    assert read.summary() == f"Timeline (1 track): 1. Video: {name} (0-1s)"
    assert differences(Timeline(), read) == [f"Video added: {name}, 0–1 s"]
