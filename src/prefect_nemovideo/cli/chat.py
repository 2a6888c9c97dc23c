"""`chat`: a conversation about one video; works typed and piped."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

from rich.console import Console

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.session import checked_name, find_session
from prefect_nemovideo.cli.lines import Piped, typed_lines
from prefect_nemovideo.cli.next_steps import next_step_in_chat
from prefect_nemovideo.cli.server import server_at_hand
from prefect_nemovideo.cli.talk import Talk
from prefect_nemovideo.cli.terminal import Bar
from prefect_nemovideo.flows import answer_request
from prefect_nemovideo.problems import DONE, FAILED, INTERRUPTED, exit_code, is_interruption, is_known, tell_failure
from prefect_nemovideo.progress import watch
from prefect_nemovideo.results import Answer
from prefect_nemovideo.words import printable

HELP = """\
Name a file to upload it, then say what to do with it, as in: upscale this to 4K and sharpen the details.
  status    the timeline            credits   what the account has
  export    render and deliver      quit      leave; the session is kept
"""
LEAVING = ("quit", "exit", "bye")


async def run(chosen: argparse.Namespace) -> int:
    """Answers one line after another. In a pipe, the first that fails is the last, and its code is the exit code."""
    if sys.stdin is None:
        raise BadInput("There is nobody to talk to: the input is closed.", next_step="Use a terminal, or a pipe.")
    name = checked_name(chosen.session) if chosen.session else f"chat-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    piped = None if sys.stdin.isatty() else Piped()
    console = Console(stderr=True)
    bar = Bar(console) if console.is_terminal else None
    if not piped:
        print(f"{HELP}\nThis session is kept as “{name}”.", file=sys.stderr)
    code, talked = DONE, False
    async for line in piped or typed_lines():
        if line in LEAVING:
            break
        if line == "help":
            print(HELP)
            continue
        talk = Talk(bar)
        watch(talk)
        try:
            await server_at_hand()
            answer = await answer_request(
                name,
                line,
                chosen.archive,
                credentials=chosen.credentials,
                profile=chosen.profile,
                resend=chosen.resend,
            )
        except BaseException as error:
            if not (is_known(error) or is_interruption(error)):
                raise
            talk.finish()
            tell_failure(error, next_step_in_chat(error, name), talk.left_of_error)
            if (code := exit_code(error)) == INTERRUPTED:
                return code
        else:
            talk.finish()
            talked = True
            if left := talk.left_of(answer):
                print(printable(left), flush=True)
            if piped and _asks(answer):
                print("Next: Answer it in this session.", file=sys.stderr)
                code = FAILED
        if piped and code:
            _tell_left(piped.rest())
            break
    if talked or (code and await _is_kept(name)):
        print(f"Kept as “{name}”. Go on in it with: prefect-nemovideo chat {name}", file=sys.stderr)
    return code if piped else DONE


def _asks(answer: Answer) -> bool:
    """Whether the editor asks something. On a terminal, the next line is the reply; a pipe's next line was written
    before anybody knew the question."""
    return bool(answer.edits) and answer.edits[-1].outcome == "question"


def _tell_left(lines: Iterable[str]) -> None:
    left = len(list(takewhile(lambda line: line not in LEAVING, lines)))
    if left == 1:
        print("Stopped here: 1 line after it was not carried out, because it counts on it.", file=sys.stderr)
    elif left:
        print(f"Stopped here: {left:,} lines after it were not carried out, because they count on it.", file=sys.stderr)


async def _is_kept(name: str) -> bool:
    """Whether there is a session to go on in."""
    try:
        return await find_session(name) is not None
    except Exception as error:
        if not is_known(error):
            raise
        return False
