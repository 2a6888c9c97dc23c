"""A sink for uploads: reads and forgets, and answers as NemoVideo does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.servers.serving import Connection, serving

REPLY = json.dumps({"code": 0, "data": {"files": [{"filename": "large.mp4"}]}}).encode()


def _answer(connection: Connection) -> None:
    while (head := connection.head()) is not None:
        connection.forget(int(head[2].get("content-length", "0")))
        connection.answer("200 OK", {"Content-Type": "application/json"}, REPLY)


@contextmanager
def sink(certificate: Path | None = None) -> Iterator[str]:
    """The address of a sink, for as long as it is needed."""
    with serving(_answer, certificate) as url:
        yield url
