"""The crash matrix: a job dies at a request, is resumed, and what became of it is counted.

What must hold is written down here, from the promises, before anything is run: see `expected`.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import evidence
import httpx
from crossing import Point, When
from evidence import EDIT_CREDITS
from lane import BUCKET, INSTRUCTIONS, SIZE, Ended, Lane, Work

Way = Literal["again", "retry", "elsewhere"]
WAYS: tuple[Way, ...] = ("again", "retry", "elsewhere")
DONE, UNKNOWN = 0, 7
MOMENTS: tuple[When, ...] = ("before", "unanswered", "answered")
BEFORE_AND_AFTER: tuple[When, ...] = ("before", "unanswered")
BY_ITSELF: tuple[When, ...] = ("unanswered",)
ORDER = {"before": 0.0, "during": 0.5, "unanswered": 1.0, "answered": 2.0}
#: Requests that change nothing, by the name of the API's or the verb of the bucket's.
READS = ("GET", "HEAD", "state", "credits", "render_status", "cdn")
RETRY_ENGINE = [sys.executable, "-m", "prefect.flow_engine", "prefect_nemovideo.flows.edit_video.edit_video"]


@dataclass(frozen=True)
class Servers:
    """Two Prefect servers: the second has never heard of what the first one ran."""

    one: str
    other: str


@dataclass(frozen=True)
class Baseline:
    """The job that nobody interrupts: what passed, what it left."""

    requests: tuple[str, ...]
    video: str
    timeline: Any


@dataclass
class Row:
    """What came of one point.

    Args:
        story: How each process ended, in order.
        problems: What is not as it must be; empty when all holds.
    """

    point: Point
    way: Way
    story: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    more_sessions: int = 0
    trials: int = 0
    part_files: int = 0


def points(requests: tuple[str, ...], way: Way) -> list[Point]:
    """The boundaries at which a job is killed.

    In the first way every one of the API's requests: before it, with its reply on the way, after its reply. Between
    two reads there is nothing that whoever resumes could tell them apart by, so the other ways take each read once;
    and of the requests to the bucket those that write, before and after, because a step is kept by them.
    """
    found = []
    for request, number in _counted(requests):
        is_write = request.removeprefix("S3 ").split()[0] not in READS
        if request.startswith("S3 "):
            found += [Point(request, number, when) for when in (BEFORE_AND_AFTER if is_write else ())]
        else:
            found += [Point(request, number, when) for when in (MOMENTS if is_write or way == "again" else BY_ITSELF)]
        if request == "run_sse":
            found.append(Point(request, number, "during"))
    return found


def _counted(requests: tuple[str, ...]) -> list[tuple[str, int]]:
    """Each request with which of its name it is."""
    counts: Counter[str] = Counter()
    found = []
    for request in requests:
        counts[request] += 1
        found.append((request, counts[request]))
    return found


class Windows:
    """Between which points of a job something holds, told by the order of the job's own requests."""

    def __init__(self, baseline: Baseline) -> None:
        self._places = {pair: place for place, pair in enumerate(_counted(baseline.requests))}

    def may_end_unknown(self, point: Point, survives: bool) -> tuple[bool, bool, int]:
        """Whether it may end as unknown, whether it must, and how many edits were made before: the message was about
        to be sent, and was not taken.

        What died before it sent, and what the service dropped because its connection died, look the same to whoever
        comes after: the intent is kept and the timeline is unchanged. Then nothing is sent without a person's
        --resend. A job that is killed after a reply gets a little further than that: perhaps up to the intent.
        """
        for number in (1, 2):
            sending = self._moment(Point("run_sse", number, "before"))
            kept = self._moment(Point(f"S3 PUT apply_edit {number - 1}-intent", 1, "unanswered"), sending)
            end = sending if survives else self._moment(Point("run_sse", number, "during"))
            if kept <= self._moment(point) <= end:
                return True, True, number - 1
            if point.when == "answered" and kept - len(MOMENTS) <= self._moment(point) < kept:
                return True, False, number - 1
        return False, False, 0

    def may_leave_a_session(self, point: Point) -> bool:
        """Whether the id of an opened session died with the process: an empty one stays, free of charge.

        The API has no list of sessions, and none can be asked for by a name of ours.
        """
        opened = self._moment(Point("create_session", 1, "unanswered"))
        known = self._moment(Point("S3 PUT open_session 0-intent", 2, "before"), opened + 1)
        return opened <= self._moment(point) <= known

    def _moment(self, point: Point, otherwise: float = 0.0) -> float:
        """When a point comes, in boundaries from the job's beginning."""
        place = self._places.get((point.request, point.number))
        return otherwise if place is None else place * len(MOMENTS) + ORDER[point.when]


def may_leave_a_trial(point: Point) -> bool:
    """Whether the trial that the archive may be written to died before it was taken back: an upload in parts without
    a part, which the bucket's own rule removes.
    """
    begun = point.request == "S3 POST a trial (begin parts)" and point.when != "before"
    return begun or (point.request == "S3 DELETE a trial (parts)" and point.when == "before")


def may_leave_a_part(point: Point) -> bool:
    """Whether the job may have died while it copied the video into a folder: a hidden part of it stays there."""
    return point == Point("claim_token", 1, "answered")


def undisturbed(lane: Lane, clip: Path, servers: Servers, *, bucketed: bool = False) -> Baseline:
    """Runs a job to its end."""
    work = lane.begin(clip, bucketed=bucketed)
    ended = lane.command(work, work.home(1), servers.one)
    assert ended.code == DONE, f"The undisturbed job failed ({ended.code}):\n{ended.out}\n{ended.err}"
    passed = tuple(lane.gate.passed)
    service = evidence.at_the_service(lane.service.url)
    (video,) = archive_of(lane, work).videos
    return Baseline(passed, video, service.timeline)


def archive_of(lane: Lane, work: Work) -> evidence.Archive:
    """What the job left in its archive."""
    if work.bucketed:
        return evidence.in_the_bucket(lane.s3_server.client(), BUCKET, work.prefix)
    return evidence.in_the_folder(Path(work.archive))


def crash(lane: Lane, clip: Path, servers: Servers, baseline: Baseline, point: Point, way: Way) -> Row:
    """Lets a job die at a point, resumes it, and counts."""
    survives = point.when == "during" and point.number > 1
    pace = 0.6 if point.when == "during" else 0
    work = lane.begin(clip, bucketed=way == "elsewhere", edit_seconds=pace, run_survives_disconnect=survives)
    row = Row(point, way)
    windows = Windows(baseline)
    may, must, made = windows.may_end_unknown(point, survives)
    lane.gate.kill_at(point)
    died = lane.command(work, work.home(1), servers.one)
    row.story.append("killed" if died.code == -9 else f"exit {died.code}")
    if lane.gate.killed is None:
        row.problems.append("The point was not reached.")
        return row
    ended = _resumed(lane, work, servers, way)
    row.story.append(f"exit {ended.code}")
    if must or (may and ended.code == UNKNOWN):
        if (ended.code, ended.error) != (UNKNOWN, "edit_unknown"):
            row.problems.append(f"It must end as unknown, and ended with {ended.code} {ended.error}.")
        if evidence.at_the_service(lane.service.url).charged > EDIT_CREDITS * made:
            row.problems.append("Something was sent though the outcome was unknown.")
        ended = lane.command(work, work.home(2 if way == "elsewhere" else 1), _server(servers, way), "--resend")
        row.story.append(f"--resend: exit {ended.code}")
    if ended.code != DONE:
        row.problems.append(f"It did not come to its end: {ended.err.strip()[-600:]}")
    _count(lane, work, baseline, row, 2 if windows.may_leave_a_session(point) else 1)
    return row


def _server(servers: Servers, way: Way) -> str:
    return servers.other if way == "elsewhere" else servers.one


def _resumed(lane: Lane, work: Work, servers: Servers, way: Way) -> Ended:
    if way != "retry":
        return lane.command(work, work.home(2 if way == "elsewhere" else 1), _server(servers, way))
    # What `prefect flow-run retry` asks of the server, and the program that a worker then starts.
    with httpx.Client(base_url=servers.one, timeout=60) as http:
        found = http.post("/flow_runs/filter", json={"sort": "START_TIME_DESC", "limit": 20, "flow_runs": {}}).json()
        mine = next(run for run in found if str(work.clip) in json.dumps(run["parameters"]))
        run_id = str(uuid.UUID(mine["id"]))
        for state in ({"type": "CRASHED"}, {"type": "SCHEDULED", "name": "AwaitingRetry"}):
            http.post(f"/flow_runs/{run_id}/set_state", json={"state": state, "force": True}).raise_for_status()
        ended = lane.process(RETRY_ENGINE, work, work.home(1), servers.one, PREFECT__FLOW_RUN_ID=run_id)
        state = http.get(f"/flow_runs/{run_id}").json()["state"]
    if state["type"] == "COMPLETED":
        return Ended(DONE, ended.out, ended.err)
    is_unknown = "EditUnknown" in ended.err or "It is not known whether" in ended.err + str(state["message"])
    code, word = (UNKNOWN, "edit_unknown") if is_unknown else (1, state["type"])
    return Ended(code, json.dumps({"error": {"code": word}}), ended.err)


def _count(lane: Lane, work: Work, baseline: Baseline, row: Row, sessions: int) -> None:
    """Compares what is there with what must be there."""
    service = evidence.at_the_service(lane.service.url)
    archive = archive_of(lane, work)
    row.more_sessions, row.trials = service.sessions - 1, archive.open_uploads
    row.part_files = sum(name.endswith(".part") for name in archive.others)
    part_files = 1 if may_leave_a_part(row.point) else 0
    trials = 1 if may_leave_a_trial(row.point) else 0
    facts = {
        "each edit applied once": service.applied == Counter(INSTRUCTIONS),
        "charged what was applied": service.charged == EDIT_CREDITS * len(INSTRUCTIONS),
        "nothing held": service.held == 0,
        "one upload": service.files == 1 == service.used_sessions,
        f"at most {sessions} sessions": service.sessions <= sessions,
        "one finished render": service.renders == ("completed",),
        "the timeline of the undisturbed job": service.timeline == baseline.timeline,
        "the video of the undisturbed job, once": archive.videos == (baseline.video,),
        "one record": archive.records == 1,
        "no stray object": row.part_files == len(archive.others) <= part_files,
        f"at most {trials} uploads left open": archive.open_uploads <= trials,
    }
    row.problems += [f"Not so: {fact}." for fact, holds in facts.items() if not holds]
    if row.problems:
        row.problems.append(f"{service} {archive}")


__all__ = ["SIZE", "Baseline", "Row", "Servers", "crash", "points", "undisturbed"]
