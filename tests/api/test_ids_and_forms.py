"""Another id, or another form of the same number, is no edit; a segment that was put in another's place is one."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api.changes import differences
from prefect_nemovideo.api.timeline import Timeline

Draft = dict[str, Any]


def draft() -> Draft:
    return {
        "d": 10000,
        "links": [{"from": "seg_a", "to": "seg_b"}],
        "groups": {"seg_a": {"color": "red"}},
        "t": [
            {"id": "track_a", "tt": 0, "sg": [
                {"id": "seg_a", "src": "file_1", "s": 0, "d": 6000, "m": {"title": "city", "follows": "seg_b"}},
                {"id": "seg_b", "s": 6000, "d": 4000, "m": {}}]},
            {"id": "track_b", "tt": 1, "sg": [
                {"id": "seg_c", "s": 0, "d": 10000, "parent_id": "seg_a", "m": {"title": "Lo-fi", "volume": 35}}]},
            {"id": "track_c", "tt": 7, "sg": [{"id": "seg_d", "s": 0, "d": 3000, "m": {"text": "Hi"}}]},
        ],
    }  # fmt: skip


def renamed(value: Any, names: Callable[[str], Any]) -> Any:
    """The draft with every id of a track or segment given anew, wherever it stands."""
    known: dict[str, Any] = {}

    def walk(item: Any) -> Any:
        if isinstance(item, dict):
            return {str(walk(key)): walk(one) for key, one in item.items()}
        if isinstance(item, list):
            return [walk(one) for one in item]
        if isinstance(item, str) and item.startswith(("seg_", "track_")):
            return known.setdefault(item, names(item))
        return item

    return walk(value)


def anew() -> Callable[[str], str]:
    count = itertools.count(1)
    return lambda name: f"new-{next(count):04}"


def read(value: Draft) -> Timeline:
    return Timeline.from_state({"draft": value})


def told(before: Draft, after: Draft) -> list[str]:
    return differences(read(before), read(after))


@pytest.mark.parametrize("key", ["id", "_id", "uid", "uuid", "guid"])
def test_new_ids_of_all_tracks_and_segments_are_no_change(key: str) -> None:
    def keyed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key if name == "id" else name: keyed(item) for name, item in value.items()}
        return [keyed(item) for item in value] if isinstance(value, list) else value

    before, after = keyed(draft()), keyed(renamed(draft(), anew()))
    assert read(before).fingerprint() == read(after).fingerprint()
    assert told(before, after) == []


def test_ids_that_are_numbers_and_given_anew_are_no_change() -> None:
    def numbered(first: int) -> Draft:
        tracks = [{"id": first, "tt": 0, "sg": [{"id": first + 1, "d": first + 2, "m": {"next_id": str(first + 1)}}]}]
        tracks[0]["sg"][0]["d"] = 7  # type: ignore[index]
        return {"t": tracks}

    assert told(numbered(1), numbered(50)) == []


def test_an_id_that_was_not_told_before_is_no_change() -> None:
    after = draft()
    before = copy.deepcopy(after)
    for track in before["t"]:
        del track["id"]
    assert told(before, after) == told(after, before) == []


EDITS: dict[str, tuple[Callable[[Draft], Any], list[str]]] = {
    "a title": (lambda d: d["t"][2]["sg"][0]["m"].update(text="Yo"), ['Title changed: "Hi" → "Yo"']),
    "a volume": (lambda d: d["t"][1]["sg"][0]["m"].update(volume=20), ["Volume of Lo-fi: 35 % → 20 %"]),
    "a length": (lambda d: d["t"][0]["sg"][0].update(d=5000), ["city trimmed to 5 s"]),
    "a clip without a name": (lambda d: d["t"][0]["sg"][1].update(d=1000), ["untitled trimmed to 1 s"]),
    "a source": (lambda d: d["t"][0]["sg"][0].update(src="file_2"), ["Source of city replaced"]),
    "a track of its own": (lambda d: d["t"][0].update(blend="screen"), ["blend screen on the video track"]),
    "one more": (
        lambda d: d["t"][0]["sg"].append({"id": "seg_x", "s": 10000, "d": 1000, "m": {"title": "beach"}}),
        ["Video added: beach, 10–11 s"],
    ),
    "one less": (lambda d: d["t"].pop(1), ["Music removed: Lo-fi"]),
    "a link to another": (lambda d: d["links"][0].update(to="seg_d"), ["The timeline changed."]),
}


@pytest.mark.parametrize("case", EDITS)
@pytest.mark.parametrize("names", [None, anew], ids=["same ids", "new ids"])
def test_an_edit_is_told_the_same_whether_or_not_all_ids_are_given_anew(case: str, names: Any) -> None:
    edit, expected = EDITS[case]
    after = draft()
    edit(after)
    assert told(draft(), renamed(after, names()) if names else after) == expected


def test_another_clip_under_another_id_is_another_clip() -> None:
    def one(id_: str, source: str) -> Draft:
        segment = {"id": id_, "src": source, "d": 4000, "m": {"title": source}}
        return {"t": [{"id": f"of-{id_}", "tt": 0, "sg": [segment]}]}

    assert told(one("1", "a"), one("2", "b")) == ["Video added: b, 0–4 s", "Video removed: a"]


def test_a_source_is_no_id_though_it_is_called_like_its_segment() -> None:
    def one(name: str) -> Draft:
        return {"t": [{"tt": 0, "sg": [{"id": name, "src": name, "d": 4000, "m": {"title": "clip"}}]}]}

    assert told(one("file_1"), one("file_2")) == ["Video added: clip, 0–4 s", "Video removed: clip"]


def in_words(value: Any) -> Any:
    """The same with every number as a string."""
    if isinstance(value, dict):
        return {key: in_words(item) for key, item in value.items()}
    if isinstance(value, list):
        return [in_words(item) for item in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


NUMBERS: Draft = {
    "d": 10000,
    "m": {"width": 1920, "height": 1080, "fps": 29.97, "loudness": -14},
    "t": [
        {"tt": 0, "sg": [{"s": 0, "d": 10000.0, "m": {"in": 500, "speed": 1.5, "keyframes": [{"at": 0, "x": 0.25}]}}]},
        {"tt": 1, "m": {"volume": 0.35}, "sg": [{"d": 10000}]},
    ],
}


def test_a_number_in_a_string_is_that_number() -> None:
    assert read(NUMBERS).fingerprint() == read(in_words(NUMBERS)).fingerprint()
    assert read(NUMBERS).summary() == read(in_words(NUMBERS)).summary()
    assert told(NUMBERS, in_words(NUMBERS)) == told(in_words(NUMBERS), NUMBERS) == []


def test_an_edit_between_a_number_and_a_string_is_told_in_numbers() -> None:
    after = in_words(NUMBERS)
    after["t"][0]["sg"][0]["m"]["speed"] = "2.0"
    assert told(NUMBERS, after) == ["speed 1.5× → 2× on untitled"]


def test_a_title_made_of_digits_stays_a_text() -> None:
    def titled(text: str) -> Draft:
        return {"t": [{"tt": 7, "sg": [{"d": 1000, "m": {"text": text}}]}]}

    assert told(titled("7"), titled("7.0")) == ['Title changed: "7" → "7.0"']
    assert told(titled("007"), titled("7")) == ['Title changed: "007" → "7"']


@pytest.mark.parametrize("saved", ["1764100000", 1764100000])
def test_a_moment_in_a_string_of_digits_is_no_change(saved: Any) -> None:
    assert told({"t": [], "saved_at": saved}, {"t": [], "saved_at": "1764100099"}) == []


def test_null_says_the_same_as_nothing() -> None:
    before = {"t": [{"tt": 0, "sg": [{"d": 1, "lut": None}]}]}
    assert told(before, {"t": [{"tt": 0, "sg": [{"d": 1}]}], "x": None}) == []
