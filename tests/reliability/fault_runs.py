"""Runs many cases of the fault matrix at once: several lanes in a process, and a process for each processor."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import faults
from fault_cases import Case, all_cases
from faults import SETTINGS, Verdict
from lane import FOREIGN, Lane, lane
from loopback import S3Server
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_HOME,
    PREFECT_LOCAL_STORAGE_PATH,
    temporary_settings,
)

from prefect_nemovideo.cli.running import PREFECT_DEFAULTS

#: Most cases wait most of the time: for a Retry-After, a look, a read that times out.
LANES = 8
#: Waits of a minute and more are begun first.
LONG = ("stall",)


@contextmanager
def surroundings(folder: Path, prefect_url: str) -> Iterator[None]:
    """A home, settings and a Prefect server for the flows of this process."""
    found = dict(os.environ)
    for name in list(found):
        if name.startswith(FOREIGN):
            del os.environ[name]
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    os.environ.update({**SETTINGS, "HOME": str(folder), "TMPDIR": str(folder / "tmp")})
    kept = {
        PREFECT_API_URL: prefect_url,
        # As the command itself has it.
        PREFECT_CLIENT_MAX_RETRIES: int(PREFECT_DEFAULTS["PREFECT_CLIENT_MAX_RETRIES"]),
        PREFECT_HOME: folder,
        PREFECT_LOCAL_STORAGE_PATH: folder / "results",
    }
    try:
        with temporary_settings(kept):
            yield
    finally:
        os.environ.clear()
        os.environ.update(found)


async def run_cases(lanes: list[Lane], clip: Path, cases: list[Case], told: Callable[[Verdict], None]) -> list[Verdict]:
    """Runs the cases, as many at once as there are lanes; within `surroundings`."""
    order = await faults.undisturbed(lanes[0], clip)
    verdicts: dict[int, Verdict] = {}
    longest_last = sorted(range(len(cases)), key=lambda place: cases[place].fault.startswith(LONG))
    # A machine has one anonymous account, and asks for it once at a time: one lane takes these, one after another.
    anonymous = [place for place in longest_last if cases[place].step.anonymous]
    others = [place for place in longest_last if not cases[place].step.anonymous]

    async def drive(lane: Lane, waiting: list[int]) -> None:
        while waiting:
            place = waiting.pop()
            verdicts[place] = await faults.try_case(lane, clip, cases[place], order)
            told(verdicts[place])

    async def drive_first() -> None:
        await drive(lanes[0], anonymous)
        await drive(lanes[0], others)

    async with asyncio.TaskGroup() as group:
        group.create_task(drive_first())
        for each in lanes[1:]:
            group.create_task(drive(each, others))
    return [verdicts[place] for place in range(len(cases))]


@contextmanager
def lanes_in(folder: Path, s3: S3Server, count: int) -> Iterator[list[Lane]]:
    """Opens lanes below a folder."""
    with ExitStack() as stack:
        lanes = []
        for number in range(count):
            own = folder / f"lane-{number}"
            own.mkdir(parents=True)
            lanes.append(stack.enter_context(lane(own, s3)))
        yield lanes


def run_everywhere(folder: Path, prefect_urls: list[str], s3: S3Server, clip: Path, chosen: list[int]) -> list[Verdict]:
    """Runs the cases of these numbers, a process for each Prefect server; in the order of the numbers."""
    count = len(prefect_urls)
    shares = [chosen[number::count] for number in range(count)]
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawning) as pool:
        running = [
            pool.submit(_run_share, folder / f"share-{number}", prefect_url, s3, clip, share)
            for number, (prefect_url, share) in enumerate(zip(prefect_urls, shares, strict=True))
        ]
        done = dict(pair for each in running for pair in each.result())
    return [done[number] for number in chosen]


def _run_share(folder: Path, prefect_url: str, s3: S3Server, clip: Path, share: list[int]) -> list[tuple[int, Verdict]]:
    folder.mkdir(parents=True)
    settle_in(folder / "log")
    every = all_cases()
    with surroundings(folder / "home", prefect_url), lanes_in(folder, s3, LANES) as lanes:
        verdicts = asyncio.run(run_cases(lanes, clip, [every[number] for number in share], tell))
    return list(zip(share, verdicts, strict=True))


def settle_in(log: Path) -> None:
    """Begins a process of jobs: what Prefect says is kept for the search for secrets, and it ends with its parent."""
    os.dup2(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644), sys.stderr.fileno())
    parent = multiprocessing.parent_process()
    assert parent is not None, "a process of jobs has a parent"

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def tell(verdict: Verdict) -> None:
    """A line for whoever waits."""
    word = "FAILED" if verdict.problems else "ok"
    lines = [f"{word:6} {verdict.seconds:5.1f} s  {verdict.case.name}: {verdict.outcome}"]
    lines += [f"       {problem}" for problem in verdict.problems]
    print("\n".join(lines), flush=True)
