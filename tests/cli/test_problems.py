"""Every kind of error has a word, a sentence and an exit code."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from prefect_nemovideo import problems, storage
from prefect_nemovideo.api import errors as api
from prefect_nemovideo.media.errors import Corrupt, MediaError

EXIT_CODES = {
    api.BadInput: 2,
    api.Unreachable: 1,
    api.ServiceTrouble: 1,
    api.RateLimited: 1,
    api.UnexpectedReply: 1,
    api.TokenRefused: 4,
    api.PlanRefused: 4,
    api.OutOfCredits: 5,
    api.SessionGone: 1,
    api.FileRefused: 2,
    api.NotFound: 1,
    api.RequestRefused: 1,
    api.EditNotApplied: 1,
    api.EditUnknown: 7,
    api.RenderFailed: 1,
    api.DeadlinePassed: 6,
    api.DownloadFailed: 1,
    api.NotAsRequested: 1,
    api.BudgetReached: 5,
    storage.BadPlace: 2,
    storage.NoSuchBucket: 2,
    storage.NoCredentials: 2,
    storage.AccessDenied: 2,
    storage.NotThere: 2,
    storage.Unreachable: 1,
    storage.Conflict: 1,
    storage.ChecksumMismatch: 1,
    storage.DiskFull: 1,
    Corrupt: 1,
    MediaError: 2,
    httpx.ConnectError: 1,
}


@pytest.mark.parametrize(("kind", "code"), EXIT_CODES.items())
def test_an_error_has_its_exit_code_and_is_no_defect(kind: type[Exception], code: int) -> None:
    error = kind("It happened.")
    failure = problems.describe(error)
    assert (problems.exit_code(error), problems.is_known(error)) == (code, True)
    assert "It happened." in failure.message or failure.code == "prefect_unreachable"
    assert failure.code not in ("error", "defect")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_an_interruption_is_130_and_says_how_to_go_on(error: BaseException) -> None:
    assert problems.exit_code(error) == 130
    assert "same command again" in problems.describe(error).next_step


def test_what_nobody_foresaw_is_called_a_defect_and_asked_to_be_reported() -> None:
    error = ZeroDivisionError("division by zero")
    failure = problems.describe(error)
    assert (failure.code, problems.exit_code(error), problems.is_known(error)) == ("defect", 1, False)
    assert "report" in failure.next_step


def test_nothing_of_an_error_is_obeyed_by_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither of what happened nor of what to do: both may quote a file's name."""
    problems.tell_failure(api.BadInput("\x1b[2Jgone", next_step="Rename \x1b[2J."))
    assert "\x1b" not in capsys.readouterr().err
