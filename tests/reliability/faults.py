"""Runs a case of the fault matrix: the job meets its fault, the fault goes, the same job is asked for again.

Whatever the outcome, this holds: one message for one instruction, charged is what was applied, an error says what to
do next and is one that the README knows, and asked for again the job comes to its end.
"""

from __future__ import annotations

import asyncio
import re
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import evidence
import httpx
from evidence import EDIT_CREDITS
from fault_cases import DONE, LASTING_SECONDS, NOT_APPLIED, UNCHANGED, UNKNOWN, Case, Outcome, Step
from lane import SIZE, Lane
from nemo_server import TOKEN
from pydantic import SecretStr

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.blocks import NemoVideoCredentials
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.problems import describe, exit_code, is_interruption, is_known

WORDS = "sharpen the details"
ERROR_CODES = re.compile(r"^\| (\d+) \|.*\|(.*)\|$", re.MULTILINE)
README = Path(__file__).parents[2] / "README.md"
PATIENCE_SECONDS = 900.0
#: A Prefect server on SQLite answers so many flows at once with 503 now and then, which says nothing about the job.
TRIES_WITH_PREFECT, PREFECT_AWAY = 3, "503 Service Unavailable' for url 'http://127.0.0.1"
#: As short as they can be. The order of things is the same with the waits that users have.
SETTINGS = {
    "NEMO_POLL_INTERVAL_SECONDS": "0.2",
    "NEMO_POLL_MAX_INTERVAL_SECONDS": "0.5",
    "NEMO_RECOVERY_DELAYS_SECONDS": "0.3,0.5,1",
    "NEMO_RENDER_TIMEOUT_SECONDS": "6",
    "NEMO_EDIT_TIMEOUT_SECONDS": "60",
    "NEMO_EDIT_IDLE_TIMEOUT_SECONDS": "40",
    "NEMO_RATE_LIMIT_WAIT_SECONDS": "1",
}


@dataclass
class Tried:
    """One command of a case."""

    outcome: Outcome
    message: str
    next_step: str
    error: BaseException | None


@dataclass
class Verdict:
    """What came of a case; `problems` is empty when all is as promised."""

    case: Case
    outcome: Outcome | None = None
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def documented_codes() -> dict[str, int]:
    """Each error code with its exit code, as the README has them."""
    section = README.read_text().partition("## Errors and exit codes")[2].partition("\n## ")[0]
    return {word: int(row[1]) for row in ERROR_CODES.finditer(section) for word in re.findall(r"`(\w+)`", row[2])}


async def undisturbed(lane: Lane, clip: Path) -> list[str]:
    """The requests of the job that nothing disturbs, by the emulator's names."""
    work = await asyncio.to_thread(lane.begin, clip)
    await edit_video(
        str(work.clip),
        WORDS,
        work.archive,
        credentials=await _account(lane.service.url),
        output=OutputSpec(resolution=SIZE),
    )
    return [request["endpoint"] for request in await asyncio.to_thread(lane.service.requests)]


async def try_case(lane: Lane, clip: Path, case: Case, order: list[str]) -> Verdict:
    """Runs a case.

    Args:
        order: The requests of the job that nothing disturbs.
    """
    for _ in range(TRIES_WITH_PREFECT):
        began = time.monotonic()
        verdict = Verdict(case)
        (trouble,) = await asyncio.gather(_try(lane, clip, case, order, verdict), return_exceptions=True)
        if trouble is not None:
            # The other cases go on.
            verdict.problems.append(f"It could not be tried: {''.join(traceback.format_exception(trouble))}")
        verdict.seconds = time.monotonic() - began
        if not any(PREFECT_AWAY in problem for problem in verdict.problems):
            break
    return verdict


async def _try(lane: Lane, clip: Path, case: Case, order: list[str], verdict: Verdict) -> None:
    work = await asyncio.to_thread(lane.begin, clip, **case.options)
    credentials = await _account(lane.door if case.refuses else lane.service.url, is_anonymous=case.step.anonymous)

    async def attempt(resend: bool = False) -> Tried:
        making = asyncio.ensure_future(
            edit_video(
                str(work.clip),
                WORDS,
                work.archive,
                credentials=credentials,
                output=OutputSpec(resolution=SIZE),
                resend=resend,
            )
        )
        if case.cancels and not verdict.outcome:
            await _rendering(lane, making)
            making.cancel()
        return await tried(making)

    if case.refuses:
        _close_the_way(lane, case, order)
    for rule in case.rules:
        await asyncio.to_thread(lambda rule=rule: lane.service.fault(**_aimed(rule, case.step, order)))
    first = await attempt()
    verdict.outcome = first.outcome
    if first.outcome != case.must:
        verdict.problems.append(f"It must end as {case.must}, and ended as {first.outcome}: {first.message}")
    verdict.problems += unlike_an_error(first)
    await asyncio.to_thread(lane.mend)
    met = await asyncio.to_thread(_judge, lane, verdict, "at first", messages=1)
    if case.cancels and not case.rules and met.renders != ("cancelled",):
        verdict.problems.append(f"The render was not cancelled: {met.renders}")
    await asyncio.to_thread(lane.service.options, render_seconds=0, edit_seconds=0)
    await _finish(lane, verdict, attempt, met)


async def _finish(lane: Lane, verdict: Verdict, attempt: Callable[..., Any], met: evidence.Service) -> None:
    """The same job again, now that nothing is wrong."""
    if verdict.case.locks_out:
        # That takes days; nothing was begun.
        if met.sent or met.charged or met.sessions:
            verdict.problems.append(f"Something was begun: {met}")
        return
    again = await attempt()
    # What the editor failed at was not charged, and is sent anew.
    messages = 2 if verdict.outcome == NOT_APPLIED else 1
    if verdict.outcome == UNKNOWN and not met.applied and again.outcome == UNKNOWN:
        after = await asyncio.to_thread(_judge, lane, verdict, "again", messages=1)
        if after.sent != met.sent:
            verdict.problems.append("A message of unknown outcome was sent again.")
        again, messages = await attempt(resend=True), 2
    if again.outcome not in (DONE, UNCHANGED) or (again.outcome == UNCHANGED and verdict.outcome != UNCHANGED):
        verdict.problems.append(f"Asked for again it ended as {again.outcome}: {again.message}")
    end = await asyncio.to_thread(_judge, lane, verdict, "at the end", messages=messages)
    if again.outcome == DONE and end.applied != Counter([WORDS]):
        verdict.problems.append(f"The edit was applied {end.applied[WORDS]} times.")
    if "completed" not in end.renders or set(end.renders) & {"pending", "processing"}:
        verdict.problems.append(f"The renders are {end.renders}.")


def _judge(lane: Lane, verdict: Verdict, when: str, *, messages: int) -> evidence.Service:
    """What must hold at any time."""
    service = evidence.at_the_service(lane.service.url)
    facts = {
        f"{service.sent} messages": service.sent <= messages,
        f"applied {dict(service.applied)}": service.applied[WORDS] <= 1,
        f"charged {service.charged}": service.charged == EDIT_CREDITS * service.applied.total(),
        f"{service.files} files": service.files <= 1,
    }
    verdict.problems += [f"{when.capitalize()}: {fact}." for fact, holds in facts.items() if not holds]
    return service


def unlike_an_error(tried: Tried) -> list[str]:
    """What an error lacks that people need."""
    error = tried.error
    if error is None:
        return []
    problems = []
    if not (is_known(error) or is_interruption(error)):
        problems.append(f"It is a defect: {error!r}")
    if documented_codes().get(tried.outcome.word) != tried.outcome.code:
        problems.append(f"The README knows no {tried.outcome}.")
    if not (tried.message.endswith((".", "?", "!")) and tried.next_step.endswith((".", ")", "NAME"))):
        problems.append(f"It says: {tried.message!r} {tried.next_step!r}")
    if TOKEN in tried.message + tried.next_step:
        problems.append("It says the token.")
    return problems


async def tried(making: asyncio.Future[Any]) -> Tried:
    """What a command line makes of it."""
    await asyncio.wait([making], timeout=PATIENCE_SECONDS)
    if not making.done():
        raise TimeoutError(f"It did not end in {PATIENCE_SECONDS} s.")
    error = asyncio.CancelledError() if making.cancelled() else making.exception()
    if error is None:
        return Tried(Outcome(0, making.result().edits[0].outcome), "", "", None)
    failure = describe(error)
    return Tried(Outcome(exit_code(error), failure.code), failure.message, failure.next_step, error)


async def _account(address: str, *, is_anonymous: bool = False) -> str:
    """The name of saved credentials that lead to this address."""
    name = f"reliability-{uuid4().hex[:12]}"
    if is_anonymous:
        block = NemoVideoCredentials(anonymous=True, api_url=address, client_id=str(uuid4()))
    else:
        block = NemoVideoCredentials(token=SecretStr(TOKEN), api_url=address)
    await block.asave(name, overwrite=True)
    return name


def _turn(step: Step, order: list[str]) -> int:
    """How many requests to the endpoint pass unharmed before the one that is meant."""
    if step.turn == "after the edit":
        return order[: order.index("run_sse")].count("state")
    if step.turn == "before the render":
        return order[: order.index("render_submit")].count("state") - 2
    return 0


def _aimed(rule: dict[str, Any], step: Step, order: list[str]) -> dict[str, Any]:
    return {**rule, "after": _turn(step, order)} if rule["endpoint"] == step.endpoint and _turn(step, order) else rule


def _close_the_way(lane: Lane, case: Case, order: list[str]) -> None:
    """Nobody listens when the request is to be sent."""
    seconds = LASTING_SECONDS if case.lasting else 1.5
    endpoint = "claim_token" if case.step.endpoint == "download" else case.step.endpoint
    places = [place for place, name in enumerate(order) if name == endpoint]
    if case.step.endpoint == "download":
        # The link leads nowhere, and its request is the last before this one.
        lane.gate.refuse_after("cdn", 1, seconds)
    elif case.step.endpoint == "cdn":
        # How many looks at the render come before it depends on how long earlier ones took.
        lane.gate.refuse_from("cdn", 1, seconds)
    elif case.step.anonymous or places[_turn(case.step, order)] == 0:
        lane.refuse(seconds)
    else:
        before = order[: places[_turn(case.step, order)]]
        lane.gate.refuse_after(before[-1], before.count(before[-1]), seconds)


async def _rendering(lane: Lane, making: asyncio.Future[Any]) -> None:
    """Waits until the render is at work."""
    async with httpx.AsyncClient(base_url=lane.service.url) as http:
        while not making.done():
            with suppress(httpx.HTTPError):
                if any(render["status"] == "processing" for render in (await http.get("/_emulator/renders")).json()):
                    return
            await asyncio.sleep(0.05)
