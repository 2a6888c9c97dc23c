"""Jobs get to their end through a service at which every fifth request goes wrong: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soak
from prefect_server import PrefectServer

#: Two hundred by `make reliability`, with a look at the memory.
JOBS = 6


@pytest.mark.timeout(300)
def test_jobs_get_through_a_service_that_fails_at_every_fifth_request(
    tmp_path: Path, prefect_server: PrefectServer, nemo: Callable[..., Any], small_clip: Path
) -> None:
    """Each edit is applied and charged once, each video is archived once, each error on the way is of the README."""
    soaked = soak.soak(tmp_path / "soak", prefect_server.api_url, nemo(), small_clip, JOBS)
    assert soaked.problems == []
    assert soaked.outcomes["done"] == JOBS
