"""A service that answers some reads from a copy that lags: what was seen once is not taken for undone, nor for new."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api.timeline import Timeline

SEEDS = pytest.mark.parametrize("seed", range(8))


@pytest.fixture
def lagging(emulate: Callable[..., Any], connect: Callable[..., Any], sample_clip: Path) -> Callable[..., Any]:
    """An emulator of which every second read lags by 6 s, a client whose waits pass there, a session with footage."""

    async def start(seed: int) -> Any:
        backend = emulate(state_lag_seconds=6, state_lag_share=0.5, seed=seed)

        async def passing(seconds: float) -> None:
            await asyncio.to_thread(backend.http.post, "/clock", json={"advance_seconds": seconds})

        wait: Callable[[float], Awaitable[None]] = passing
        nemo = connect(backend.url, timing={"sleep": wait})
        session_id = (await nemo.sessions.create()).session_id
        size = sample_clip.stat().st_size
        had = await nemo.uploads.had(session_id, "sample.mp4", size)
        file = await nemo.uploads.send(session_id, sample_clip, had=had)
        await nemo.uploads.arrived(session_id, file, "sample.mp4", size, had=had)
        return backend, nemo, session_id

    return start


@SEEDS
async def test_each_edit_is_seen_and_what_is_exported_has_them_all(lagging: Callable[..., Any], seed: int) -> None:
    backend, nemo, session_id = await lagging(seed)
    trimmed = await nemo.edits.apply(session_id, "trim the first 1 second")
    titled = await nemo.edits.apply(session_id, 'add a title "Hi"')
    state = await nemo.sessions.settled(session_id)

    assert (trimmed.outcome, trimmed.changes) == ("applied", ["Trimmed to 2 s"])
    assert (titled.outcome, titled.changes) == ("applied", ['Title added: "Hi", 0–2 s'])
    assert Timeline.from_state(state.state).summary().endswith('1. Video: sample (0-2s) 2. Title: "Hi" (0-2s)')
    assert backend.charges() == 2


@SEEDS
@pytest.mark.parametrize("edits_before", [0, 1])
async def test_a_lost_edit_is_not_seen_in_what_was_there_before_it(
    lagging: Callable[..., Any], seed: int, edits_before: int
) -> None:
    backend, nemo, session_id = await lagging(seed)
    for _ in range(edits_before):
        assert (await nemo.edits.apply(session_id, "trim the first 1 second")).outcome == "applied"
    backend.fault("run_sse", "reset_before")
    result = await nemo.edits.apply(session_id, 'add a title "Hi"')

    assert (result.outcome, result.changes) == ("unknown", [])
    assert backend.charges() == edits_before


async def test_an_edit_that_takes_another_back_is_seen(editing: Callable[..., Any], waits: Any) -> None:
    """The timeline is what it was two edits ago: looked at again for ten seconds, then believed."""
    _, nemo, session_id = await editing()
    await nemo.edits.apply(session_id, 'add a title "Hi"')
    waits.seconds.clear()
    result = await nemo.edits.apply(session_id, "remove the title")

    assert (result.outcome, result.changes) == ("applied", ['Title removed: "Hi"'])
    assert waits.seconds == [0, 1, 3, 6]
    await nemo.edits.apply(session_id, "trim the first 1 second")
    assert waits.seconds == [0, 1, 3, 6, 0]
