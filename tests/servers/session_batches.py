"""What the tests of batches in one session have in common."""

from __future__ import annotations

from typing import Any

from nemo_server import NemoServer

from prefect_nemovideo.results import BatchResult

Rows = list[dict[str, Any]]
#: A plan that may not do it: no render is begun.
REFUSED = {"action": "status", "status": 403, "code": 4030}


def said(service: NemoServer) -> list[str]:
    """What the editor was told, in turn."""
    return [request["body"]["new_message"]["parts"][0]["text"] for request in service.requests("run_sse")]


def statuses(result: BatchResult) -> list[str]:
    return [item.status for item in result.items]
