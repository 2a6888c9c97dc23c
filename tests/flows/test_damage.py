"""A rendered file that arrives damaged: had another way, or rendered anew, and never delivered as it is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from nemo_server import NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import RenderFailed
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.results import VideoResult

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
Job = Callable[..., Coroutine[Any, Any, VideoResult]]


@pytest.fixture
def job(small_clip: Path, tmp_path: Path) -> Job:
    """The same job each time it is called."""

    async def run() -> VideoResult:
        output = OutputSpec(resolution="720p")
        return await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=output)

    return run


async def test_what_the_link_damages_comes_by_the_apis_own_route(nemo: Nemo, job: Job) -> None:
    """The length is right: only decoding shows it."""
    service = nemo(instant_renders=True)
    service.fault("cdn", "damage")
    result = await job()
    assert result.as_requested
    assert len(service.requests("download")) == 1
    assert (len(service.renders()), service.charged()) == (1, 50)


async def test_what_both_ways_damage_is_rendered_anew(nemo: Nemo, job: Job) -> None:
    """The file lies damaged at the service, then: rendering is free."""
    service = nemo(instant_renders=True)
    for way in ("cdn", "download"):
        service.fault(way, "damage", times=1)
    assert (await job()).as_requested
    assert (len(service.renders()), service.charged()) == (2, 50)


async def test_what_stays_damaged_is_an_error_with_a_way_on(nemo: Nemo, job: Job) -> None:
    """Nothing is delivered; once the service is well, the same job renders once more and is not charged again."""
    service = nemo(instant_renders=True)
    for way in ("cdn", "download"):
        service.fault(way, "damage")
    with pytest.raises(RenderFailed, match=r"could not be rendered, twice: .* is damaged") as failed:
        await job()
    assert failed.value.message.endswith(" 50 credits were spent; the edit made is kept.")
    assert failed.value.next_step == "Run the same command again to render once more, free of credits."
    service.heal()
    assert (await job()).as_requested
    assert service.charged() == 50
