"""What is told of a clip that an edit left in pieces, or under new ids."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.timeline import Timeline

Segment = dict[str, Any]


def part(id_: str, start: int, length: int, source: str = "a", **details: Any) -> Segment:
    """A stretch of a source on the timeline; times in milliseconds."""
    return {"id": id_, "src": f"file_{source}", "s": start, "d": length, "m": {"title": source.upper(), **details}}


def told(before: list[Segment], after: list[Segment], kind: int = 0) -> list[str]:
    old, new = ({"draft": {"t": [{"id": "t1", "tt": kind, "sg": segments}]}} for segments in (before, after))
    return differences(Timeline.from_state(old), Timeline.from_state(new))


WHOLE = [part("1", 0, 4000)]
TWO = [part("1", 0, 4000), part("2", 4000, 4000, "b")]
CUT = [part("1", 0, 1000), part("7", 1000, 1000, **{"in": 3000})]
FADED = [part("1", 0, 4000, fade_in=500, fade_out=500)]
MUSIC = [part("1", 0, 4000, volume=35)]

CASES: dict[str, tuple[list[Segment], list[Segment], list[str]]] = {
    "the start trimmed, under a new id": (WHOLE, [part("7", 0, 3000, **{"in": 1000})], ["Trimmed to 3 s"]),
    "the start trimmed, under the same id": (WHOLE, [part("1", 0, 3000, **{"in": 1000})], ["Trimmed to 3 s"]),
    "both ends trimmed": (WHOLE, [part("7", 0, 2000, **{"in": 1000})], ["Trimmed to 2 s"]),
    "a stretch cut out of the middle": (WHOLE, CUT, ["Cut: 4 s → 2 s"]),
    "a piece cut off": (CUT, CUT[:1], ["Cut: 2 s → 1 s"]),
    "one more cut": (
        CUT,
        [part("1", 0, 500), part("8", 500, 250, **{"in": 750}), part("9", 750, 1000, **{"in": 3000})],
        ["Cut: 2 s → 1.75 s"],
    ),
    "all cuts undone": (CUT, WHOLE, ["Extended: 2 s → 4 s"]),
    "all cuts undone, under a new id": (CUT, [part("5", 0, 4000)], ["Extended: 2 s → 4 s"]),
    "the first of two trimmed": (TWO, [part("9", 0, 3000), part("2", 3000, 4000, "b")], ["A trimmed to 3 s"]),
    "the first of two cut": (
        TWO,
        [part("1", 0, 1000), part("9", 1000, 2000, **{"in": 2000}), part("2", 3000, 4000, "b")],
        ["A cut: 4 s → 3 s"],
    ),
    "two swapped": (
        TWO,
        [part("2", 0, 4000, "b"), part("1", 4000, 4000)],
        ["B moved: 4 s → 0 s", "A moved: 0 s → 4 s"],
    ),
    "two swapped, under new ids": (
        TWO,
        [part("8", 0, 4000, "b"), part("9", 4000, 4000)],
        ["B moved: 4 s → 0 s", "A moved: 0 s → 4 s"],
    ),
    "another clip put after it": (WHOLE, TWO, ["Video added: B, 4–8 s"]),
    "the other clip taken away": (TWO, WHOLE, ["Video removed: B"]),
    "one clip for another": (WHOLE, [part("9", 0, 4000, "b")], ["Video added: B, 0–4 s", "Video removed: A"]),
    "the same clip put in twice": (WHOLE, [*WHOLE, part("2", 4000, 4000)], ["Video added: A, 4–8 s"]),
    "split and nothing else": (WHOLE, [part("1", 0, 1000), part("2", 1000, 3000)], ["A split into 2 pieces"]),
    "joined and nothing else": (
        [part("1", 0, 1000), part("2", 1000, 3000, **{"in": 1000})],
        WHOLE,
        ["A joined: 2 pieces → 1"],
    ),
    "a stretch played slowly": (
        WHOLE,
        [
            part("1", 0, 1000),
            part("2", 1000, 2000, speed=0.5, **{"in": 1000}),
            part("3", 3000, 2000, **{"in": 2000}),
        ],
        ["A lasts 5 s instead of 4 s", "speed 0.5× on A, 1–3 s"],
    ),
    "all played fast": (WHOLE, [part("1", 0, 2000, speed=2.0)], ["A lasts 2 s instead of 4 s", "speed 2× on A"]),
    "a stretch changed": (
        WHOLE,
        [part("1", 0, 1000), part("2", 1000, 3000, grayscale=True, **{"in": 1000})],
        ["grayscale on for A, 1–4 s"],
    ),
    "all pieces changed alike": (
        CUT,
        [{**segment, "m": {**segment["m"], "sharpen": 0.8}} for segment in CUT],
        ["sharpen 0.8 on A"],
    ),
    "fades stay with the ends": (
        FADED,
        [part("1", 0, 1000, fade_in=500), part("2", 1000, 1000, fade_out=500, **{"in": 3000})],
        ["Cut: 4 s → 2 s"],
    ),
    "a value taken from one of two pieces": (
        [part("1", 0, 1000, lut="teal"), part("2", 1000, 1000, lut="teal", **{"in": 3000})],
        [part("1", 0, 1000), part("2", 1000, 1000, lut="teal", **{"in": 3000})],
        ["lut removed from A, 0–1 s"],
    ),
    "a fade taken away": (FADED, [part("1", 0, 4000, fade_out=500)], ["fade in removed from A"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_clip_is_known_again_and_what_became_of_it_is_told(case: str) -> None:
    before, after, expected = CASES[case]
    assert told(before, after) == expected


def test_music_is_known_again_too() -> None:
    """And a stretch of it that was muted is told with its times."""
    after = [part("1", 0, 1000, volume=35), part("2", 1000, 3000, volume=0)]
    assert told(MUSIC, after, kind=1) == ["Volume of A, 1–4 s: 35 % → 0 %"]


def test_titles_of_the_same_words_are_several_titles() -> None:
    before = [
        {"id": "1", "s": 0, "d": 1000, "m": {"text": "Hi"}},
        {"id": "2", "s": 5000, "d": 2000, "m": {"text": "Hi"}},
    ]
    assert told(before, before[:1], kind=7) == ['Title removed: "Hi"']
    assert told(before[:1], before, kind=7) == ['Title added: "Hi", 5–7 s']


def test_clips_that_only_follow_a_trimmed_one_are_not_told_one_by_one() -> None:
    many = [part(str(n), n * 1000, 1000, f"clip {n}") for n in range(100)]
    trimmed = [part("0", 0, 500, "clip 0"), *(part(str(n), n * 1000 - 500, 1000, f"clip {n}") for n in range(1, 100))]
    assert told(many, trimmed) == ["CLIP 0 trimmed to 0.5 s"]


def test_a_thousand_pieces_under_new_ids_are_compared() -> None:
    pieces = [part(f"a{n}", n * 100, 100, **{"in": n * 200}) for n in range(1000)]
    fewer = [part(f"b{n}", n * 100, 100, **{"in": n * 200}) for n in range(999)]
    assert told(pieces, fewer) == ["Cut: 100 s → 99.9 s"]
