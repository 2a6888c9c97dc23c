"""What a batch of a thousand jobs needs of memory beside one of a hundred: the process that carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.row import Goal, Side, Sides, program
from benchmarks.servers.prefect_api import prefect_api
from benchmarks.servers.service import service

TITLE = "Memory of a batch of 1,000 jobs of 7 steps"
OPPONENT = "a batch of 100"
GROUP = "Orchestration"
GOALS = (Goal("peak", times=1.5),)
#: Each takes more than a minute, and memory hardly differs between rounds.
ROUNDS, WARMS_UP = 3, False
JOBS, FEW, SIDE_BY_SIDE = 1000, 100, 50


@contextmanager
def sides(folder: Path) -> Iterator[Sides]:
    with service() as url, prefect_api(folder) as api:
        home = {"PREFECT_API_URL": api, "PREFECT_HOME": str(folder / "home")}
        nemo = {"NEMO_API_URL": url, "NEMO_TOKEN": "benchmark"}
        yield Sides(
            ours=Side(program("batch_steps", JOBS, SIDE_BY_SIDE), {**home, **nemo}),
            opponent=Side(program("batch_steps", FEW, SIDE_BY_SIDE), {**home, **nemo}),
        )
