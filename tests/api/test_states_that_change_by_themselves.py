"""A state that differs at every read is no edit; an edit is seen through it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from prefect_nemovideo.api.models import Before

RECOVERY = [30, 60, 60, 60, 60]
SAID = {"type": "text", "content": "I looked at that."}


def draft(**meta: Any) -> dict[str, Any]:
    return {"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"title": "clip", **meta}}]}]}


def link(look: int) -> str:
    return f"https://cdn.example/{look}/preview.jpg?X-Amz-Date=2026112{look % 10}T000000Z&X-Amz-Signature={look:040x}"


def named(look: int) -> dict[str, Any]:
    """A draft whose track and segment have new ids, one of which names the other."""
    shown = draft(parent_id=f"track-{look:08}")
    shown["t"][0]["id"], shown["t"][0]["sg"][0]["id"] = f"track-{look:08}", f"{look:032x}"
    return shown


def in_strings(shown: dict[str, Any], are_strings: int) -> dict[str, Any]:
    if are_strings:
        shown["t"][0]["sg"][0]["d"] = "3000"
    return shown


NOISES: dict[str, Callable[[int], dict[str, Any]]] = {
    "a moment in words": lambda look: {"draft": draft(saved_at=f"2026-11-25T20:15:{look:02}Z")},
    "a moment in seconds": lambda look: {"draft": draft(savedAt=1_764_100_000 + look)},
    "a counter": lambda look: {"draft": draft(reads=look)},
    "a link that is another each time": lambda look: {"draft": draft(preview=link(look))},
    "a request's id": lambda look: {"draft": {**draft(), "trace": f"{look:032x}"}},
    "a part of one and all of another": lambda look: {
        "draft": {
            "t": [{"sg": [{"d": 3000, "m": {"title": "clip", "cache": cache}}]} for cache in (look, {"of": look})]
        }
    },
    "a list that grows": lambda look: {"draft": {**draft(), "views": list(range(look))}},
    "a key that comes and goes": lambda look: {"draft": draft(**({"warm": True} if look % 2 else {}))},
    "a map of names that change": lambda look: {"draft": draft(locks={f"{look:032x}": True})},
    "ids of a track and of a segment": lambda look: {"draft": named(look)},
    "ids and numbers that are strings now and then": lambda look: {"draft": in_strings(named(look), look % 2)},
    "a draft in a string": lambda look: {"draft": json.dumps(draft(reads=look))},
    "the canvas": lambda look: {"draft": draft(), "canvas_config": {"width": 1920, "height": 1080, "nonce": look}},
    "an uploaded file's link": lambda look: {"draft": draft(), "video_infos": [{"id": "f1", "cdn_url": link(look)}]},
    "a generated file's link": lambda look: {"draft": draft(), "generated_media": [{"id": "g1", "url": link(look)}]},
}


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
async def test_what_differs_at_every_read_is_no_edit(serving: Callable[..., Any], waits: Any, noise: Any) -> None:
    nemo, service = await serving(lambda look, sent: noise(look), SAID)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("unchanged", [])
    assert waits.seconds == [0, 2, 4, 8]
    assert service.messages == 1


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
async def test_an_edit_is_seen_through_what_differs_at_every_read(serving: Callable[..., Any], noise: Any) -> None:
    """And it alone is told."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        shown = copy.deepcopy(noise(look))
        timeline = json.loads(shown["draft"]) if isinstance(shown["draft"], str) else shown["draft"]
        timeline["t"][0]["sg"][0]["m"]["volume"] = 0 if sent else 100
        shown["draft"] = json.dumps(timeline) if isinstance(shown["draft"], str) else timeline
        return shown

    nemo, _ = await serving(state, SAID)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("applied", ["Volume of clip: 100 % → 0 %"])


async def test_ids_that_are_new_since_the_instruction_are_no_edit(serving: Callable[..., Any]) -> None:
    """As of a service that gives them anew at each save."""
    nemo, _ = await serving(lambda look, sent: {"draft": named(look if sent else 0)}, SAID)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("unchanged", [])


async def test_what_changes_now_and_then_by_itself_is_no_edit(serving: Callable[..., Any], waits: Any) -> None:
    """A link that was the same at both looks before: seen to go on changing, with nobody editing."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        return {"draft": draft(preview=link(look if sent else 0))}

    nemo, _ = await serving(state, {"type": "text", "content": "The clip is already muted."})
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("unchanged", [])
    assert waits.seconds == [0, 2, 2]


async def test_another_source_is_an_edit_though_its_address_is_all_that_changed(serving: Callable[..., Any]) -> None:
    def state(look: int, sent: bool) -> dict[str, Any]:
        return {"draft": draft(src=f"https://cdn.example/{'beach' if sent else 'city'}.mp4?sig={look}")}

    nemo, _ = await serving(state, SAID)
    result = await nemo.edits.apply("1", "use the beach")

    assert (result.outcome, result.changes) == ("applied", ["Source of clip replaced"])


async def test_a_resumed_run_knows_what_changed_by_itself_before(serving: Callable[..., Any], waits: Any) -> None:
    """The state before is kept as a document, and with it what is no edit."""
    nemo, service = await serving(lambda look, sent: {"draft": draft(reads=look)}, SAID)
    kept = (await nemo.edits.before("1")).model_dump_json()
    result = await nemo.edits.recover("1", "mute it", Before.model_validate_json(kept))

    assert (result.outcome, result.changes) == ("unknown", [])
    assert waits.seconds == [0, *RECOVERY]
    assert service.messages == 0


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"generated_media": [{"id": "g1", "title": "sunset"}]}, ["Generated: sunset"]),
        (
            {"generated_media": []},
            {"generated_media": {"g1": {"url": "https://cdn.example/sunset.mp4?sig=1", "status": "processing"}}},
            ["Generated: sunset.mp4 (processing)"],
        ),
        (
            {"generated_media": [{"id": "g1", "title": "sunset", "status": "processing"}]},
            {"generated_media": [{"id": "g1", "title": "sunset", "status": "completed"}]},
            ["Generated media sunset: completed"],
        ),
        (
            {"generated_media": [{"id": "g1", "title": "sunset", "url": "https://cdn.example/a.mp4"}]},
            {"generated_media": [{"id": "g1", "title": "sunset", "url": "https://cdn.example/b.mp4"}]},
            ["Generated media sunset replaced"],
        ),
        (
            {"video_infos": [{"id": "f1", "filename": "clip.mp4"}]},
            {"video_infos": [{"id": "f1", "filename": "clip.mp4"}, {"id": "f2", "filename": "song.mp3"}]},
            ["File added: song.mp3"],
        ),
        (
            {"video_infos": {"f1": {"filename": "clip.mp4"}}, "generated_media": ["https://cdn.example/a.mp4"]},
            {"video_infos": {}, "generated_media": []},
            ["Generated media removed: a.mp4", "File removed: clip.mp4"],
        ),
    ],
)
async def test_a_change_beside_the_timeline_is_seen_and_told(
    serving: Callable[..., Any], before: dict[str, Any], after: dict[str, Any], told: list[str]
) -> None:
    nemo, _ = await serving(lambda look, sent: {"draft": draft(), **(after if sent else before)}, SAID)
    result = await nemo.edits.apply("1", "generate a sunset")

    assert (result.outcome, result.changes) == ("applied", told)


@pytest.mark.parametrize("after", [{}, {"generated_media": None, "video_infos": [{"id": "f1", "duration": 3.0}]}])
async def test_what_the_service_learns_of_a_file_or_does_not_tell_is_no_edit(
    serving: Callable[..., Any], after: dict[str, Any]
) -> None:
    before = {"video_infos": [{"id": "f1"}], "generated_media": [{"id": "g1"}]}
    nemo, _ = await serving(lambda look, sent: {"draft": draft(), **(after if sent else before)}, SAID)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "unchanged"


async def test_a_timeline_that_goes_on_changing_after_a_clean_end_is_taken_at_rest(
    serving: Callable[..., Any], waits: Any
) -> None:
    def state(look: int, sent: bool) -> dict[str, Any]:
        return {"draft": draft(volume={1: 100, 2: 100, 3: 100, 4: 80}.get(look, 50))}

    nemo, _ = await serving(state, SAID)
    result = await nemo.edits.apply("1", "halve the volume")

    assert result.changes == ["Volume of clip: 100 % → 50 %"]
    assert waits.seconds == [0, 2, 2, 2]


async def test_an_error_after_an_edit_is_a_warning_of_the_result(serving: Callable[..., Any]) -> None:
    nemo, _ = await serving(
        lambda look, sent: {"draft": draft(volume=0 if sent else 100)},
        {"type": "text", "content": "Muted."},
        {"error": "ValueError: the preview could not be made"},
    )
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.reply) == ("applied", "Muted.")
    assert result.warnings == [
        "The editor changed the timeline and then reported an error: the preview could not be made. "
        "Look at what was delivered."
    ]


LEARNT: dict[str, Callable[[bool], dict[str, Any]]] = {
    "a waveform": lambda late: {"draft": draft(**({"waveform": [0.1, 0.5]} if late else {}))},
    "a preview": lambda late: {"draft": draft(preview="made" if late else "pending")},
    "the canvas": lambda late: {"draft": draft(), "canvas_config": {"width": 640, "height": 360} if late else {}},
    "the draft's own size": lambda late: {
        "draft": {**draft(), "m": {"title": "p", **({"width": 640} if late else {})}}
    },
    "an address": lambda late: {"draft": draft(src="https://cdn.example/b.mp4" if late else "raw/a.mp4")},
}


@pytest.mark.parametrize("learnt", LEARNT.values(), ids=LEARNT)
@pytest.mark.parametrize(("charged", "outcome"), [(0, "unknown"), (50, "applied")])
async def test_what_a_service_works_out_of_footage_is_no_edit_whose_answer_was_lost(
    serving: Callable[..., Any], learnt: Any, charged: float, outcome: str
) -> None:
    """Unless something was charged meanwhile."""
    nemo, _ = await serving(lambda look, sent: learnt(look > 3), SAID, spent=lambda asked: charged if asked > 1 else 0)
    before = await nemo.edits.before("1")

    assert (await nemo.edits.recover("1", "mute it", before)).outcome == outcome


FREE: dict[str, Callable[[bool], dict[str, Any]]] = {
    "another size": lambda late: {"draft": draft(), "canvas_config": {"width": 3840 if late else 1920}},
    "the draft's own": lambda late: {"draft": {**draft(), "m": {"title": "p", "width": 3840 if late else 1920}}},
    "a speed": lambda late: {"draft": draft(**({"speed": 2.0} if late else {}))},
    "a filter": lambda late: {"draft": draft(**({"filters": ["sharpen"]} if late else {}))},
}


@pytest.mark.parametrize("made", FREE.values(), ids=FREE)
async def test_a_free_edit_whose_answer_was_lost_is_found(serving: Callable[..., Any], made: Any) -> None:
    """A service may charge once for a session: what no service works out by itself is an edit."""
    nemo, _ = await serving(lambda look, sent: made(look > 3), SAID)
    before = await nemo.edits.before("1")

    assert (await nemo.edits.recover("1", "upscale it to 4K", before)).outcome == "applied"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"filename": "a.mp4"}, {"filename": "a.mp4", "hash": "0a1b"}),
        ({"filename": "a.mp4", "cdn_url": None}, {"filename": "a.mp4", "cdn_url": "https://cdn.example/a"}),
        ({"filename": "a.mp4", "cdn_url": "https://raw.example/1"}, {"filename": "a.mp4", "cdn_url": "https://cdn/a"}),
        ({"id": "f1", "hash": "0a"}, {"hash": "0a", "filename": "a.mp4", "id": "f1"}),
    ],
)
async def test_what_is_learnt_of_a_file_makes_it_no_other_file(
    serving: Callable[..., Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    def state(look: int, sent: bool) -> dict[str, Any]:
        return {"draft": draft(), "video_infos": [after if look > 3 else before, {"filename": "b.mp4"}]}

    nemo, _ = await serving(state, {"type": "text", "content": "Which clip should I trim?"})

    assert (await nemo.edits.apply("1", "trim it")).outcome == "question"


async def test_a_second_file_of_a_name_is_added(serving: Callable[..., Any]) -> None:
    one = {"filename": "a.mp4"}
    nemo, _ = await serving(lambda look, sent: {"draft": draft(), "video_infos": [one, one] if sent else [one]}, SAID)

    assert (await nemo.edits.apply("1", "fetch it once more")).changes == ["File added: a.mp4"]
