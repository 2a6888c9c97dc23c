"""Volumes in per cent, as ratios and in decibels: what a draft means by a number, and what an edit made of it."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.timeline import Timeline


def read(*volumes: Any, key: str = "volume") -> Timeline:
    """A timeline of one piece of music for each volume."""
    tracks = [{"tt": 1, "sg": [{"d": 1000, "m": {"title": f"m{n}", key: v}}]} for n, v in enumerate(volumes)]
    return Timeline.from_state({"draft": {"t": tracks}})


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ((0.35, 1, 0), ["35 %", "100 %", "0 %"]),
        ((35, 1, 0), ["35 %", "1 %", "0 %"]),
        ((1.5,), ["150 %"]),
        (("0.35",), ["35 %"]),
        ((-6,), ["-6 dB"]),
        ((-6, 0, 3), ["-6 dB", "0 dB", "3 dB"]),
        ((-1, 35), ["-1 dB", "35 %"]),
        (("-6 dB", 0.5), ["-6 dB", "50 %"]),
        (("+3dB", "−1.5 db"), ["3 dB", "-1.5 dB"]),
        (("35%", 0.5), ["35 %", "50 %"]),
        (("80 %", "100"), ["80 %", "100 %"]),
        ((1e308,), None),
        (("loud",), ["None"]),
        (([0.5],), ["None"]),
        ((True,), ["None"]),
    ],
)
def test_a_volume_has_the_unit_that_it_tells_or_that_the_draft_lets_guess(
    volumes: tuple[Any, ...], expected: list[str] | None
) -> None:
    found = [str(track.segments[0].volume) for track in read(*volumes).tracks]
    assert expected is None or found == expected


def test_the_summary_tells_the_unit() -> None:
    assert read(-6).summary() == "Timeline (1 track): 1. BGM: m0 (0-1s, -6 dB)"
    assert read(35).summary() == "Timeline (1 track): 1. BGM: m0 (0-1s, 35%)"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((35,), (1,), ["Volume of m0: 35 % → 1 %"]),
        ((1,), (35,), ["Volume of m0: 1 % → 35 %"]),
        ((0.35,), (1,), ["Volume of m0: 35 % → 100 %"]),
        ((0,), (100,), ["Volume of m0: 0 % → 100 %"]),
        ((-6,), (0,), ["Volume of m0: -6 dB → 0 dB"]),
        ((6,), (-6,), ["Volume of m0: 6 dB → -6 dB"]),
        (("-6 dB",), ("-3 dB",), ["Volume of m0: -6 dB → -3 dB"]),
        ((0.35,), ("50%",), ["Volume of m0: 35 % → 50 %"]),
        ((35, 1), (1, 1), ["Volume of m0: 35 % → 1 %"]),
        ((35, 1), (1,), ["Volume of m0: 35 % → 1 %", "Music removed: m1"]),
        ((35,), (None,), ["Volume of m0: 35 % → not set"]),
        ((None,), (35,), ["Volume of m0: 35 %"]),
        (("loud",), ("quiet",), ["volume loud → quiet on m0"]),
        (({"level": 1},), ({"level": 2},), ["volume changed on m0"]),
    ],
)
def test_the_drafts_of_one_comparison_have_one_unit(
    before: tuple[Any, ...], after: tuple[Any, ...], expected: list[str]
) -> None:
    assert differences(read(*before), read(*after)) == expected


@pytest.mark.parametrize("key", ["gain_db", "gainDb", "gainDB", "gain_dB"])
def test_a_gain_is_told_in_decibels(key: str) -> None:
    assert differences(read(-6, key=key), read(-3, key=key)) == ["gain -6 dB → -3 dB on m0"]


def test_a_piece_without_a_volume_that_another_piece_keeps_has_lost_none() -> None:
    def pieces(*volumes: Any) -> Timeline:
        length = 4000 // len(volumes)
        found = [{"src": "a", "d": length, "m": {"in": n * length, "volume": v}} for n, v in enumerate(volumes)]
        return Timeline.from_state({"draft": {"t": [{"tt": 1, "sg": found}]}})

    assert differences(pieces(35), pieces(35, None)) == ["untitled split into 2 pieces"]
    assert differences(pieces(35), pieces(None, None)) == ["Volume of untitled: 35 % → not set"]
