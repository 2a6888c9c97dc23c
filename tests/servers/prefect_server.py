"""One real Prefect server for all tests of a session: starting one takes ten seconds of CPU."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from loopback import LOOPBACK, answers, free_ports, start, stop, wait_until

#: What tests have no use for, and what would use the processor beside them.
WITHOUT = ("ANALYTICS", "SERVICES_SCHEDULER", "SERVICES_LATE_RUNS")
#: What docs/deployments.md sets for a server with much to do: it writes task runs and events by the hundred.
BUSY = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
}


@dataclass(frozen=True)
class PrefectServer:
    """A running server: the address of its API, and the SQLite file that has everything it knows."""

    api_url: str
    database: Path


@contextmanager
def prefect_server(folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[PrefectServer]:
    """Run Prefect's server on a free loopback port; everything it keeps is in `folder`.

    Args:
        settings: More of its settings.
    """
    folder = folder.resolve()
    (port,) = free_ports(1)
    log = folder / "prefect.log"
    environment = {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
        "PREFECT_SERVER_UI_ENABLED": "false",
        **{f"PREFECT_SERVER_{name}_ENABLED": "false" for name in WITHOUT},
        **settings,
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)]
    process = start(command, log=log, environment=environment)
    try:
        wait_until(lambda: answers(port, "/api/health"), {log: process})
        yield PrefectServer(f"http://{LOOPBACK}:{port}/api", folder / "prefect.db")
    finally:
        stop(process)
