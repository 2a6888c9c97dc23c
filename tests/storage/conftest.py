"""The same place three times: in a folder, in Swift, in MiniStack."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from loopback import S3Server

from prefect_nemovideo.storage import Place
from prefect_nemovideo.storage.folder import FolderPlace
from prefect_nemovideo.storage.s3 import S3Place

MakeFile = Callable[..., Path]


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Write bytes to a file outside of the place, and return its path."""

    def make(content: bytes, name: str = "source.bin") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.fixture(params=["folder", "swift_s3", "ministack_s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of each kind."""
    if request.param == "folder":
        return FolderPlace(tmp_path / "archive")
    server: S3Server = request.getfixturevalue(request.param)
    return S3Place(server.make_bucket(), "films/2026", server.client())


@pytest.fixture(params=["swift_s3", "ministack_s3"])
def s3(request: pytest.FixtureRequest) -> S3Server:
    """Each of the two S3 servers."""
    server: S3Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def cutting_line() -> Iterator[Callable[[str, int, int], str]]:
    """A line to a server that breaks long answers: `line(endpoint_url, after_bytes, times)` is its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def lay(endpoint_url: str, after_bytes: int, times: int) -> str:
            breaks = threading.Semaphore(times)
            port = int(endpoint_url.rsplit(":", 1)[1])
            threading.Thread(target=accept, args=(port, after_bytes, breaks), daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        def accept(port: int, after_bytes: int, breaks: threading.Semaphore) -> None:
            with suppress(OSError):
                while True:
                    near, _ = listener.accept()
                    far = socket.create_connection(("127.0.0.1", port))
                    threading.Thread(target=pump, args=(near, far), daemon=True).start()
                    threading.Thread(target=pump, args=(far, near, after_bytes, breaks), daemon=True).start()

        yield lay


def pump(
    source: socket.socket,
    target: socket.socket,
    after_bytes: int | None = None,
    breaks: threading.Semaphore | None = None,
) -> None:
    """Carry bytes one way; break the line after so many, as long as there are breaks left."""
    carried = 0
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
            carried += len(data)
            if after_bytes is not None and carried > after_bytes and breaks and breaks.acquire(blocking=False):
                break
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
