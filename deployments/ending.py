"""How the scripts of this folder end: what somebody can put right is told in a sentence, with an exit code."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from prefect.settings import PREFECT_API_URL

from prefect_nemovideo import problems
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.storage import StorageError
from prefect_nemovideo.storage.s3_failures import FIRST_SERVER_ERROR_STATUS


def ended(work: Callable[[], int]) -> int:
    """Does the work of a script on the Prefect server that is named, and returns the exit code."""
    try:
        if PREFECT_API_URL.value() is None:
            raise BadInput(
                "PREFECT_API_URL names no Prefect server, and a temporary one would end with this script.",
                next_step="Set it to the address of yours, such as http://127.0.0.1:4200/api.",
            )
        return work()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the end of the line; a defect keeps its traceback
        tell(error)
        return problems.exit_code(error)


def tell(error: BaseException, next_step: str | None = None) -> None:
    """Says what happened and what to do; only a defect shows its traceback."""
    if next_step is None and isinstance(error, httpx.HTTPError):
        next_step = "Check PREFECT_API_URL and that server, and start this script again."
    problems.tell_failure(error, next_step)


def is_passing(error: Exception) -> bool:
    """Whether it may be gone by itself in a while: a server is away or in trouble."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= FIRST_SERVER_ERROR_STATUS
    return isinstance(error, httpx.TransportError) or (isinstance(error, StorageError) and error.retryable)
