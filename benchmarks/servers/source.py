"""A source of downloads, as a CDN is one: one file, sent by the kernel."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.servers.serving import BUFFER_BYTES, Connection, serving


@contextmanager
def source(file: Path, certificate: Path | None = None) -> Iterator[str]:
    """The address at which the file is to be had."""
    size = file.stat().st_size

    def answer(connection: Connection) -> None:
        while (head := connection.head()) is not None:
            method = head[0]
            kind = {"Content-Type": "video/mp4", "ETag": '"1"', "Accept-Ranges": "bytes"}
            connection.answer("200 OK", kind, length=size)
            if method == "GET":
                send(connection)

    def send(connection: Connection) -> None:
        with file.open("rb", buffering=0) as handle:
            if isinstance(connection.line, ssl.SSLSocket):
                while piece := handle.read(BUFFER_BYTES):
                    connection.line.sendall(piece)
                return
            sent = 0
            while sent < size:
                sent += os.sendfile(connection.line.fileno(), handle.fileno(), sent, size - sent)

    with serving(answer, certificate) as url:
        yield f"{url}/large.mp4"
