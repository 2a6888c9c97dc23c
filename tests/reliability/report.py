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
import soak
import soak_table
from crashes import WAYS, Row, Way
from crossing import Point
from fault_cases import all_cases
from lane import Lane
from machines import Machines, machines
from ministack_server import ministack_server
from prefect_server import BUSY, prefect_server
from searching import Search


@contextmanager
def _machines() -> Iterator[Machines]:
    with tempfile.TemporaryDirectory(prefix="reliability-", ignore_cleanup_errors=True) as folder:
        rooms = [Path(folder) / name for name in ("prefect-one", "prefect-other", "s3", "lanes")]
        for room in rooms:
            room.mkdir()
        one, other, bucket, lanes = rooms
        with (
            prefect_server(one, BUSY) as first,
            prefect_server(other, BUSY) as second,
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
    every = [(point, way) for way in WAYS for point in crashes.points(of[way].requests, way)]

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


def run_soak(running: Machines) -> list[str]:
    """Two hundred jobs; whatever is lost, doubled or not explained."""
    began = time.monotonic()
    service = running.lanes[0].service
    soaked = soak.soak(running.folder / "soak", running.servers.one, service, running.clip)
    problems = list(soaked.problems)
    if (growth := soak.growth(soaked)) > soak.MAY_GROW:
        problems.append(f"The peak of memory grew by {growth:.0%} after job {soak.SETTLED_JOB}.")
    pages.replace("soak", soak_table.table(soaked, problems, time.monotonic() - began))
    for problem in problems:
        print(f"       {problem}", flush=True)
    return problems


MATRICES: dict[str, Callable[[Machines], list[str]]] = {
    "crashes": run_crashes,
    "faults": run_faults,
    "soak": run_soak,
}


def _keep_search(name: str, search: Search) -> None:
    """Puts a search's row into the table, in place of the one that stood there."""
    rows = {row[0]: row for row in pages.rows_of(pages.part("secrets"))}
    found = f"✗ {len(search.found)}" if search.found else "none"
    rows[name] = [name, f"{search.files:,}", f"{search.objects:,}", f"{search.bytes / 1e6:,.0f}", found]
    head = ["left behind by", "files", "objects in the bucket", "MB", "secrets"]
    pages.replace("secrets", pages.table(head, [rows[each] for each in MATRICES if each in rows]))


def main(chosen: list[str]) -> int:
    """Runs those that are named, all by default; 0 when all is as promised."""
    problems: list[str] = []
    for name in chosen or MATRICES:
        with _machines() as running:
            problems += MATRICES[name](running)
            search = running.secrets()
        _keep_search(name, search)
        problems += [f"A secret in {place}" for place in search.found]
        print(f"\n{pages.part(name)}\n", flush=True)
    print(f"{pages.part('secrets')}\n")
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems." if problems else "All is as promised, and no secret was found anywhere.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
