"""What to do about an error is said in words of where one is: in a conversation there is no command to type again."""

from __future__ import annotations

import httpx
import pytest

from prefect_nemovideo.api import errors as api
from prefect_nemovideo.api.envelope import EXPORT, refusal
from prefect_nemovideo.cli.next_steps import next_step_in_chat

AGAIN = "Run the same command again."


@pytest.mark.parametrize(
    ("error", "next_step"),
    [
        (refusal(EXPORT, 402, 402, ""), "Upgrade your plan, then say it again."),
        (refusal(EXPORT, 200, 2001, ""), "Top up credits in your account, then say it again."),
        (refusal(EXPORT, 429, 429, ""), "Wait a while, then say it again."),
        (refusal(EXPORT, 503, None, ""), "Wait a while, then say it again."),
        (api.RenderFailed("", next_step=AGAIN), "Say: export."),
        (api.DeadlinePassed("", next_step=AGAIN), "Say it again: it waits for the same render"),
        (api.DownloadFailed("", next_step=AGAIN), "See that there is room on the disk, then say it again"),
        (api.RequestRefused("", next_step=AGAIN), "Say it again."),
        (httpx.ConnectError(""), "Check PREFECT_API_URL and that server, then say: status."),
        (KeyboardInterrupt(), "Go on with: prefect-nemovideo chat holiday"),
    ],
)
def test_a_step_of_the_command_line_is_one_of_the_conversation(error: BaseException, next_step: str) -> None:
    said = next_step_in_chat(error, "holiday")
    assert said.startswith(next_step)
    assert "same command" not in said


@pytest.mark.parametrize("spent", [50.0, None])
def test_what_was_edited_is_not_to_be_said_again(spent: float | None) -> None:
    """Said again it would be edited, and charged, again; also where it is not known what it cost."""
    error = refusal(EXPORT, 402, 402, "")
    error.facts["credits_spent"] = spent
    said = next_step_in_chat(error, "holiday")
    assert said == "Upgrade your plan, then say: status, or export. What was edited is kept."


def test_a_step_that_is_good_anywhere_stays_as_it_is() -> None:
    step = "Register to get more and keep this project: https://nemovideo.com/register?bind=7"
    assert next_step_in_chat(api.OutOfCredits("", next_step=step), "holiday") == step
