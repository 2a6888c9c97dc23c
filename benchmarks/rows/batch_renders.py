"""What waiting costs a batch: jobs of seven steps, one of them a render of 20 s, beside the ideal schedule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.prefect_api import prefect_api
from benchmarks.servers.service import service

TITLE = "Batch of 24 jobs, 12 at a time, with renders of 20 s"
OPPONENT = None
GROUP = "Orchestration"
#: The ideal schedule: twice as long as one job whose every step ends at once when the service is done.
GOALS = (Goal("over_ideal", at_most=1.05),)
UNITS = {"over_ideal": "×"}
ROUNDS, WARMS_UP = 3, False
JOBS, SIDE_BY_SIDE = 24, 12


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    with service() as url, prefect_api(folder) as api:
        home = {"PREFECT_API_URL": api, "PREFECT_HOME": str(folder / "home")}
        nemo = {"NEMO_API_URL": url, "NEMO_TOKEN": "benchmark"}
        yield Sides(ours=Side(program("batch_renders", JOBS, SIDE_BY_SIDE), {**home, **nemo}))
