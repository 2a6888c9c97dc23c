"""The export: submitted once under an id chosen before, and waited for."""

from __future__ import annotations

import asyncio
import hashlib
import uuid

from prefect_nemovideo.api import OutputSpec, RenderState
from prefect_nemovideo.api.errors import DeadlinePassed, JobFailed, NemoVideoError
from prefect_nemovideo.api.timeline import Timeline
from prefect_nemovideo.progress import Meter, tell
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import Job, client_of
from prefect_nemovideo.tasks.retrying import kept_step, repeatable_step

RENDER_ID_CHARACTERS = 24
#: Prefect kills a cancelled run after 30 s: the remote cancellation must be through before.
CANCEL_SECONDS = 20.0


def render_id(job: Job, session_id: str, attempt: int) -> str:
    """The id of a render, known before it is sent: derived from the job, so that any run finds the same."""
    if job.key is None:
        return f"render_{uuid.uuid4().hex[:RENDER_ID_CHARACTERS]}"
    digest = hashlib.sha256(f"{job.key} {session_id} {attempt}".encode()).hexdigest()
    return f"render_{digest[:RENDER_ID_CHARACTERS]}"


@kept_step("submit render {number}")
async def submit_render(job: Job, session_id: str, output: OutputSpec, number: int = 0) -> RenderState:
    """Starts the export of the session's timeline, or finds the one this job has started.

    Args:
        number: 0 for the first try; 1 for the one retry, under an id of its own, after a failed render.

    Raises:
        PlanRefused: The plan may not export.
        JobFailed: There is nothing on the timeline.
    """
    chosen = render_id(job, session_id, number)
    intent = Intent(job, submit_render.name, number, session_id)
    left_behind = await intent.declare({"render_id": chosen})
    if left_behind is not None and left_behind.result is not None:
        return RenderState.model_validate(left_behind.result)
    async with client_of(job) as nemo:
        # A run that did not live to see the reply may have started it.
        started = await nemo.renders.find(chosen) if left_behind is not None else None
        if started is None:
            state = await nemo.sessions.settled(session_id)
            if not Timeline.from_state(state.state).exportable:
                raise JobFailed(
                    "There is nothing on the timeline to export.",
                    next_step="Look at it with: prefect-nemovideo status. An instruction may have removed everything.",
                    session_id=session_id,
                )
            started = await nemo.renders.submit(chosen, session_id, state.draft, output)
    # It is kept, and its link may be signed: who waits for the render is given it anew.
    started = started.model_copy(update={"url": None})
    await intent.end(started)
    tell(f"Rendering ({started.render_id}).")
    return started


async def outdate_renders(job: Job, session_id: str) -> None:
    """Keeps that what was rendered so far lacks something that is on the timeline by now: it is not delivered.

    Raises:
        StorageError: That can't be kept.
    """
    number = 0
    while (left := await (intent := Intent(job, submit_render.name, number, session_id)).left_behind()) is not None:
        await intent.note({**left.facts, "outdated": True})
        number += 1


@repeatable_step("wait for {render}")
async def wait_for_render(job: Job, render: str, output_seconds: float | None = None) -> RenderState:
    """Waits until a render has ended, well or not. Waiting again costs nothing.

    Whoever stops waiting leaves the render at work; `cancel_render` stops it. The flows do so when a person cancels.

    Args:
        render: Its id.
        output_seconds: The length of what is rendered, where it was started just now: nobody looks before a render of
            that length may have ended.

    Raises:
        DeadlinePassed: The time allowed is over; the render goes on and the same command finds it.
    """
    meter = Meter("Rendering")
    last: RenderState | None = None
    async with client_of(job) as nemo:
        async for state in nemo.renders.follow(render, output_seconds=output_seconds):
            if last is None or state.status != last.status:
                tell(f"The render is {state.status}.")
            meter(state.progress or 0.0, 100.0)
            last = state
    if last is None or not last.is_terminal:
        raise DeadlinePassed(
            f"The render {render} did not finish in the time allowed. It goes on at the service, nothing is lost.",
            next_step="Run the same command again to go on waiting; NEMO_RENDER_TIMEOUT_SECONDS allows more time.",
            render_id=render,
        )
    return last


async def cancel_render(job: Job, render: str) -> bool:
    """Tells the service to stop a render, and returns whether it was; safe from being cancelled itself."""

    async def cancel() -> bool:
        async with client_of(job) as nemo, asyncio.timeout(CANCEL_SECONDS):
            is_cancelled = await nemo.renders.cancel(render)
        if is_cancelled:
            tell(f"The render {render} was cancelled at the service too. Renders are free of credits.")
        return is_cancelled

    try:
        return await asyncio.shield(asyncio.ensure_future(cancel()))
    except (NemoVideoError, TimeoutError) as error:
        tell(f"The render {render} could not be cancelled at the service: {error}. It ends by itself, free of credits.")
        return False
