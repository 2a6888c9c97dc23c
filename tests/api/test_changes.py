"""What changed between two drafts, in words."""

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
        "d": 10000,
        "m": {"title": "project", "width": 1920, "height": 1080, "fps": 30.0, "fit": "pad"},
        "t": [
            {"id": "t1", "tt": 0, "m": {"title": "city timelapse"}, "sg": [
                {"id": "s1", "s": 0, "d": 10000, "m": {"title": "city timelapse", "sharpen": 0, "volume": 100}}]},
            {"id": "t2", "tt": 1, "m": {"title": "Lo-fi", "volume": 35}, "sg": [
                {"id": "s2", "s": 0, "d": 10000, "m": {"title": "Lo-fi", "volume": 35}}]},
        ],
    }  # fmt: skip


def title(text: str = "Paradise Found") -> Draft:
    return {"id": "t3", "tt": 7, "m": {"title": text}, "sg": [{"id": "s3", "s": 0, "d": 3000, "m": {"text": text}}]}


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key != "id"}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def told(edit: Callable[[Draft], Any], before: Draft | None = None, ids: bool = True) -> list[str]:
    old = before or draft()
    new = copy.deepcopy(old)
    edit(new)
    if not ids:
        old, new = without_ids(old), without_ids(new)
    return differences(Timeline.from_state({"draft": old}), Timeline.from_state({"draft": new}))


def video(d: Draft) -> Draft:
    found: Draft = d["t"][0]["sg"][0]
    return found


EDITS: list[tuple[Callable[[Draft], Any], list[str]]] = [
    (lambda d: None, []),
    (lambda d: d["t"].append(title()), ['Title added: "Paradise Found", 0–3 s']),
    (lambda d: d["t"].pop(1), ["Music removed: Lo-fi"]),
    (lambda d: video(d).update(d=4200), ["Trimmed to 4.2 s"]),
    (lambda d: video(d).update(d=12000), ["Extended to 12 s"]),
    (lambda d: video(d).update(s=2000), ["city timelapse moved: 0 s → 2 s"]),
    (lambda d: d["t"][1]["sg"][0].update(d=4000), ["Lo-fi trimmed to 4 s"]),
    (lambda d: d["m"].update(width=3840, height=2160), ["Canvas 1920×1080 → 3840×2160"]),
    (lambda d: d["m"].pop("width"), ["Canvas 1920×1080 → not set"]),
    (lambda d: d["m"].pop("fps"), ["Frame rate 30 → not set"]),
    (lambda d: d["m"].update(fps=60), ["Frame rate 30 → 60 fps"]),
    (lambda d: d["m"].update(fit="crop"), ["fit pad → crop"]),
    (lambda d: d["m"].update(loudness=-14), ["loudness -14 LUFS"]),
    (lambda d: video(d)["m"].update(sharpen=0.8), ["sharpen 0 → 0.8 on city timelapse"]),
    (lambda d: video(d)["m"].update(volume=0), ["Volume of city timelapse: 100 % → 0 %"]),
    (lambda d: video(d)["m"].update(grayscale=True), ["grayscale on for city timelapse"]),
    (lambda d: video(d)["m"].update(fade_in=500), ["fade in 0.5 s on city timelapse"]),
    (lambda d: video(d)["m"].update(holdMs=250), ["hold 0.25 s on city timelapse"]),
    (lambda d: video(d)["m"].update(opacity_percent=40), ["opacity 40 % on city timelapse"]),
    (lambda d: video(d)["m"].update(rotate=90), ["rotate 90° on city timelapse"]),
    (lambda d: video(d)["m"].update(flip="hv"), ["flip both ways on city timelapse"]),
    (lambda d: video(d)["m"].update(lut="teal"), ["lut teal on city timelapse"]),
    (lambda d: video(d)["m"].pop("sharpen"), ["sharpen removed from city timelapse"]),
    (lambda d: video(d)["m"].update(effects=[{"k": 1}]), ["effects changed on city timelapse"]),
    (lambda d: video(d)["m"].update({"in": 2000}), ["city timelapse begins at 2 s of its source"]),
    (lambda d: video(d)["m"].update(title="harbor"), ["Renamed: city timelapse → harbor"]),
    (lambda d: d["t"].append({"id": "t9", "tt": 7, "sg": []}), ["Title track added, still empty"]),
    (lambda d: d.update(version=2, updatedAt=7), []),
    (lambda d: d.update(zz={"deep": 1}), ["The timeline changed."]),
]


@pytest.mark.conformance("silent-edits")
@pytest.mark.parametrize(("edit", "expected"), EDITS, ids=[str(words) for _, words in EDITS])
@pytest.mark.parametrize("ids", [True, False], ids=["ids", "no-ids"])
def test_every_kind_of_edit_is_told_in_words(edit: Callable[[Draft], Any], expected: list[str], ids: bool) -> None:
    assert told(edit, ids=ids) == expected


def test_a_volume_that_track_and_segment_both_tell_is_told_once() -> None:
    def quieter(d: Draft) -> None:
        d["t"][1]["m"]["volume"] = d["t"][1]["sg"][0]["m"]["volume"] = 20

    assert told(quieter) == ["Volume of Lo-fi: 35 % → 20 %"]


def test_a_new_text_of_a_title_is_told_as_that() -> None:
    before = {**draft(), "t": [title("A")]}
    assert told(lambda d: d["t"][0]["sg"][0]["m"].update(text="B"), before) == ['Title changed: "A" → "B"']


def test_a_new_speed_explains_the_new_length() -> None:
    before = draft()
    video(before)["m"]["speed"] = 1.0

    def faster(d: Draft) -> None:
        video(d)["m"]["speed"] = 2.0
        video(d)["d"] = 5000

    assert told(faster, before) == ["city timelapse lasts 5 s instead of 10 s", "speed 1× → 2× on city timelapse"]


def test_another_source_under_the_same_id_is_told_as_that() -> None:
    assert told(lambda d: video(d).update(src="file_2")) == ["Source of city timelapse replaced"]


def test_several_changes_are_told_canvas_first() -> None:
    def rework(d: Draft) -> None:
        d["m"].update(width=3840, height=2160)
        video(d)["d"] = 5000
        d["t"].append(title())

    assert told(rework) == ["Canvas 1920×1080 → 3840×2160", "Trimmed to 5 s", 'Title added: "Paradise Found", 0–3 s']


def test_the_first_upload_is_an_addition_on_a_new_canvas() -> None:
    after = Timeline.from_state({"draft": draft()})
    assert differences(Timeline.from_state({"draft": None}), after)[:2] == ["Canvas 1920×1080", "Frame rate 30 fps"]
    assert "Video added: city timelapse, 0–10 s" in differences(Timeline(), after)
    assert "Music added: Lo-fi, 0–10 s, 35 %" in differences(Timeline(), after)


def test_a_draft_of_an_unknown_form_has_changed_and_no_more_is_said() -> None:
    before, after = ({"draft": {"layers": [n]}} for n in (1, 2))
    assert differences(Timeline.from_state(before), Timeline.from_state(after)) == ["The timeline changed."]


def test_an_id_that_several_segments_have_tells_none_of_them() -> None:
    def pieces(*ids: str) -> Timeline:
        cut = [{"id": name, "src": "a", "d": 1000, "m": {"in": 2000 * n}} for n, name in enumerate(ids)]
        return Timeline.from_state({"draft": {"t": [{"tt": 0, "sg": cut}]}})

    assert differences(pieces("1", "2"), pieces("1", "1", "1")) == ["Video added: untitled, 2–3 s"]
    assert differences(pieces("1", "1", "1"), pieces("1", "2")) == ["Cut: 3 s → 2 s"]


def test_a_number_too_large_for_a_float_is_told_as_it_is() -> None:
    assert told(lambda d: video(d)["m"].update(asset=10**400)) == [f"asset {10**400} on city timelapse"]


def test_a_thousand_segments_are_compared() -> None:
    many: Draft = {"t": [{"tt": 0, "sg": [{"d": 100, "m": {"title": f"c{n}"}} for n in range(1000)]}]}
    fewer = {"t": [{"tt": 0, "sg": many["t"][0]["sg"][:-1]}]}
    assert differences(Timeline.from_state({"draft": many}), Timeline.from_state({"draft": fewer})) == [
        "Video removed: c999"
    ]
