"""What was asked of the emulator, in order: a request is listed from the moment it arrives."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_REQUESTS = 100_000
"""The newest are kept: enough for a batch of thousands, some hundred MB at the very worst."""

RECORDED_HEADERS = ("content-type", "x-client-id", "x-skill-source", "x-skill-version", "x-skill-platform", "range")


@dataclass
class Record:
    """One request. `authorization` among the headers is `present` or null, never the token.

    Attributes:
        status: None while there is no reply.
        aborted: The connection ended before the reply was complete.
    """

    seq: int
    at: float
    method: str
    path: str
    endpoint: str
    query: str
    headers: dict[str, str | None]
    body: Any = None
    status: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    fault: str | None = None
    aborted: bool = False


@dataclass
class Recorder:
    """The requests of this process since it began, or since they were last cleared."""

    _records: deque[Record] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    _seq: int = 0

    def arrive(self, at: float, method: str, path: str, endpoint: str, query: str, headers: Any) -> Record:
        kept: dict[str, str | None] = {name: headers[name] for name in RECORDED_HEADERS if name in headers}
        kept["authorization"] = "present" if "authorization" in headers else None
        self._seq += 1
        record = Record(self._seq, at, method, path, endpoint, query, kept)
        self._records.append(record)
        return record

    def clear(self) -> None:
        self._records.clear()

    def report(self) -> list[dict[str, Any]]:
        return [asdict(record) for record in self._records]
