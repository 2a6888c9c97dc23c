"""Which job a step belongs to: its key, its account, and where its finished steps are kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from prefect.context import TaskRunContext
from pydantic import BaseModel, ConfigDict

from prefect_nemovideo.api import NemoVideo, OutputSpec
from prefect_nemovideo.blocks.credentials import load_credentials

#: Part of every key. Raised when what a finished step leaves behind changes its meaning.
KEY_VERSION = 1
KEY_CHARACTERS = 32


class Job(BaseModel):
    """The job that a step belongs to.

    Args:
        credentials: Name of a saved NemoVideoCredentials block, or `default`.
        profile: The skill that calls are attributed to.
        key: The job's key. Steps of the same key are found again, in this run or another, on this machine or any
            that shares the result storage; without one nothing is kept.

    Example:
        ```python
        session = await open_session(Job())
        ```
    """

    model_config = ConfigDict(frozen=True)

    credentials: str = "default"
    profile: str = "video-4k"
    key: str | None = None


def job_key(
    *, sources: list[str], instructions: list[str], profile: str, output: OutputSpec, account: str, salt: str = ""
) -> str:
    """The key of a job: the same for the same footage, words, profile, output and account, on every machine.

    Args:
        sources: What the footage is: a digest of each file's content, or its address and tag.
        account: A name for the account; never the token.
        salt: Makes another job of the same wishes (`--force`).
    """
    document = [KEY_VERSION, sources, instructions, profile, output.model_dump(), account, salt]
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:KEY_CHARACTERS]


def step_key(context: TaskRunContext, parameters: dict[str, Any]) -> str | None:
    """Where a finished step is kept: by job and step, not by run, so that another run finds it."""
    job = parameters["job"]
    if not isinstance(job, Job) or job.key is None:
        return None
    return kept_under(job, context.task.name, parameters.get("number", 0), parameters.get("session_id"))


def kept_under(job: Job, step: str, number: int, session_id: str | None) -> str:
    """The name in the result storage. A step belongs to its session: in another one it has not happened."""
    session = "" if session_id is None else f"-{hashlib.sha256(session_id.encode()).hexdigest()[:8]}"
    return f"nemovideo-{job.key}-{step}-{number}{session}"


_open: ContextVar[tuple[Job, NemoVideo] | None] = ContextVar("client", default=None)


@contextlib.asynccontextmanager
async def client_of(job: Job) -> AsyncIterator[NemoVideo]:
    """The job's client: the one its flow holds open, else one for this step alone.

    A client never crosses an event loop: a step that runs in a loop of its own doesn't see the flow's.
    """
    held = _open.get()
    if held and (held[0].credentials, held[0].profile) == (job.credentials, job.profile):
        yield held[1]
        return
    async with await _made(job) as client:
        yield client


@contextlib.asynccontextmanager
async def holding_client(job: Job) -> AsyncIterator[NemoVideo]:
    """Holds one client open for all steps of a job in this context."""
    async with await _made(job) as client:
        token = _open.set((job, client))
        try:
            yield client
        finally:
            _open.reset(token)


async def _made(job: Job) -> NemoVideo:
    return (await load_credentials(job.credentials)).get_client(job.profile)
