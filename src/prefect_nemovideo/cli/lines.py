"""The lines of a conversation: typed at a terminal, with history and completion, or piped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from prefect_nemovideo.api.settings import config_folder

#: What the Tab key offers.
WORDS = ("status", "credits", "export", "upload ", "help", "quit")
HISTORY_LINES = 1000
PIECE_BYTES = 65536
#: Of lines that nobody is going to carry out; a program may write them without end.
MOST_BYTES = 1_000_000
#: How long somebody who is writing into a pipe may pause before it is taken that no more has come.
PAUSE_SECONDS = 0.2


class Piped:
    """Lines from a pipe or a file. Reads no further than it has to, so that a program can wait for each answer."""

    def __init__(self) -> None:
        self._come = b""

    async def __aiter__(self) -> AsyncIterator[str]:
        """One line after another, without empty ones."""
        with contextlib.suppress(EOFError):
            while True:
                if line := (await _in_a_thread(self._next)).strip():
                    yield line

    def rest(self) -> list[str]:
        """The lines after the last one, as far as they have come: whoever waits for an answer writes no more."""
        while len(self._come) < MOST_BYTES and select.select([sys.stdin], [], [], PAUSE_SECONDS)[0] and self._read():
            pass
        return [line for line in map(str.strip, self._text(self._come).split("\n")) if line]

    def _next(self) -> str:
        while b"\n" not in self._come and self._read():
            pass
        if not self._come:
            raise EOFError
        line, _, self._come = self._come.partition(b"\n")
        return self._text(line)

    def _read(self) -> bool:
        piece = os.read(sys.stdin.fileno(), PIECE_BYTES)
        self._come += piece
        return bool(piece)

    def _text(self, line: bytes) -> str:
        return line.decode(sys.stdin.encoding, errors="replace")


async def typed_lines() -> AsyncIterator[str]:
    """What a person types, line by line, without empty ones."""
    with _line_editing():
        while True:
            try:
                line = await _in_a_thread(lambda: input("> "))
            except EOFError:
                return
            except asyncio.CancelledError:
                if (this := asyncio.current_task()) is None:
                    raise
                # Ctrl-C where nothing is at work is a way to leave like any other.
                this.uncancel()
                print()
                return
            if line.strip():
                yield line.strip()


async def _in_a_thread(read: Callable[[], str]) -> str:
    """The next line. Whoever leaves does not wait for the thread: it would wait for one more line."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def hand_over(text: str, error: Exception | None) -> None:
        if not line.done():
            line.set_exception(error) if error else line.set_result(text)

    def wait_for_it() -> None:
        text, error = "", None
        try:
            text = read()
        except Exception as raised:  # noqa: BLE001 - it is raised where the line is waited for
            error = raised
        # After the end of the loop nobody is there to be told.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(hand_over, text, error)

    threading.Thread(target=wait_for_it, daemon=True).start()
    return await line


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
