"""The one retry condition: a step is tried again when trying again can help and cannot cost."""

from __future__ import annotations

import logging
from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from prefect_nemovideo.api.errors import NemoVideoError
from prefect_nemovideo.progress import tell
from prefect_nemovideo.storage.errors import StorageError

#: Tries after the first. The client has repeated safe calls four times by then: this is for a restart of a server.
RETRIES = 2
#: Seconds before each of them. A person waits for these too, when the address is wrong.
RETRY_DELAYS = [2.0, 6.0]
JITTER = 0.2


def worth_retrying(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether the error is one that passes; every other is final at once."""
    del task
    passes = isinstance(state.data, NemoVideoError | StorageError) and state.data.retryable
    if passes and task_run.run_count <= RETRIES:
        tell(f"{state.data} Trying again.", level=logging.WARNING)
    return passes
