"""Runs the matrices whole and writes what came of them into docs/reliability.md.

python tests/reliability/report.py [crashes] [faults] [soak]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))

import crash_table
import crashes
import fault_runs
import fault_table
import pages
from crashes import WAYS, Row, Way
from crossing import Point
from fault_cases import all_cases
from lane import Lane
from machines import Machines, machines
from ministack_server import ministack_server
from prefect_server import prefect_server


@contextmanager
def _machines() -> Iterator[Machines]:
    with tempfile.TemporaryDirectory(prefix="reliability-", ignore_cleanup_errors=True) as folder:
        rooms = [Path(folder) / name for name in ("prefect-one", "prefect-other", "s3", "lanes")]
        for room in rooms:
            room.mkdir()
        one, other, bucket, lanes = rooms
        with (
            prefect_server(one) as first,
            prefect_server(other) as second,
            ministack_server(bucket) as s3,
            machines(lanes, (first, second), s3) as running,
        ):
            yield running


def run_crashes(running: Machines) -> list[str]:
    """The crash matrix; whatever is not as promised."""
    began = time.monotonic()
    lane = running.lanes[0]
    local = crashes.undisturbed(lane, running.clip, running.servers)
    shared = crashes.undisturbed(lane, running.clip, running.servers, bucketed=True)
    of = {"again": local, "retry": local, "elsewhere": shared}
    every = [(point, way) for way in WAYS for point in crashes.points(of[way].requests)]

    def one(lane: Lane, pair: tuple[Point, Way]) -> Row:
        return crashes.crash(lane, running.clip, running.servers, of[pair[1]], *pair)

    def tell(row: Row) -> None:
        print(f"{'FAILED' if row.problems else 'ok':6} {row.way:9} {row.point}: {', '.join(row.story)}", flush=True)
        for problem in row.problems:
            print(f"       {problem}", flush=True)

    rows = running.spread(one, every, tell)
    pages.replace("crashes", crash_table.table(rows, time.monotonic() - began))
    return [f"{row.way}, {row.point}: {row.problems[0]}" for row in rows if row.problems]


def run_faults(running: Machines) -> list[str]:
    """The fault matrix; whatever is not as promised."""
    began = time.monotonic()
    urls = [server.api_url for server in running.prefect]
    every = range(len(all_cases()))
    verdicts = fault_runs.run_everywhere(running.folder / "faults", urls, running.s3, running.clip, list(every))
    pages.replace("faults", fault_table.table(verdicts, time.monotonic() - began))
    return [f"{verdict.case.name}: {verdict.problems[0]}" for verdict in verdicts if verdict.problems]


MATRICES: dict[str, Callable[[Machines], list[str]]] = {"crashes": run_crashes, "faults": run_faults}


def main(chosen: list[str]) -> int:
    """Runs those that are named, all by default; 0 when all is as promised."""
    problems: list[str] = []
    for name in chosen or MATRICES:
        with _machines() as running:
            problems += MATRICES[name](running)
            problems += [f"A secret in {place}" for place in running.secrets()]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems." if problems else "All is as promised, and no secret was found anywhere.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
