"""A service that tells a balance, each time after as long as one of its real calls takes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.servers.serving import Connection, serving

CALL_SECONDS = 0.05
REPLY = json.dumps({"code": 0, "data": {"available": 100, "frozen": 0, "total": 100}}).encode()


def _answer(connection: Connection) -> None:
    while connection.head() is not None:
        time.sleep(CALL_SECONDS)
        connection.answer("200 OK", {"Content-Type": "application/json"}, REPLY)


@contextmanager
def service() -> Iterator[str]:
    """The address of the service, for as long as it is needed."""
    with serving(_answer) as url:
        yield url
