"""One real Prefect server for all tests of a session: starting one takes ten seconds of CPU."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loopback import LOOPBACK, answers, free_ports, start, stop, wait_until

#: What tests have no use for, and what would use the processor beside them.
WITHOUT = ("ANALYTICS", "SERVICES_SCHEDULER", "SERVICES_LATE_RUNS")


@dataclass(frozen=True)
class PrefectServer:
    """A running server: the address of its API, and the SQLite file that has everything it knows."""

    api_url: str
    database: Path


@contextmanager
def prefect_server(folder: Path) -> Iterator[PrefectServer]:
    """Run Prefect's server on a free loopback port; everything it keeps is in `folder`."""
    folder = folder.resolve()
    (port,) = free_ports(1)
    log = folder / "prefect.log"
    environment = {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
        "PREFECT_SERVER_UI_ENABLED": "false",
        **{f"PREFECT_SERVER_{name}_ENABLED": "false" for name in WITHOUT},
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)]
    process = start(command, log=log, environment=environment)
    try:
        wait_until(lambda: answers(port, "/api/health"), {log: process})
        yield PrefectServer(f"http://{LOOPBACK}:{port}/api", folder / "prefect.db")
    finally:
        stop(process)
