"""A Prefect server of its own, set as the files in deployments/ set theirs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Task runs and events are written by the hundred.
SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
}
START_SECONDS = 120
LOOK_AGAIN_SECONDS = 0.2


@contextmanager
def prefect_api(folder: Path) -> Iterator[str]:
    """The address of its API; everything it keeps is in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    home = folder / "prefect"
    home.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--no-ui", "--port", port],
        env={**os.environ, **SETTINGS, "PREFECT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/api"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(f"{url}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError("Prefect's server did not start")
            time.sleep(LOOK_AGAIN_SECONDS)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
