"""What a conversation shows while a line of it is carried out, each thing once and in its turn."""

from __future__ import annotations

import sys

from prefect_nemovideo.api.edits import STILL_WORKING
from prefect_nemovideo.api.frames import split_noise
from prefect_nemovideo.api.replies import translate
from prefect_nemovideo.api.wording import sentences
from prefect_nemovideo.cli.terminal import Bar
from prefect_nemovideo.results import Answer

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
        self._pending = ""
        self._held = ""
        self._said = ""
        self._starts_a_line = False
        self._mid_line = False
        self._heard = False
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

    def left_of(self, answer: Answer) -> str:
        """What an answer says beyond what was heard and shown while it came about."""
        text = f"\n{answer.text}\n"
        for said in ([answer.edits[-1].reply] if self._heard and answer.edits else []) + self._shown:
            text = text.replace(f"\n{said}\n", "\n", 1) if said else text
        return text.strip("\n")

    def _show(self, text: str) -> None:
        print(text, flush=True)
        self._shown.append(text)

    def _say_rest(self) -> None:
        self._say(self._pending)
        # What is still held was the end: an apology for nothing.
        self._pending = self._held = self._said = ""

    def _end_line(self) -> None:
        if self._mid_line:
            print(flush=True)
        self._mid_line = False

    def _say(self, text: str) -> None:
        # A trailing "temporary issue" is noise; whether more comes after it is seen only then.
        answer, self._held = split_noise(f"{self._held} {text}" if self._held and text else self._held + text)
        # A sentence about a screen that isn't there is not for the person.
        content = translate(answer, before=self._said).text
        self._said += answer
        if content:
            joint = ("\n" if self._starts_a_line else " ") if self._mid_line else ""
            print(f"{joint}{content}", end="", flush=True)
            self._heard = self._mid_line = True
            self._starts_a_line = False
        if answer.lstrip().count("\n") > content.count("\n"):
            # Its last line was ended, or was not for the person.
            self._starts_a_line = True
