"""Servers that take or give half a gigabyte and keep none of it: raw sockets in a thread, so that they cost little."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

UPLOADED = b'{"code":0,"data":{"files":[{"filename":"clip.mp4"}],"session_state_applied":true}}'


@contextmanager
def swallowing() -> Iterator[str]:
    """A server that takes any upload and keeps nothing of it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    head = b""
                    while b"\r\n\r\n" not in head:
                        head += connection.recv(65536)
                    head, _, rest = head.partition(b"\r\n\r\n")
                    found = re.search(rb"content-length: (\d+)", head.lower())
                    left = int(found[1]) - len(rest) if found else 0
                    buffer = bytearray(1 << 20)
                    while left > 0 and (count := connection.recv_into(buffer)):
                        left -= count
                    length = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(UPLOADED)}\r\n\r\n"
                    connection.sendall(length.encode() + UPLOADED)

    threading.Thread(target=serve, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def pouring() -> Iterator[str]:
    """A server with a file of as many zeros as the address says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    size = int(connection.recv(65536).split()[1].strip(b"/"))
                    head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"
                    connection.sendall(head.encode())
                    while size > 0:
                        size -= connection.send(bytes(min(size, 1 << 20)))

    threading.Thread(target=serve, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
