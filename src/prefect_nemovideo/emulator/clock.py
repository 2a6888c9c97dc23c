"""The emulator's time: the machine's, moved on by as much as somebody asked for."""

from __future__ import annotations

import time

from prefect_nemovideo.emulator.store import Store

_OFFSET = "clock_offset_seconds"


class Clock:
    """Now, in seconds since 1970. Tokens expire by it; a test that needs next week moves it there.

    The offset is kept in the store: it survives a restart, and emulators on one folder share it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def offset(self) -> float:
        return float(self._store.note(_OFFSET) or 0.0)

    def now(self) -> float:
        return time.time() + self.offset

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        self._store.remember(_OFFSET, repr(self.offset + seconds))
