"""Many videos by one call: a failure stays in its row, what is done is skipped, the budget holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nemo_server import NemoServer

from prefect_nemovideo.flows import edit_batch

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


@pytest.fixture
def rows(small_clip: Path, tmp_path: Path) -> list[dict[str, Any]]:
    """Two clips that can be edited, and one file that isn't there."""
    other = tmp_path / "other.mp4"
    shutil.copy(small_clip, other)
    return [
        {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "720p"},
        {"source": str(other), "instructions": ["make it black and white"], "resolution": "720p"},
        {"source": str(tmp_path / "none.mp4"), "instructions": "make it square", "resolution": "720p"},
    ]


async def test_a_failure_stays_in_its_row_and_the_rest_is_skipped_the_next_time(
    nemo: Nemo, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Two are made and one is told; again, two are there already and nothing is sent for them."""
    server = nemo(instant_renders=True)
    first = await edit_batch(rows, str(tmp_path / "out"))
    assert (first.status, first.completed, first.skipped, first.failed) == ("partly", 2, 0, 1)
    assert first.credits_spent == 100
    assert [item.status for item in first.items] == ["completed", "completed", "failed"]
    charged = server.charged()
    again = await edit_batch(rows, str(tmp_path / "out"))
    assert (again.completed, again.skipped, again.failed, again.credits_spent) == (0, 2, 1, 0)
    assert server.charged() == charged == 100


async def test_what_would_cross_the_budget_is_deferred(nemo: Nemo, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """With credits for one edit, one video is made and the other is not started."""
    server = nemo(instant_renders=True)
    result = await edit_batch(rows[:2], str(tmp_path / "out"), concurrency=1, max_credits=60)
    assert (result.status, result.completed, result.deferred) == ("partly", 1, 1)
    assert server.charged() == 50
