"""What a run tells while it works: to the run's log, and to whoever watches (a terminal's progress bar)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Protocol

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger


class Watcher(Protocol):
    """Someone who looks on. May be called from worker threads."""

    def told(self, text: str) -> None:
        """A new thing happened."""

    def moved(self, what: str, done: float, total: float) -> None:
        """A transfer or a render moved on."""

    def heard(self, piece: str) -> None:
        """The editor said the next piece of its reply."""


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
_subject: ContextVar[str | None] = ContextVar("subject", default=None)


def watch(watcher: Watcher) -> None:
    """Has everything told from here on in this context."""
    _watcher.set(watcher)


@contextlib.contextmanager
def speaking_of(name: str) -> Iterator[None]:
    """Where many things happen side by side: each line begins with what it is about.

    The steps of each are then details: a line in the log of a run is a row in the server's database.
    """
    token = _subject.set(name)
    try:
        yield
    finally:
        _subject.reset(token)


def tell(text: str, *, level: int = logging.INFO) -> None:
    """One line for the run's log and for the watcher: what happened, on change only."""
    text = about_the_subject(text)
    log(text, level=logging.DEBUG if level == logging.INFO and _subject.get() is not None else level)
    if watcher := _watcher.get():
        watcher.told(text)


def log(text: str, *, level: int = logging.INFO) -> None:
    """One line for the run's log alone."""
    try:
        get_run_logger().log(level, text)
    except MissingContextError:
        logging.getLogger("prefect_nemovideo").log(level, text)


def about_the_subject(text: str) -> str:
    """The text, begun with what is spoken of."""
    subject = _subject.get()
    return text if subject is None else f"{subject}: {text}"


def listener() -> Callable[[str], None]:
    """Where pieces of the editor's reply go as they come."""
    watcher = _watcher.get()
    return watcher.heard if watcher else lambda piece: None


class NotWanted(Exception):
    """Nobody waits for this work any more."""


class Meter:
    """Tells how far a transfer or a render is, from any thread; and stops it, where nobody wants it any more.

    Args:
        what: What moves, as in "upload".
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._is_wanted = True
        self._told: tuple[float, float] | None = None
        # Worker threads don't inherit the context, so it is looked up here.
        self._watcher = _watcher.get()

    def __call__(self, done: float, total: float) -> None:
        if not self._is_wanted:
            raise NotWanted
        # Work that waits only looks whether it is wanted still.
        if self._watcher and (done, total) != self._told:
            self._told = (done, total)
            self._watcher.moved(self.what, done, total)

    def stop(self) -> None:
        """Has what is measured end, by an error, as soon as it tells how far it is."""
        self._is_wanted = False
