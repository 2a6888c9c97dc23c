"""Two runs of one job at the same time: one works, the other waits for it and takes what it delivered."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import command
import pytest
from nemo_server import NemoServer
from prefect_server import PrefectServer

Nemo = Callable[..., NemoServer]
ONCE = {"create_session": 1, "upload": 1, "run_sse": 1, "render_submit": 1}


@pytest.fixture
def words(small_clip: Path, tmp_path: Path) -> list[str]:
    """One and the same command each time."""
    archive = str(tmp_path / "out")
    return [
        "edit",
        str(small_clip),
        "-i",
        "sharpen the details",
        "--resolution",
        "720p",
        "--archive",
        archive,
        "--json",
    ]


def writes(service: NemoServer) -> dict[str, int]:
    return {name: service.writes().count(name) for name in ONCE}


def test_the_second_waits_and_takes_what_the_first_delivered(
    nemo: Nemo, words: list[str], prefect_server: PrefectServer
) -> None:
    """Each step reaches the service once, and both tell of the same video."""
    service = nemo(instant_renders=True, edit_seconds=3)
    both = [command.begin(*words, PREFECT_API_URL=prefect_server.api_url) for _ in range(2)]
    ended = [command.end(process) for process in both]
    assert [one.code for one in ended] == [0, 0], ended
    assert ended[0].document["uri"] == ended[1].document["uri"]
    assert sorted(one.document["resumed"] for one in ended) == [False, True]
    assert sum("Another run is at this very job" in one.err for one in ended) == 1
    assert writes(service) == ONCE
    assert service.charged() == 50


def test_runs_that_share_only_their_results_take_turns_too(nemo: Nemo, words: list[str], tmp_path: Path) -> None:
    """Each with a Prefect server of its own, as on two machines."""
    service = nemo(instant_renders=True, edit_seconds=3)
    shared = {"PREFECT_LOCAL_STORAGE_PATH": str(tmp_path / "results")}
    both = [command.begin(*words, PREFECT_HOME=str(tmp_path / name), **shared) for name in ("one", "other")]
    ended = [command.end(process) for process in both]
    assert [one.code for one in ended] == [0, 0], ended
    assert ended[0].document["uri"] == ended[1].document["uri"]
    assert writes(service) == ONCE
    assert service.charged() == 50


def test_one_that_waits_goes_on_where_the_other_died(
    nemo: Nemo, words: list[str], prefect_server: PrefectServer
) -> None:
    """The first is killed in the middle of its edit; the second finds that edit, and does the rest."""
    service = nemo(instant_renders=True, edit_seconds=6, run_survives_disconnect=True)
    first = command.begin(*words, PREFECT_API_URL=prefect_server.api_url)
    service.is_asked("run_sse")
    second = command.begin(*words, PREFECT_API_URL=prefect_server.api_url, NEMO_RECOVERY_DELAYS_SECONDS="1,2,4,4")
    assert second.stderr is not None
    for line in second.stderr:
        if "Another run is at this very job" in line:
            break
    first.send_signal(signal.SIGKILL)
    with first:
        first.communicate()
    ended = command.end(second)
    assert ended.code == 0, ended.err
    assert writes(service) == ONCE
    assert service.charged() == 50
