"""A service that tells a balance and renders nothing: each time after as long as a real call takes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from benchmarks.servers.serving import Connection, serving

CALL_SECONDS = 0.05
#: How long a render takes; its progress is told in whole per cent.
RENDER_SECONDS = 20.0
BALANCE = {"available": 100, "frozen": 0, "total": 100}


@contextmanager
def service() -> Iterator[str]:
    """The address of the service, for as long as it is needed."""
    renders: dict[str, float] = {}

    def look(render: str) -> dict[str, object]:
        done = min((time.monotonic() - renders[render]) / RENDER_SECONDS, 1.0)
        return {"id": render, "status": "completed" if done == 1 else "processing", "progress": int(100 * done)}

    def data(method: str, target: str, body: bytes) -> dict[str, object]:
        if "/render/" not in target:
            return dict(BALANCE)
        if method == "GET":
            return look(PurePosixPath(target).name)
        render = str(json.loads(body)["id"])
        renders.setdefault(render, time.monotonic())
        return look(render)

    def answer(connection: Connection) -> None:
        while (head := connection.head()) is not None:
            method, target, headers = head
            body = connection.take(int(headers.get("content-length", "0")))
            time.sleep(CALL_SECONDS)
            reply = json.dumps({"code": 0, "data": data(method, target, body)}).encode()
            connection.answer("200 OK", {"Content-Type": "application/json"}, reply)

    with serving(answer) as url:
        yield url
