"""A service whose replies lag behind what it did, as one does that reads from a copy of its database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

LAG = 100.0


def test_the_state_shows_an_upload_and_an_edit_late(emulate: Callable[..., Any], clip: Path) -> None:
    """Each by itself, in their order; meanwhile everything else goes on by what is really there."""
    caller = emulate(state_lag_seconds=LAG).begin()

    def later(seconds: float) -> tuple[int, int]:
        """The number of files and the length, in milliseconds, that are shown so much later."""
        caller.http.post("/_emulator/clock", json={"advance_seconds": seconds})
        state = caller.state()["state"]
        return len(state["video_infos"]), state["draft"]["d"]

    caller.upload(clip)
    assert later(60) == (0, 0)
    caller.say("trim the first 1 second")
    assert later(LAG - 50) == (1, 2000)
    assert later(60) == (1, 1000)


def test_the_balance_shows_a_charge_late(emulate: Callable[..., Any], clip: Path) -> None:
    caller = emulate(balance_lag_seconds=LAG, token_credits=100).begin()
    caller.upload(clip)
    caller.say("trim the first 1 second")
    at_once = caller.credits()
    caller.http.post("/_emulator/clock", json={"advance_seconds": LAG})

    assert at_once == {"available": 100, "frozen": 0, "total": 100}
    assert caller.credits() == {"available": 50, "frozen": 0, "total": 50}
