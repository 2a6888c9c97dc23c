"""Whatever goes wrong at any request of a job: the documented outcome, and charged is what was applied."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import fault_runs
import pytest
from fault_cases import Case, all_cases
from fault_runs import LONG, lanes_in, surroundings
from loopback import S3Server
from prefect_server import PrefectServer

SEED = 4
DRAWN = 8
#: Those that money turns on are always taken; chance adds some.
ALWAYS = (
    "upload × reply lost",
    "the message × connection refused",
    "the message × reply lost",
    "the message × 502, an HTML page",
    "the message × an envelope with code 5000",
    "the message × stream reset while the editor works, which goes on",
    "the message × stream cut within an event while the editor works, which is aborted",
    "the message × every event twice (adk)",
    "start the render × reset after the request",
    "cancel the render × no fault",
)


def _drawn() -> list[Case]:
    cases = {case.name: case for case in all_cases()}
    others = [case for name, case in cases.items() if name not in ALWAYS and _is_quick(case)]
    return [*(cases[name] for name in ALWAYS), *random.Random(SEED).sample(others, DRAWN)]


def _is_quick(case: Case) -> bool:
    """Whether nothing in it waits for a minute: a read that times out, or an account that is to be had once."""
    return not (case.fault.startswith(LONG) or case.step.anonymous)


def test_the_matrix_has_a_case_for_each_request_and_fault() -> None:
    names = [case.name for case in all_cases()]
    assert len(names) == len(set(names)) >= 200


@pytest.mark.timeout(600)
def test_a_sample_of_the_fault_matrix_holds(
    tmp_path: Path, prefect_server: PrefectServer, ministack_s3: S3Server, small_clip: Path
) -> None:
    """Each case: the outcome that is written down for it, one message, charged what was applied, an error that the
    README knows; and the same job asked for again comes to its end. `make reliability` takes every case.
    """
    with surroundings(tmp_path / "home", prefect_server.api_url), lanes_in(tmp_path, ministack_s3, 5) as lanes:
        verdicts = asyncio.run(fault_runs.run_cases(lanes, small_clip, _drawn(), fault_runs.tell))
    assert [f"{verdict.case.name}: {verdict.problems}" for verdict in verdicts if verdict.problems] == []
