"""Drafts of every shape, read as tracks, a summary and a fingerprint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_nemovideo.api.timeline import Kind, Timeline

VIDEO = {"id": "seg_1", "s": 0, "d": 10000, "m": {"title": "city timelapse", "volume": 100}}
MUSIC = {"id": "seg_2", "s": 0, "d": 10000, "m": {"title": "Lo-fi", "volume": 35}}
TITLE = {"id": "seg_3", "s": 0, "d": 3000, "m": {"text": "Urban Dreams"}}
DRAFT = {
    "d": 10000,
    "m": {"title": "project", "width": 3840, "height": 2160, "fps": 30.0, "fit": "pad"},
    "t": [{"tt": 0, "sg": [VIDEO]}, {"tt": 1, "sg": [MUSIC]}, {"tt": 7, "sg": [TITLE]}],
}
EXAMPLE = (
    'Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)'
)


def timeline(*tracks: dict[str, Any], **draft: Any) -> Timeline:
    return Timeline.from_state({"draft": {"t": list(tracks), **draft}})


@pytest.mark.conformance("timeline-summary")
def test_the_summary_is_the_documented_one() -> None:
    assert Timeline.from_state({"draft": DRAFT}).summary() == EXAMPLE


def test_a_draft_may_come_as_a_json_string_or_inside_the_replys_data() -> None:
    assert Timeline.from_state({"draft": json.dumps(DRAFT)}) == Timeline.from_state({"draft": DRAFT})
    assert Timeline.from_state({"session_id": "1", "state": {"draft": DRAFT}}).summary() == EXAMPLE


@pytest.mark.parametrize(
    "draft", [None, {}, "", "{}", "null", "{broken", [], 7, {"t": None}, {"t": "x"}, {"t": [1, None]}]
)
def test_a_draft_without_tracks_is_empty_and_not_exportable(draft: Any) -> None:
    read = Timeline.from_state({"draft": draft})
    assert read.summary() == "Timeline (0 tracks): empty"
    assert not read.exportable
    assert len(read.fingerprint()) == 64


def test_one_track_is_said_in_the_singular() -> None:
    assert timeline({"tt": 0, "sg": [VIDEO]}).summary() == "Timeline (1 track): 1. Video: city timelapse (0-10s)"


@pytest.mark.parametrize("count", range(51))
def test_any_number_of_tracks_is_counted_and_numbered(count: int) -> None:
    summary = timeline(*[{"tt": 0, "sg": [VIDEO]}] * count).summary()
    assert summary.startswith(f"Timeline ({count} track")
    assert summary.count("city timelapse") == count
    assert count == 0 or f" {count}. Video" in summary


@pytest.mark.parametrize(
    ("track", "told"),
    [
        ({"tt": 9, "sg": [{"d": 2500, "m": {"title": "star"}}]}, "Type 9: star (0-2.5s)"),
        ({"sg": [{"d": 40}]}, "Other: untitled (0-0.04s)"),
        ({"tt": 0, "sg": [{"d": 1000, "src": "https://cdn/x/beach.mp4?sig=1"}]}, "Video: beach.mp4 (0-1s)"),
        ({"tt": 0, "sg": [{"d": 1000, "src": "file_6f"}]}, "Video: untitled (0-1s)"),
        ({"tt": 7, "sg": [{"d": 1000}]}, "Title: untitled (0-1s)"),
        ({"tt": 7, "m": {"title": "Hi"}, "sg": [{"s": 500, "d": 1000}]}, 'Title: "Hi" (0.5-1.5s)'),
        (
            {"tt": 7, "sg": [{"d": 1000, "m": {"text": 'two\nlines "and" quotes'}}]},
            'Title: "two lines \\"and\\" quotes" (0-1s)',
        ),
        ({"tt": 1, "sg": []}, "BGM: untitled (empty)"),
        ({"tt": 1, "m": {"title": "Lo-fi", "volume": 35}, "sg": [{"d": 9967}]}, "BGM: Lo-fi (0-9.97s, 35%)"),
        ({"tt": 1, "sg": [{"d": 1000, "m": {"title": "a"}}]}, "BGM: a (0-1s)"),
        ({"tt": 0, "sg": [VIDEO, {**VIDEO, "s": 10000}]}, "Video: city timelapse + 1 more (0-20s)"),
        ({"type": "audio", "segments": [{"in": 1000, "out": 4200, "name": "a"}]}, "BGM: a (0-3.2s)"),
        ({"tt": "7", "sg": [{"d": "1500", "text": "Hi"}]}, 'Title: "Hi" (0-1.5s)'),
    ],
)
def test_missing_and_unknown_things_are_told_as_far_as_known(track: dict[str, Any], told: str) -> None:
    assert timeline(track).summary() == f"Timeline (1 track): 1. {told}"


@pytest.mark.parametrize("key", ["s", "st", "start", "startMs", "start_ms", "startTime", "start_time"])
def test_the_start_is_found_under_each_of_its_names(key: str) -> None:
    assert timeline({"tt": 0, "sg": [{key: 2000, "d": 1000}]}).tracks[0].segments[0].start_ms == 2000


def test_segments_without_a_start_follow_each_other() -> None:
    read = timeline({"tt": 0, "sg": [{"d": 1000}, {"d": 500}, {"s": 5000, "d": 1000}, {"d": 1}]})
    assert [s.start_ms for s in read.tracks[0].segments] == [0, 1000, 5000, 6000]
    assert read.duration_ms == 6001


@pytest.mark.parametrize(
    "noise",
    [
        {"d": "x"},
        {"s": None, "d": -5},
        {"d": float("nan")},
        {"m": []},
        {"d": True},
        {"d": 10**400},
        {"m": {"volume": "x"}},
    ],
)
def test_nonsense_in_a_segment_raises_nothing(noise: dict[str, Any]) -> None:
    read = timeline({"tt": 0, "sg": [noise]})
    assert read.exportable
    assert read.tracks[0].segments[0].duration_ms == 0


def test_canvas_comes_from_the_draft_before_the_canvas_config() -> None:
    read = Timeline.from_state({"draft": DRAFT, "canvas_config": {"width": 1080, "height": 1920, "ratio": "9:16"}})
    assert (read.width, read.height, read.fps) == (3840, 2160, 30.0)
    assert read.details == {"fit": "pad", "ratio": "9:16"}
    assert Timeline.from_state({"canvas_config": {"width": 1080, "height": 1920}}).width == 1080


def test_a_draft_is_exportable_with_one_segment_on_any_track() -> None:
    assert timeline({"tt": 1, "sg": []}, {"tt": 7, "sg": [TITLE]}).exportable
    assert not timeline({"tt": 0, "sg": []}, {"tt": 1}).exportable


def test_the_fingerprint_ignores_order_number_form_and_times_of_writing() -> None:
    one = Timeline.from_state({"draft": {"d": 1000, "t": [], "version": 1, "updatedAt": 5}})
    two = Timeline.from_state({"draft": {"updatedAt": 9, "version": 2, "t": [], "d": 1000.0}})
    assert one.fingerprint() == two.fingerprint()
    assert one.fingerprint() != Timeline.from_state({"draft": {"d": 1001, "t": []}}).fingerprint()


def test_the_fingerprint_sees_what_the_summary_does_not() -> None:
    sharper = {**VIDEO, "effects": [{"kind": "sharpen"}]}
    a, b = timeline({"tt": 0, "sg": [VIDEO]}), timeline({"tt": 0, "sg": [sharper]})
    assert a.summary() == b.summary()
    assert a.fingerprint() != b.fingerprint()


@pytest.mark.conformance("draft-keys")
def test_kinds_are_told_by_number() -> None:
    read = timeline(*[{"tt": number, "sg": []} for number in (0, 1, 7, 3)])
    assert [t.kind for t in read.tracks] == [Kind.VIDEO, Kind.AUDIO, Kind.TEXT, Kind.UNKNOWN]
