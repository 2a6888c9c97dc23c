"""What the real S3 servers of the tests have in common: free loopback ports, processes, and clients.

Put this folder on `sys.path` to import `swift_server` or `ministack_server`; or run one of them as a script:

    python tests/servers/swift_server.py --data DIR

prints one line of JSON (`endpoint_url`, `access_key`, `secret_key`, `region`) and serves until it is stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

LOOPBACK = "127.0.0.1"
# As the kernel's tables write it.
LISTEN_STATE = "0A"
# Servers start in one to four seconds alone; the machine may be busy with others.
START_TIMEOUT_SECONDS = 90
LOOK_AGAIN_SECONDS = 0.05
# After a polite SIGTERM.
STOP_TIMEOUT_SECONDS = 2


@dataclass(frozen=True)
class S3Server:
    """A running server. All of its processes belong to `pids`, all of its state to one folder."""

    endpoint_url: str
    access_key: str
    secret_key: str
    region: str
    pids: tuple[int, ...]

    def client(self, *, secret_key: str | None = None) -> Any:
        """A boto3 client for this server, made the way the package makes its own."""
        return _client(self, self.secret_key if secret_key is None else secret_key)

    def make_bucket(self, name: str | None = None) -> str:
        """Create a bucket and return its name, a fresh one unless given."""
        name = name or f"films-{token_hex(4)}"
        self.client().create_bucket(Bucket=name)
        return name

    def environment(self) -> dict[str, str]:
        """The variables that lead boto3's own chain here."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }


@cache  # Clients are safe to share between threads, and slow to make.
def _client(server: S3Server, secret_key: str) -> Any:
    from prefect_nemovideo.storage.client import make_client

    return make_client(server.endpoint_url, server.region, access_key=server.access_key, secret_key=secret_key)


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now. All are held until all are found, so that they differ."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind((LOOPBACK, 0))
        return [listener.getsockname()[1] for listener in sockets]


def start(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    user: int | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, with nothing of our environment but what is named.

    Args:
        user: Run as this user; only root may.
        cwd: The folder it works in, that of its log by default.
    """
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd or log.parent,
            user=user,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(log.parent), **environment},
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_SECONDS)
    process.wait()


def wait_until(ready: Callable[[], bool], processes: Mapping[Path, subprocess.Popen[bytes]]) -> None:
    """Wait until `ready`, or say what the log of the process that failed ends with."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not ready():
        for log, process in processes.items():
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{log.stem} did not start (exit code {process.poll()}):\n{tail}")
        time.sleep(LOOK_AGAIN_SECONDS)


def answers(port: int, path: str) -> bool:
    """Whether an HTTP GET to a loopback port is answered with 200."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}\r\n\r\n".encode())
        return b" 200 " in connection.recv(64)
    return False


def listening_addresses(pid: int) -> set[str]:
    """The local addresses on which a process listens, from the kernel's own tables."""
    handles = [entry for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    inodes = {name[8:-1] for entry in handles if (name := str(entry.readlink())).startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTEN_STATE and columns[9] in inodes:
                address = columns[1].split(":")[0]
                octets = reversed(bytes.fromhex(address)) if table == "tcp" else bytes.fromhex(address)
                found.add(".".join(map(str, octets)))
    return found


def serve_from_command_line(server: Callable[[Path], AbstractContextManager[S3Server]]) -> None:
    """The script's face: print where the server is, and serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=server.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for everything the server keeps")
    folder: Path = parser.parse_args().data
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), server(folder) as running:
        facts = {name: getattr(running, name) for name in ("endpoint_url", "access_key", "secret_key", "region")}
        print(json.dumps(facts), flush=True)
        while True:
            signal.pause()
