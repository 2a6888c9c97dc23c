"""A job that dies at any request of it is resumed without paying, sending or delivering anything twice."""

from __future__ import annotations

import random

import crashes
import pytest
from crashes import WAYS, Row
from crossing import Point
from machines import Machines

SEED = 4
#: Those that the promises turn on are always taken; chance adds these.
DRAWN = 5
ALWAYS = [
    (Point("create_session", 1, "unanswered"), "again"),
    (Point("upload", 1, "unanswered"), "retry"),
    (Point("run_sse", 1, "before"), "elsewhere"),
    (Point("run_sse", 2, "unanswered"), "elsewhere"),
    (Point("run_sse", 1, "during"), "again"),
    (Point("run_sse", 2, "during"), "retry"),
    (Point("render_submit", 1, "unanswered"), "retry"),
    (Point("S3 PUT the video", 1, "unanswered"), "elsewhere"),
]


@pytest.mark.timeout(600)
def test_a_sample_of_the_crash_matrix_holds(machines: Machines) -> None:
    """Each point: every edit applied once and charged once, one upload, one render, one and the same video, nothing
    left over; all counted at the emulator and in the archive. `make reliability` takes every point.
    """
    lane = machines.lanes[0]
    local = crashes.undisturbed(lane, machines.clip, machines.servers)
    shared = crashes.undisturbed(lane, machines.clip, machines.servers, bucketed=True)
    assert (local.video, local.timeline) == (shared.video, shared.timeline)
    of = {"again": local, "retry": local, "elsewhere": shared}
    every = [(point, way) for way in WAYS for point in crashes.points(of[way].requests, way)]
    chosen = [*ALWAYS, *random.Random(SEED).sample([pair for pair in every if pair not in ALWAYS], DRAWN)]
    assert all(pair in every for pair in ALWAYS)

    def one(lane: crashes.Lane, pair: tuple[Point, crashes.Way]) -> Row:
        point, way = pair
        return crashes.crash(lane, machines.clip, machines.servers, of[way], point, way)

    rows = machines.spread(one, chosen)
    assert [f"{row.point}, {row.way}: {row.story} {row.problems}" for row in rows if row.problems] == []
    assert machines.secrets().found == []
