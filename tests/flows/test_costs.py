"""An error tells what was spent before it, and what of that is kept."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from nemo_server import NemoServer
from prefect_server import PrefectServer

from prefect_nemovideo.api import EditResult, OutputSpec
from prefect_nemovideo.api.errors import EditNotApplied, NemoVideoError, PlanRefused, RenderFailed, SessionGone
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.flows.costs import telling_costs
from prefect_nemovideo.flows.editing import Story
from prefect_nemovideo.media import Corrupt
from prefect_nemovideo.problems import describe, exit_code
from prefect_nemovideo.storage import AccessDenied, StorageError
from prefect_nemovideo.tasks.edits import EditDone

Nemo = Callable[..., NemoServer]

SMALL = OutputSpec(resolution="720p")
MADE = EditResult(instruction="sharpen", outcome="applied")
ASKED = EditResult(instruction="add a title", outcome="question", reply="Which title?")


async def test_an_error_after_a_paid_edit_says_what_was_spent_and_that_the_edit_is_kept(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    service = nemo(instant_renders=True)
    service.fault("render_submit", "status", status=402, code=402)
    with pytest.raises(PlanRefused) as refused:
        await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)
    assert refused.value.message.endswith(". 50 credits were spent; the edit made is kept.")
    assert refused.value.facts["credits_spent"] == 50


async def test_an_instruction_that_fails_after_another_was_paid_says_so(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path
) -> None:
    """And the editor's question is a field of the failure."""
    nemo(instant_renders=True)
    with pytest.raises(EditNotApplied) as asked:
        await edit_video(str(small_clip), ["sharpen the details", "add a title"], str(tmp_path / "out"), output=SMALL)
    assert str(asked.value).endswith(" 50 credits were spent; the edit made before it is kept.")
    failure = describe(asked.value)
    assert failure.question
    assert failure.question in failure.message


@pytest.mark.parametrize(
    ("error", "edits", "told"),
    [
        (RenderFailed("It broke."), [(MADE, 50.0)], "It broke. 50 credits were spent; the edit made is kept."),
        (RenderFailed("It broke."), [(MADE, 50.0)] * 2, "It broke. 100 credits were spent; the edits made are kept."),
        (
            RenderFailed("It broke."),
            [(MADE, None)],
            "It broke. What was spent can't be told; the edit made is kept.",
        ),
        (
            RenderFailed("It broke."),
            [(MADE, 0.0)],
            "It broke. What was spent can't be told; the edit made is kept.",
        ),
        (RenderFailed("It broke"), [(ASKED, 0.0)], "It broke. Nothing was charged."),
        (RenderFailed("It broke."), [], "It broke. Nothing was charged."),
        (EditNotApplied("It broke. Nothing was charged for it."), [], "It broke. Nothing was charged for it."),
        (RenderFailed("It may have been charged."), [(ASKED, 0.0)], "It may have been charged."),
        (RenderFailed("It broke."), [(ASKED, 10.0)], "It broke. 10 credits were spent."),
        (SessionGone("It is gone."), [(MADE, 50.0)], "It is gone. 50 credits were spent on what is lost."),
        (StorageError("No place."), [(MADE, 50.0)], "No place. 50 credits were spent; the edit made is kept."),
        (Corrupt("It is cut off."), [(MADE, 50.0)], "It is cut off. 50 credits were spent; the edit made is kept."),
        (ValueError("a defect"), [(MADE, 50.0)], "a defect"),
    ],
    ids=str,
)
def test_every_kind_of_error_tells_it_once(
    error: Exception, edits: list[tuple[EditResult, float | None]], told: str
) -> None:
    """Also after it was pickled, as an error of a task is."""
    story = Story()
    for edit, credits in edits:
        story.add(EditDone(edit=edit, credits_spent=credits))
    with pytest.raises(type(error)) as caught, telling_costs(story):
        raise error
    assert str(caught.value) == told
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == told
    if isinstance(error, NemoVideoError):
        assert again.facts.get("credits_spent") == story.spent


@pytest.mark.parametrize(("spent", "code"), [(50.0, 1), (0.0, 2)])
def test_what_was_paid_for_is_no_bad_input_any_more(spent: float, code: int) -> None:
    """Exit code 2 says that nothing was charged."""
    story = Story()
    story.add(EditDone(edit=MADE if spent else ASKED, credits_spent=spent))
    with pytest.raises(AccessDenied) as caught, telling_costs(story):
        raise AccessDenied("The bucket may not be written to.")
    assert exit_code(caught.value) == code


def test_a_prefect_server_that_dies_after_a_paid_edit_is_told_with_what_was_spent() -> None:
    story = Story()
    story.add(EditDone(edit=MADE, credits_spent=50.0))
    with pytest.raises(httpx.ConnectError) as caught, telling_costs(story):
        raise httpx.ConnectError("All connection attempts failed")
    assert describe(caught.value).message == (
        "The Prefect server does not answer: nobody answers there. 50 credits were spent; the edit made is kept."
    )
