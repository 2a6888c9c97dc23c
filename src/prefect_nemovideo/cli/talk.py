"""What a conversation shows while a line of it is carried out, each thing once and in its turn."""

from __future__ import annotations

import re
import sys

from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.cli.speech import Speech
from prefect_nemovideo.cli.terminal import Bar
from prefect_nemovideo.results import Answer
from prefect_nemovideo.words import printable

#: How lines begin that the answer says itself, at its end.
AT_THE_END = ("The timeline is as it was before", "Not as requested:")
#: How lines begin that are part of the answer: the editor's words, unless they came as it spoke, and what it did.
REPLY, CHANGE, WARNING = "The editor says: ", "  ", "The editor changed the timeline and then"


class Talk:
    """What is told goes to stderr; what the editor says goes to stdout, sentence by sentence as it comes.

    Args:
        bar: Shows what is moving, on a terminal.
    """

    def __init__(self, bar: Bar | None = None) -> None:
        self._bar = bar
        self._speech = Speech()
        self._mid_line = False
        self._heard: list[str] = []
        self._shown: list[str] = []

    def told(self, text: str) -> None:
        if text.startswith(AT_THE_END):
            return
        if text != STILL_WORKING:
            # What comes after the editor's last words; in the middle of them it only says that it is at work.
            self._say_rest()
        self._end_line()
        if text.startswith(REPLY):
            if not self._heard:
                self._show(text.removeprefix(REPLY))
        elif text.startswith((CHANGE, WARNING)):
            self._show(text.removeprefix(CHANGE))
        else:
            print(printable(text), file=sys.stderr, flush=True)

    def moved(self, what: str, done: float, total: float) -> None:
        if self._bar:
            self._bar.moved(what, done, total)

    def heard(self, piece: str) -> None:
        self._say(self._speech.add(piece))

    def finish(self) -> None:
        """Says the rest of the reply and ends its line."""
        if self._bar:
            self._bar.end()
        self._say_rest()
        self._end_line()

    def left_of(self, answer: Answer) -> str:
        """What an answer says beyond what was heard and shown while it came about."""
        text = f"\n{answer.text}\n"
        for said in ([answer.edits[-1].reply] if self._heard and answer.edits else []) + self._shown:
            text = text.replace(f"\n{said}\n", "\n", 1) if said else text
        return text.strip("\n")

    def left_of_error(self, message: str) -> str:
        """What an error says beyond what was heard: a refusal is the editor's own words."""
        for said in self._heard:
            words = r"\s+".join(map(re.escape, said.split()))
            message = re.sub(rf":\s+{words}\.?(?=\s|\Z)", ".", message, count=1)
        return message

    def _show(self, text: str) -> None:
        print(printable(text), flush=True)
        self._shown.append(text)

    def _say_rest(self) -> None:
        self._say(self._speech.end())
        if self._speech.shown:
            self._heard.append(self._speech.shown)
        self._speech = Speech()

    def _end_line(self) -> None:
        if self._mid_line:
            print(flush=True)
        self._mid_line = False

    def _say(self, text: str) -> None:
        if not self._mid_line:
            # The line before it was ended for something else.
            text = text.lstrip(" ").removeprefix("\n")
        if text:
            print(printable(text), end="", flush=True)
            self._mid_line = True
