"""What a person sees while it works: a progress bar on a terminal, one line a change elsewhere."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from prefect_nemovideo.progress import Watcher, about_the_subject, watch
from prefect_nemovideo.words import printable

COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())


class Lines:
    """One line on stderr for each change; nothing for movement."""

    def told(self, text: str) -> None:
        print(printable(text), file=sys.stderr, flush=True)

    def moved(self, what: str, done: float, total: float) -> None:
        del what, done, total

    def heard(self, piece: str) -> None:
        del piece


class Bar:
    """Lines as they come, and under them a bar for what is moving, for as long as something does."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._what = ""
        # Transfers report from worker threads.
        self._lock = threading.Lock()

    def told(self, text: str) -> None:
        self._console.print(printable(text), markup=False, highlight=False)

    def heard(self, piece: str) -> None:
        del piece

    def moved(self, what: str, done: float, total: float) -> None:
        with self._lock:
            if self._progress is None or what != self._what:
                self._stop()
                self._progress = Progress(*COLUMNS, console=self._console, transient=True)
                self._task, self._what = self._progress.add_task(what, total=total), what
                self._progress.start()
            self._progress.update(self._task, completed=done, total=total)
            if done >= total:
                self._stop()

    def end(self) -> None:
        """Nothing moves any more, whether it came to its end or not."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = None


class _Relay(logging.Handler):
    """Tells what the client logs: that it waits for a rate limit, or tries a call again."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__(logging.INFO)
        self._watcher = watcher

    def emit(self, record: logging.LogRecord) -> None:
        self._watcher.told(about_the_subject(record.getMessage()))


@contextlib.contextmanager
def watching() -> Iterator[None]:
    """Shows what is told in this context."""
    console = Console(stderr=True)
    if not console.is_terminal:
        with _watched_by(Lines()):
            yield
        return
    bar = Bar(console)
    try:
        with _watched_by(bar):
            yield
    finally:
        bar.end()


@contextlib.contextmanager
def _watched_by(watcher: Watcher) -> Iterator[None]:
    watch(watcher)
    relay = _Relay(watcher)
    client_log = logging.getLogger("prefect_nemovideo.api")
    client_log.addHandler(relay)
    try:
        yield
    finally:
        client_log.removeHandler(relay)
