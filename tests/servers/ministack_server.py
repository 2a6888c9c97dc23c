"""MiniStack: an emulator of S3 that stores checksums and shows them again, as Amazon does.

It accepts any secret key, so refusals are tested against Swift.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loopback import LOOPBACK, S3Server, answers, free_ports, serve_from_command_line, start, stop, wait_until

ACCESS_KEY, SECRET_KEY, REGION = "films", "ministack-secret", "us-east-1"


@contextmanager
def ministack_server(folder: Path) -> Iterator[S3Server]:
    """Run MiniStack's S3 on a free loopback port; everything it keeps is in `folder`."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (port,) = free_ports(1)
    log = folder / "ministack.log"
    environment = {
        "SERVICES": "s3,sqs",
        "GATEWAY_PORT": str(port),
        # By default it listens on every interface, and opens ports for SFTP and MQTT as well.
        "BIND_HOST": LOOPBACK,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
    }
    command = [sys.executable, "-c", "import sys; from ministack.app import main; sys.argv[1:] = []; main()"]
    process = start(command, log=log, environment=environment)
    try:
        wait_until(lambda: answers(port, "/_ministack/ready"), {log: process})
        yield S3Server(f"http://{LOOPBACK}:{port}", ACCESS_KEY, SECRET_KEY, REGION, (process.pid,))
    finally:
        stop(process)


if __name__ == "__main__":
    serve_from_command_line(ministack_server)
