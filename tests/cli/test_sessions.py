"""`sessions` and `status`: what is saved, and what is not."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import command
import pytest
from nemo_server import NemoServer

from prefect_nemovideo.blocks import NemoVideoSession

Nemo = Callable[..., NemoServer]
Cli = Callable[..., command.Ended]


@pytest.fixture
def name() -> str:
    """Of a session that no other test saves: all share one Prefect server."""
    return f"cli-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def saved(nemo: Nemo, cli: Cli, small_clip: Path, tmp_path: Path, name: str) -> NemoServer:
    """A service that has the session of that name."""
    service = nemo(instant_renders=True)
    words = ("-i", "sharpen the details", "--resolution", "320x180", "--archive", str(tmp_path / "out"))
    made = cli("edit", str(small_clip), *words, "--session", name)
    assert made.code == 0, made.err
    return service


@pytest.mark.usefixtures("saved")
def test_a_saved_session_is_listed_with_what_people_know_of_it(cli: Cli, name: str) -> None:
    """Nothing of how Prefect keeps it; to people, the time is a time of day, to programs ISO 8601."""
    (document,) = (found for found in cli("sessions", "--json").document["sessions"] if found["name"] == name)
    assert set(document) == {"name", *NemoVideoSession.model_fields}
    (line,) = (line for line in cli("sessions").out.splitlines() if line.startswith(f"{name}: small.mp4; edits: 1; "))
    (moment,) = re.findall(r"; last used (\d{4}-\d\d-\d\d \d\d:\d\d) UTC; file://", line)
    assert document["used_at"].replace("T", " ").startswith(moment)


@pytest.mark.parametrize("unknown", ["nosuch", "12345"])
def test_what_is_neither_a_saved_session_nor_an_id_is_no_session_that_is_lost(
    nemo: Nemo, cli: Cli, unknown: str
) -> None:
    nemo()
    ended = cli("status", unknown)
    assert ended.code == 2, ended.err
    assert f"There is no saved session “{unknown}”, and the service knows none of that id." in ended.err
    assert "Next: See the saved ones with: prefect-nemovideo sessions" in ended.err
    assert "--restart" not in ended.err


def test_a_saved_session_that_the_service_has_no_more_is_lost(saved: NemoServer, cli: Cli, name: str) -> None:
    saved.reset()
    ended = cli("status", name)
    assert ended.code == 1, ended.err
    assert "The session does not exist any more" in ended.err
