"""What all steps share: the one retry condition, and what is kept of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from prefect_nemovideo.api.errors import NemoVideoError, RateLimited
from prefect_nemovideo.progress import tell
from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.tasks.jobs import step_key

#: Tries after the first. The client has repeated safe calls four times by then: this is for a restart of a server.
RETRIES = 2
#: Seconds before each of them. A person waits for these too, when the address is wrong.
RETRY_DELAYS = [2.0, 6.0]
JITTER = 0.2

P = ParamSpec("P")
R = TypeVar("R")


def worth_retrying(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether the error is one that passes; every other is final at once."""
    del task
    passes = isinstance(state.data, NemoVideoError | StorageError) and state.data.retryable
    # "Too many requests" was waited out by the client, once, as documented: more requests would be more of them.
    passes = passes and not isinstance(state.data, RateLimited)
    if passes and task_run.run_count <= RETRIES:
        tell(f"{state.data} Trying again.", level=logging.WARNING)
    return passes


def kept_step(run_name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task that must not happen twice: its result is kept under the job's key, and found by any later run.

    Args:
        run_name: What its runs are called; its parameters may stand in it.
    """
    return task(
        cache_key_fn=step_key,
        persist_result=True,
        result_serializer="json",
        retries=RETRIES,
        retry_delay_seconds=RETRY_DELAYS,
        retry_jitter_factor=JITTER,
        retry_condition_fn=worth_retrying,
        task_run_name=run_name,
    )


def repeatable_step(run_name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task that may happen again at any time, and does: nothing of it is kept.

    Args:
        run_name: What its runs are called; its parameters may stand in it.
    """
    return task(
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES,
        retry_delay_seconds=RETRY_DELAYS,
        retry_jitter_factor=JITTER,
        retry_condition_fn=worth_retrying,
        task_run_name=run_name,
    )
