"""What Prefect costs a batch: 300 jobs of seven steps that are kept, the Prefect server on the same machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.prefect_api import prefect_api
from benchmarks.servers.service import service

TITLE = "Batch of 300 jobs of 7 steps of 50 ms"
OPPONENT = "asyncio + httpx"
GROUP = "Orchestration"
#: At most 60 ms a job more, and linear from 10 jobs on.
GOALS = (Goal("wall", times=1, plus=18), Goal("exponent", at_most=1.1))
ROUNDS = 3
JOBS, SIDE_BY_SIDE, SMALLER = 300, 50, (10, 30, 100)


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    with service() as url, prefect_api(folder) as api:
        home = {"PREFECT_API_URL": api, "PREFECT_HOME": str(folder / "home")}
        nemo = {"NEMO_API_URL": url, "NEMO_TOKEN": "benchmark"}
        yield Sides(
            ours=Side(program("batch_steps", JOBS, SIDE_BY_SIDE, *SMALLER), {**home, **nemo}),
            opponent=Side(program("batch_bare", url, JOBS, SIDE_BY_SIDE)),
        )
