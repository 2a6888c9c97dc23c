"""What to do about an error in a conversation: there is no command to run again in it, and no option to add."""

from __future__ import annotations

from prefect_nemovideo.problems import describe

#: What next steps of the command line say. Any other next step is good in a conversation too.
OF_COMMANDS = ("same command", "run it again")
#: By the error's code, where something comes before saying it again, or other words have to be said.
STEPS = {
    "bad_input": "Wait until that is over, then {again}",
    "deadline_passed": "Say it again: it waits for the same render; NEMO_RENDER_TIMEOUT_SECONDS allows more time.",
    "download_failed": "See that there is room on the disk, then say it again: the same render is fetched once more.",
    "interrupted": "Go on with: prefect-nemovideo chat {name}",
    "out_of_credits": "Top up credits in your account, then {again}",
    "plan_refused": "Upgrade your plan, then {again}",
    "prefect_unreachable": "Check PREFECT_API_URL and that server, then say: status. What was done is kept.",
    "rate_limited": "Wait a while, then {again}",
    "render_failed": "Say: export. It is rendered once more, for free; what was edited is kept.",
    "service_trouble": "Wait a while, then {again}",
    "token_refused": "Set NEMO_TOKEN to a valid token, and go on with: prefect-nemovideo chat {name}",
    "unreachable": "Check the network and NEMO_API_URL, then {again}",
}


def next_step_in_chat(error: BaseException, name: str) -> str:
    """The error's next step, in words that a conversation understands.

    Args:
        name: The conversation's session.
    """
    failure = describe(error)
    if not any(words in failure.next_step for words in OF_COMMANDS):
        return failure.next_step
    # What was spent before it was spent on an edit that is made: said once more, it is made and paid once more.
    is_edited = getattr(error, "facts", {}).get("credits_spent", 0) != 0
    again = "say: status, or export. What was edited is kept." if is_edited else "say it again."
    step = STEPS.get(failure.code, "{again}").format(again=again, name=name)
    return step[:1].upper() + step[1:]
