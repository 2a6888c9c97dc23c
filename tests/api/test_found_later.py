"""An edit that had come to nothing, looked for once more: what proves it, and what is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from scripted import after, from_look

from prefect_nemovideo.api.edits import EditResult
from prefect_nemovideo.api.models import Before

MUTED = ["Volume of clip: 100 % → 0 %"]
DONE = {"type": "text", "content": "Done, the clip is muted."}
UNCHANGED = EditResult(instruction="mute it", outcome="unchanged", reply="Done.")


def learning(look: int, sent: bool) -> dict[str, Any]:
    """A state that has a waveform of the clip from its third read on."""
    learnt = {"waveform": [1, 2, 3]} if look > 2 else {}
    return {"draft": {"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"title": "clip", "volume": 100, **learnt}}]}]}}


async def test_an_edit_that_was_charged_is_found_later(serving: Callable[..., Any], waits: Any) -> None:
    nemo, service = await serving(from_look(3), DONE, spent=after(50))
    edit, now = await nemo.edits.look_again("1", UNCHANGED, await nemo.edits.before("1"), is_proof=True)

    assert (edit.outcome, edit.changes, edit.warnings) == ("applied", MUTED, [])
    assert now is not None
    assert service.messages == 0


@pytest.mark.parametrize(("is_proof", "spent"), [(True, 0), (False, 50)])
async def test_a_change_that_nothing_was_charged_for_is_told_and_proves_no_edit(
    serving: Callable[..., Any], waits: Any, is_proof: bool, spent: float
) -> None:
    """Nor one beside which others have spent."""
    nemo, _ = await serving(from_look(3), DONE, spent=after(spent))
    edit, now = await nemo.edits.look_again("1", UNCHANGED, await nemo.edits.before("1"), is_proof=is_proof)

    told = "The timeline changed later, and nothing tells whether by this instruction: Volume of clip: 100 % → 0 %."
    assert (edit.outcome, edit.changes, edit.warnings) == ("unchanged", [], [told])
    assert now is not None


@pytest.mark.parametrize("alone", [True, False])
async def test_what_a_service_learns_of_footage_later_is_no_edit(
    serving: Callable[..., Any], waits: Any, alone: bool
) -> None:
    nemo, _ = await serving(learning, DONE, spent=after(50))
    before = await nemo.edits.before("1", alone=alone)

    assert await nemo.edits.look_again("1", UNCHANGED, before, is_proof=True) == (UNCHANGED, None)


async def test_a_change_that_shows_on_one_read_is_waited_for(serving: Callable[..., Any], waits: Any) -> None:
    """The reads after it were answered by a copy that lags."""
    shown = from_look(5)
    nemo, _ = await serving(lambda look, sent: shown(9 if look == 3 else look, sent), DONE, spent=after(50))
    edit, _ = await nemo.edits.look_again("1", UNCHANGED, await nemo.edits.before("1"), is_proof=True)

    assert (edit.outcome, edit.changes) == ("applied", MUTED)


async def test_a_change_that_is_taken_back_is_no_edit(serving: Callable[..., Any], waits: Any) -> None:
    nemo, _ = await serving(lambda look, sent: from_look(6)(look if look == 6 else 1, sent), DONE)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("unknown", [])
    assert result.warnings == ["The timeline has shown a change, and shows it no more."]


LINK = "https://cdn.example/a.mp4?X-Amz-Signature="


@pytest.mark.parametrize(
    "state",
    [
        lambda look: {"video_infos": json.dumps({"a.mp4": {"cdn_url": f"{LINK}{look}"}})},
        lambda look: {"video_infos": json.dumps([{"cdn_url": f"{LINK}{look}"}])},
        lambda look: {"video_infos": [{"filename": f"{LINK}{look}"}]},
        lambda look: {"video_infos": {f"{LINK}{look}": {"size": 7}}},
        lambda look: {"generated_media": json.dumps([{"id": "1", "url": f"{LINK}{look}"}])},
        lambda look: {"generated_media": [{"id": f"{LINK}{look}", "prompt": "a sunset"}]},
        lambda look: {"canvas_config": json.dumps({"width": 1920, "cover": f"{LINK}{look}"})},
        lambda look: {"draft": json.dumps({"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"src": f"{LINK}{look}"}}]}]})},
        lambda look: {"draft": {"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"title": f"{LINK}1"}}]}]}},
        lambda look: {"draft": {"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"title": "a", "gain": float("nan")}}]}]}},
    ],
)
async def test_what_was_kept_is_as_good_to_compare_with(
    serving: Callable[..., Any], waits: Any, state: Callable[[int], dict[str, Any]]
) -> None:
    """Nothing was edited: each read has new signatures, and what was kept has none."""
    nemo, _ = await serving(lambda look, sent: {"draft": {}, **state(look)}, DONE)
    before = json.loads(json.dumps((await nemo.edits.before("1")).model_dump(mode="json")))

    found = await nemo.edits.look_again("1", UNCHANGED, Before.model_validate(before), is_proof=False)
    assert found == (UNCHANGED, None)


async def test_an_agent_that_takes_its_change_back_and_says_why_has_not_edited(
    serving: Callable[..., Any], waits: Any
) -> None:
    nemo, _ = await serving(
        lambda look, sent: from_look(4)(look if look == 4 else 1, sent),
        {"type": "text", "content": "Sorry, I can't mute clips."},
    )

    assert (await nemo.edits.apply("1", "mute it")).outcome == "refused"
