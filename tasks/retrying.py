"""The one retry condition: a step is tried again when trying again can help and cannot cost."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff

from prefect_nemovideo.api.errors import NemoVideoError
from prefect_nemovideo.storage.errors import StorageError

#: Tries after the first. The client has repeated safe calls four times by then: this is for outages of a minute.
RETRIES = 3
#: Seconds before each try: 5, 10, 20.
RETRY_DELAYS = exponential_backoff(backoff_factor=5)
JITTER = 0.2


def worth_retrying(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether the error is one that passes; every other is final at once."""
    del task, task_run
    return isinstance(state.data, NemoVideoError | StorageError) and state.data.retryable
