"""`make cluster` and `make cluster-down`: a cluster that stays until it is told to end.

python tests/servers/cluster_control.py up | down
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".cluster"
FACTS, LOG = FOLDER / "facts.json", FOLDER / "cluster.log"
PATIENCE_SECONDS = 300
LOOK_AGAIN_SECONDS = 0.2

HOW_TO = """\
The cluster is up: PostgreSQL, Valkey, two API servers, one services process, two workers, S3, and NemoVideo's emulator.

  Prefect's web page   {ui}
  NemoVideo's emulator {nemo}
  S3 (bucket films)    {s3}

Lead a shell there, and have a folder of videos edited by the workers:

  . .venv/bin/activate && . {environment}
  prefect-nemovideo batch manifest.csv --archive s3://films/tonight --deployment edit-batch/chunk

Its logs are in {folder}. End it, and all that it keeps, with: make cluster-down"""


def up() -> int:
    """Starts a cluster in the background, waits until it is there, and says how to use it."""
    if _pid() is not None:
        print("The cluster is up already. End it with: make cluster-down", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    FACTS.unlink(missing_ok=True)
    with LOG.open("wb") as log:
        command = [sys.executable, __file__, "serve"]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not FACTS.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            print(f"The cluster did not start:\n{LOG.read_text()[-3000:]}", file=sys.stderr)
            return 1
        time.sleep(LOOK_AGAIN_SECONDS)
    print(HOW_TO.format(**json.loads(FACTS.read_text()), folder=FOLDER, environment=FOLDER / "environment"))
    return 0


def serve() -> int:
    """Is the cluster, until it is asked to end."""
    # What a shell starts in the background ignores Ctrl-C, and so would all that starts from here: a worker ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from cluster import cluster

    with contextlib.suppress(KeyboardInterrupt), cluster(FOLDER) as running:
        environment = FOLDER / "environment"
        environment.touch(mode=0o600)
        environment.write_text("".join(f"export {name}='{value}'\n" for name, value in running.for_users().items()))
        facts = {
            "pid": os.getpid(),
            "ui": running.api_urls[0].removesuffix("/api"),
            "nemo": running.nemo.url,
            "s3": running.s3.endpoint_url,
        }
        part = FACTS.with_suffix(".part")
        part.write_text(json.dumps(facts))
        part.rename(FACTS)
        while True:
            signal.pause()
    FACTS.unlink(missing_ok=True)
    return 0


def down() -> int:
    """Ends the cluster."""
    pid = _pid()
    if pid is None:
        print("No cluster is up.", file=sys.stderr)
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _pid() is not None and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
    subprocess.run(["rm", "-rf", FOLDER], check=True)
    print("The cluster has ended.")
    return 0


def _pid() -> int | None:
    """The process that is the cluster, if it is there."""
    with contextlib.suppress(OSError, ValueError):
        pid = int(json.loads(FACTS.read_text())["pid"])
        if str(Path(__file__).name).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None


if __name__ == "__main__":
    sys.exit({"up": up, "serve": serve, "down": down}[sys.argv[1]]())
