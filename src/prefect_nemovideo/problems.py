"""Every error that users meet → its word, its sentence, its next step, and the exit code it stands for."""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
from collections.abc import Callable

import httpx

from prefect_nemovideo.api import errors as api
from prefect_nemovideo.api.reasons import why_broken, with_full_stop
from prefect_nemovideo.results import Failure
from prefect_nemovideo.words import printable

DONE, FAILED, BAD_INPUT, PARTLY, ACCESS, CREDITS, DEADLINE, UNKNOWN, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130

#: The first kind that an error is of decides.
_API_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (api.BadInput, BAD_INPUT),
    (api.FileRefused, BAD_INPUT),
    (api.AccessRefused, ACCESS),
    (api.OutOfCredits, CREDITS),
    (api.BudgetReached, CREDITS),
    (api.DeadlinePassed, DEADLINE),
    (api.EditUnknown, UNKNOWN),
    (api.NemoVideoError, FAILED),
)

#: What the jobs of this program that were stopped say of their cost.
_stops: list[str] = []

PREFECT_AWAY = ("prefect_unreachable", FAILED)
#: Told by name: a person who asks for help should not wait for Prefect.
PREFECTS_ENDS = ("TerminationSignal", "Abort")


def is_known(error: BaseException) -> bool:
    """Whether an error is one that users are told in a sentence; any other is a defect and keeps its traceback."""
    return _kind(error) is not None


def describe(error: BaseException) -> Failure:
    """The error's word, sentence and next step."""
    kind = _kind(error)
    if isinstance(error, api.NemoVideoError):
        return Failure(
            code=error.code,
            message=_with_cost(error.message),
            next_step=error.next_step,
            question=error.facts.get("question"),
        )
    if kind == PREFECT_AWAY:
        costs = getattr(error, "costs", "")
        return Failure(
            code=kind[0],
            message=f"The Prefect server does not answer: {_why_away(error)}.{f' {costs}' if costs else ''}",
            next_step="Check PREFECT_API_URL and that server; without PREFECT_API_URL a temporary one is started. "
            "Then run the same command again: finished steps are kept.",
        )
    if kind is not None:
        # Bad input says by itself what to write instead.
        again = "" if kind[1] == BAD_INPUT else "Then run the same command again: what was made is kept."
        return Failure(code=kind[0], message=_with_cost(str(error)), next_step=again)
    if is_interruption(error):
        message = f"Interrupted. {vars(error).get('costs', '')}".rstrip()
        return Failure(code="interrupted", message=message, next_step="Run the same command again to go on.")
    return Failure(
        code="defect",
        message=f"An error that should not happen: {type(error).__name__}: {error}",
        next_step="Please report it, with the lines above.",
    )


def says_cost(message: str) -> bool:
    """Whether an error's sentences tell what was charged, or that nothing can have been."""
    return re.search(r"\b(charged|spent|[Nn]othing was (sent|started)|[Tt]he balance has)\b", message) is not None


def _with_cost(message: str) -> str:
    # What comes from a job at work says it already: this was found out before.
    return message if says_cost(message) else f"{with_full_stop(message)} Nothing was charged."


def is_deferred(error: BaseException) -> bool:
    """Whether a video was not made for want of credits, or because nothing more was to be started."""
    return isinstance(error, api.BudgetReached | api.OutOfCredits) or (
        isinstance(error, api.NemoVideoError) and bool(error.facts.get("deferred"))
    )


def is_interruption(error: BaseException) -> bool:
    """Whether somebody stopped this program: Ctrl-C, a signal to end, a cancelled run."""
    return isinstance(error, asyncio.CancelledError | KeyboardInterrupt) or type(error).__name__ in PREFECTS_ENDS


def note_stop(error: BaseException, costs: str) -> None:
    """Keeps what a job that somebody stopped says of its cost, for `describe` and `describe_end`."""
    vars(error)["costs"] = costs
    _stops.append(costs)


def describe_end(error: BaseException) -> Failure:
    """`describe` for the error that ends this program: of an interruption too it tells what it cost.

    Prefect and asyncio end a program by an interruption of their own making. Of many jobs that were stopped side by
    side, none speaks for all.
    """
    failure = describe(error)
    if is_interruption(error) and "costs" not in vars(error) and len(_stops) == 1:
        return failure.model_copy(update={"message": f"Interrupted. {_stops[0]}"})
    return failure


def exit_code(error: BaseException) -> int:
    """The exit code that an error stands for."""
    if is_interruption(error):
        return INTERRUPTED
    kind = _kind(error)
    if kind is None or (kind[1] == BAD_INPUT and "spent" in getattr(error, "costs", "")):
        # Input that is found out to be bad when something was paid already is a job that failed.
        return FAILED
    return kind[1]


def _kind(error: BaseException) -> tuple[str, int] | None:
    for api_kind, code in _API_CODES:
        if isinstance(error, api_kind):
            return "error", code
    if _is_prefect_away(error):
        return PREFECT_AWAY
    # Imported here: a person who asks for help should not wait for boto3's or FFmpeg's libraries.
    from prefect_nemovideo import storage
    from prefect_nemovideo.media.errors import Corrupt, MediaError

    table: tuple[tuple[type[BaseException], str, int], ...] = (
        (storage.BadPlace, "bad_place", BAD_INPUT),
        (storage.NoSuchBucket, "no_such_bucket", BAD_INPUT),
        (storage.AccessDenied, "storage_access_denied", BAD_INPUT),
        (storage.NoCredentials, "no_storage_credentials", BAD_INPUT),
        (storage.NotThere, "source_not_there", BAD_INPUT),
        (storage.Conflict, "archive_conflict", FAILED),
        (storage.ChecksumMismatch, "checksum_mismatch", FAILED),
        (storage.DiskFull, "disk_full", FAILED),
        (storage.StorageError, "storage_failed", FAILED),
        (Corrupt, "corrupt_video", FAILED),
        (MediaError, "not_a_video", BAD_INPUT),
    )
    return next(((word, code) for kind, word, code in table if isinstance(error, kind)), None)


def _why_away(error: BaseException) -> str:
    reason = error if isinstance(error, httpx.HTTPError) else error.__cause__ or error.__context__
    return why_broken(reason) if isinstance(reason, httpx.HTTPError) else "the connection broke off"


def _is_prefect_away(error: BaseException) -> bool:
    """Whether Prefect's own client has given up; whatever httpx raises elsewhere was turned into an error of ours."""
    return isinstance(error, httpx.HTTPError) or (
        isinstance(error, RuntimeError) and isinstance(error.__cause__ or error.__context__, httpx.HTTPError)
    )


def tell_failure(
    error: BaseException, next_step: str | None = None, untold: Callable[[str], str] = lambda message: message
) -> None:
    """Says on stderr what happened and what to do next; only a defect of this program shows its traceback.

    Args:
        next_step: What to do, where that is not what the error says.
        untold: What the person does not know yet of what the error says.
    """
    failure = describe_end(error)
    if not (is_known(error) or is_interruption(error)):
        traceback.print_exception(error, file=sys.stderr)
    print(printable(f"Error: {untold(failure.message)}"), file=sys.stderr)
    if step := failure.next_step if next_step is None else next_step:
        print(printable(f"Next: {step}"), file=sys.stderr)
