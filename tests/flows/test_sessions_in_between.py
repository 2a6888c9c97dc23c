"""A job in a saved session that is not delivered yet, and another one in between: nothing is made or paid twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nemo_server import TOKEN, NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import OutOfCredits, PlanRefused
from prefect_nemovideo.flows import edit_video, refine_session
from prefect_nemovideo.results import VideoResult

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
SMALL = OutputSpec(resolution="720p")
FIRST, SECOND, BETWEEN = "sharpen the details", "make it brighter", "make it black and white"


@pytest.fixture
def edit(small_clip: Path, tmp_path: Path) -> Callable[..., Any]:
    """The same two instructions each time it is called."""

    async def run(name: str) -> VideoResult:
        out = str(tmp_path / "out")
        return await edit_video(str(small_clip), [FIRST, SECOND], out, output=SMALL, session=name)

    return run


async def test_what_was_edited_and_not_delivered_is_delivered_by_the_same_command(
    nemo: Nemo, edit: Callable[..., Any], tmp_path: Path
) -> None:
    """Once it is, the command is done already."""
    service = nemo(plan="free", instant_renders=True)
    with pytest.raises(PlanRefused):
        await edit("refused")
    service.options(plan="pro")
    await refine_session("refused", BETWEEN, str(tmp_path / "out"), output=SMALL)
    assert service.charged() == 150
    result = await edit("refused")
    assert [done.instruction for done in result.edits] == [FIRST, SECOND]
    assert (await edit("refused")).uri == result.uri
    assert (service.writes().count("run_sse"), service.charged()) == (3, 150)


async def test_an_instruction_that_was_carried_out_is_not_sent_again_for_another_that_was_not(
    nemo: Nemo, edit: Callable[..., Any], tmp_path: Path
) -> None:
    service = nemo(token_credits=50, instant_renders=True)
    with pytest.raises(OutOfCredits):
        await edit("spent")
    service.account(TOKEN, credits=100)
    await refine_session("spent", BETWEEN, str(tmp_path / "out"), output=SMALL)
    await edit("spent")
    said = [request["body"]["new_message"]["parts"][0]["text"] for request in service.requests("run_sse")]
    assert said.count(FIRST) == 1
    assert service.charged() == 150
