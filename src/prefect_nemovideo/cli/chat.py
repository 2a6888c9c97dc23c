"""`chat`: a conversation about one video; works typed and piped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

from rich.console import Console

from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.api.frames import split_noise
from prefect_nemovideo.api.replies import translate
from prefect_nemovideo.api.settings import config_folder
from prefect_nemovideo.api.wording import sentences
from prefect_nemovideo.blocks.session import checked_name
from prefect_nemovideo.cli.running import tell_failure
from prefect_nemovideo.cli.terminal import Bar
from prefect_nemovideo.flows import answer_request
from prefect_nemovideo.problems import UNKNOWN, exit_code, is_known
from prefect_nemovideo.progress import watch
from prefect_nemovideo.results import Answer

HELP = """\
Name a file to upload it, then say what to do with it, as in: upscale this to 4K and sharpen the details.
  status    the timeline            credits   what the account has
  export    render and deliver      quit      leave; the session is kept
"""
#: What the Tab key offers.
WORDS = ("status", "credits", "export", "upload ", "help", "quit")
HISTORY_LINES = 1000


#: How lines begin that the answer says itself, at its end.
TOLD_BY_THE_ANSWER = (
    "The editor says:",
    "  ",
    "The timeline is as it was before",
    "The editor changed the timeline and then",
    "Not as requested:",
)


class Talk:
    """What is told goes to stderr; what the editor says goes to stdout, sentence by sentence as it comes.

    Args:
        bar: Shows what is moving, on a terminal.
    """

    def __init__(self, bar: Bar | None = None) -> None:
        self._bar = bar
        self._pending = ""
        self._held = ""
        self._mid_line = False
        self.said = False

    def told(self, text: str) -> None:
        if text.startswith(TOLD_BY_THE_ANSWER):
            return
        if text != STILL_WORKING:
            # What comes after the editor's last words; in the middle of them it only says that it is at work.
            self._say_rest()
        self._end_line()
        print(text, file=sys.stderr, flush=True)

    def moved(self, what: str, done: float, total: float) -> None:
        if self._bar:
            self._bar.moved(what, done, total)

    def heard(self, piece: str) -> None:
        *whole, self._pending = sentences(self._pending + piece) or [""]
        self._say("".join(whole))

    def finish(self) -> None:
        """Says the rest of the reply and ends its line."""
        if self._bar:
            self._bar.end()
        self._say_rest()
        self._end_line()

    def _say_rest(self) -> None:
        self._say(self._pending)
        # What is still held was the end: an apology for nothing.
        self._pending = self._held = ""

    def _end_line(self) -> None:
        if self._mid_line:
            print(flush=True)
        self._mid_line = False

    def _say(self, text: str) -> None:
        # A trailing "temporary issue" is noise; whether more comes after it is seen only then.
        answer, self._held = split_noise(f"{self._held} {text}" if self._held and text else self._held + text)
        # A sentence about a screen that isn't there is not for the person.
        if content := translate(answer).text:
            print(content, end=" ", flush=True)
            self.said = self._mid_line = True


async def run(chosen: argparse.Namespace) -> int:
    """Answers one line after another; returns what went wrong last, if the lines came from a pipe."""
    name = checked_name(chosen.session) if chosen.session else f"chat-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    typed = sys.stdin.isatty()
    console = Console(stderr=True)
    bar = Bar(console) if console.is_terminal else None
    if typed:
        print(f"{HELP}\nThis session is kept as “{name}”.", file=sys.stderr)
    code, talked = 0, False
    async for line in _lines(typed):
        if line in ("quit", "exit", "bye"):
            break
        if line == "help":
            print(HELP)
            continue
        talk = Talk(bar)
        watch(talk)
        try:
            answer = await answer_request(
                name,
                line,
                chosen.archive,
                credentials=chosen.credentials,
                profile=chosen.profile,
                resend=chosen.resend,
            )
        except Exception as error:
            if not is_known(error):
                raise
            talk.finish()
            tell_failure(error)
            code = exit_code(error)
            if code == UNKNOWN and not typed:
                # What follows was said on the belief that this was done.
                break
            continue
        talk.finish()
        talked = True
        _show(answer, streamed=talk.said)
    if talked:
        print(f"Kept as “{name}”. Go on in it with: prefect-nemovideo chat {name}", file=sys.stderr)
    return 0 if typed else code


def _show(answer: Answer, *, streamed: bool) -> None:
    reply = answer.edits[-1].reply if answer.edits else ""
    text = answer.text
    if streamed and reply:
        text = text.replace(reply, "", 1).strip("\n")
    if text:
        print(text, flush=True)


async def _lines(typed: bool) -> AsyncIterator[str]:
    """What is typed or piped, without empty lines."""
    with _line_editing() if typed else contextlib.nullcontext():
        while True:
            try:
                line = await _in_a_thread(lambda: input("> ")) if typed else await asyncio.to_thread(_piped)
            except EOFError:
                return
            except asyncio.CancelledError:
                if not typed or (this := asyncio.current_task()) is None:
                    raise
                # Ctrl-C where nothing is at work is a way to leave like any other.
                this.uncancel()
                print()
                return
            if line.strip():
                yield line.strip()


async def _in_a_thread(read: Callable[[], str]) -> str:
    """What a person types. Whoever leaves does not wait for the thread: it would wait for one more line."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def hand_over(text: str | None) -> None:
        if not line.done():
            line.set_exception(EOFError()) if text is None else line.set_result(text)

    def wait_for_it() -> None:
        try:
            text: str | None = read()
        except EOFError:
            text = None
        # After the end of the loop nobody is there to be told.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(hand_over, text)

    threading.Thread(target=wait_for_it, daemon=True).start()
    return await line


def _piped() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


@contextlib.contextmanager
def _line_editing() -> Iterator[None]:
    """History, kept between conversations, and completion of words and paths."""
    import readline
    import termios

    # Whoever leaves in the middle of a line leaves a terminal that shows what is typed.
    terminal = termios.tcgetattr(sys.stdin)
    history = config_folder() / "chat_history"
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(HISTORY_LINES)
    readline.set_completer_delims(" \t\n")
    readline.set_completer(_complete)
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, terminal)
        with contextlib.suppress(OSError):
            history.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            readline.write_history_file(history)


def _complete(text: str, number: int) -> str | None:
    folder, _, start = text.rpartition("/")
    with contextlib.suppress(OSError):
        here = Path(folder or ("/" if text.startswith("/") else ".")).expanduser()
        paths = [
            f"{folder}/{entry.name}" if folder or text.startswith("/") else entry.name
            for entry in sorted(here.iterdir())
            if entry.name.startswith(start) and (start or not entry.name.startswith("."))
        ]
        return dict(enumerate([word for word in WORDS if word.startswith(text)] + paths)).get(number)
    return None
