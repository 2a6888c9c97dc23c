"""Many jobs of one process, through a service at which every fifth request goes wrong; then they are counted.

Each job is asked for again, as its errors say, until it is done. The memory of the process is read from the kernel
each time that a job is done.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import evidence
import faults
import httpx
from fault_cases import DONE, UNKNOWN
from fault_runs import settle_in, surroundings
from nemo_server import TOKEN, NemoServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.flows import edit_video

JOBS, AT_ONCE = 200, 4
SIZE = "320x180"
#: What strikes: each the same share of all requests, together a fifth of them.
ACTIONS: tuple[dict[str, Any], ...] = (
    {"action": "reset_before"},
    {"action": "reset_after"},
    {"action": "lose_reply"},
    {"action": "status", "status": 500},
    {"action": "status", "status": 502, "html": True, "message": "Bad Gateway"},
    {"action": "status", "status": 503, "headers": {"Retry-After": "1"}},
    {"action": "reply_status", "status": 504},
    {"action": "retry_after", "seconds": 1},
    {"action": "slow_first_byte", "seconds": 0.5},
    {"action": "truncate"},
    {"action": "malformed_json"},
    {"action": "cut_stream", "mode": "rst"},
)
FAULTY_SHARE = 0.2
SEED = 4
#: Nobody has to ask for a job as often as this.
ATTEMPTS = 25
CREDITS = 1_000_000
#: By then everything is loaded and every pool has its size. What may come later, at most, as a part of it.
SETTLED_JOB, MAY_GROW = 50, 0.10


@dataclass
class Soaked:
    """What came of it.

    Args:
        outcomes: How often each outcome came.
        problems: Whatever is not as it must be.
        peaks_kib: The process's peak memory when so many jobs were done.
        struck: The share of requests that something happened to.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    peaks_kib: list[int] = field(default_factory=list)
    requests: int = 0
    struck: float = 0.0


def soak(folder: Path, prefect_url: str, service: NemoServer, clip: Path, jobs: int = JOBS) -> Soaked:
    """Runs the jobs in a process of their own, and counts at the service and in the archive."""
    folder.mkdir(parents=True)
    service.reset(options=True)
    service.options(instant_renders=True, render_seconds=0.1)
    service.account(TOKEN, credits=CREDITS)
    # Only messages have a stream to cut: the others make up the share of all requests.
    share = 1 - (1 - FAULTY_SHARE) ** (1 / (len(ACTIONS) - 1))
    for number, rule in enumerate(ACTIONS):
        endpoint = "run_sse" if rule["action"] == "cut_stream" else "*"
        service.fault(endpoint, seed=SEED + number, share=share, **rule)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        soaked = pool.submit(_run, folder, prefect_url, service.url, clip, jobs).result()
    struck = httpx.get(f"{service.url}/_emulator/faults").json()
    soaked.requests = struck[0]["matched"]
    soaked.struck = sum(rule["struck"] for rule in struck) / soaked.requests
    service.heal()
    _count(folder, service.url, jobs, soaked)
    return soaked


def growth(soaked: Soaked) -> float:
    """How much more memory than at job 50 was ever taken, as a part of it."""
    return soaked.peaks_kib[-1] / soaked.peaks_kib[SETTLED_JOB - 1] - 1


def _run(folder: Path, prefect_url: str, service_url: str, clip: Path, jobs: int) -> Soaked:
    settle_in(folder / "log")
    soaked = Soaked()
    with surroundings(folder / "home", prefect_url):
        os.environ.update({"NEMO_API_URL": service_url, "NEMO_TOKEN": TOKEN, "NEMO_RENDER_TIMEOUT_SECONDS": "20"})
        asyncio.run(_all(folder, clip, jobs, soaked))
    return soaked


async def _all(folder: Path, clip: Path, jobs: int, soaked: Soaked) -> None:
    waiting = list(range(jobs, 0, -1))

    async def drive() -> None:
        while waiting:
            await _one(folder, clip, waiting.pop(), soaked)
            soaked.peaks_kib.append(_peak_kib())

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(drive())


async def _one(folder: Path, clip: Path, number: int, soaked: Soaked) -> None:
    """One job to its end."""
    own = folder / f"film-{number}.mp4"
    own.write_bytes(clip.read_bytes() + b"\0\0\0\x18free" + token_hex(8).encode())
    unknown = 0
    for _ in range(ATTEMPTS):
        making = asyncio.ensure_future(
            edit_video(
                str(own),
                words(number),
                str(folder / "archive"),
                credentials="environment",
                output=OutputSpec(resolution=SIZE),
                # What a person does who has looked twice.
                resend=unknown >= 2,
            )
        )
        tried = await faults.tried(making)
        soaked.outcomes[str(tried.outcome)] += 1
        soaked.problems += [f"Job {number}: {problem}" for problem in faults.unlike_an_error(tried)]
        if tried.outcome == DONE:
            return
        unknown = unknown + 1 if tried.outcome == UNKNOWN else 0
    soaked.problems.append(f"Job {number} was not done after {ATTEMPTS} commands.")


def words(number: int) -> str:
    """The instruction of a job, which no other has."""
    return f'add a title saying "Film {number}"'


def _chance(requests: int) -> float:
    """How far a share of drawn requests may be from what was to be drawn: four standard deviations."""
    return float(4 * (FAULTY_SHARE * (1 - FAULTY_SHARE) / requests) ** 0.5)


def _peak_kib() -> int:
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None, "the kernel tells no peak"
    return int(found[1])


def _count(folder: Path, url: str, jobs: int, soaked: Soaked) -> None:
    """Nothing is lost, nothing is doubled."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as http:
        charges = http.get("/_emulator/charges").json()
        renders = http.get("/_emulator/renders").json()
        balance = http.get("/api/credits/balance/simple").json()["data"]
    applied = Counter(charge["instruction"] for charge in charges)
    sessions = {charge["session_id"] for charge in charges}
    finished = Counter(render["session_id"] for render in renders if render["status"] == "completed")
    archive = evidence.in_the_folder(folder / "archive")
    records = [json.loads(file.read_text()) for file in (folder / "archive").glob("*.manifest.json")]
    facts = {
        "each edit applied once": applied == Counter(words(number + 1) for number in range(jobs)),
        "charged what was applied": CREDITS - balance["total"] == evidence.EDIT_CREDITS * jobs,
        "nothing held": balance["frozen"] == 0,
        "one finished render each": finished == Counter(sessions) and len(sessions) == jobs,
        "no render at work": {render["status"] for render in renders} <= {"completed"},
        "one video and one record each": (len(archive.videos), archive.records) == (jobs, jobs),
        "each record of a job of its own": len({record["job_key"] for record in records}) == jobs,
        "no stray file": archive.others == (),
        "a fifth of the requests struck": abs(soaked.struck - FAULTY_SHARE) < _chance(soaked.requests),
    }
    soaked.problems += [f"Not so: {fact}." for fact, holds in facts.items() if not holds]
