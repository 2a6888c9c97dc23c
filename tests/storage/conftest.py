"""The same place three times: in a folder, in Swift, in MiniStack."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from loopback import S3Server
from scripted import Request, Scripted

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
async def forgetful(s3: S3Server) -> AsyncIterator[str]:
    """A way to a server on which the reply to an upload's last request is lost, and which has forgotten it by then."""
    gone = b'<?xml version="1.0"?><Error><Code>NoSuchUpload</Code><Message>It is gone.</Message></Error>'
    scripted, lost = Scripted(), set[str]()
    async with httpx.AsyncClient(base_url=s3.endpoint_url) as server:

        async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
            if request.target in lost:
                head = f"HTTP/1.1 404 Not Found\r\nContent-Type: application/xml\r\nContent-Length: {len(gone)}\r\n\r\n"
                writer.write(head.encode() + gone)
                return
            headers = {name: value for name, value in request.headers.items() if name}
            body = request.body or None
            reply = await server.request(request.method, request.target, headers=headers, content=body)
            if b"<CompleteMultipartUpload" in request.body:
                assert reply.is_success
                lost.add(request.target)
                writer.close()
                return
            lines = [f"{name}: {value}" for name, value in reply.headers.items() if name != "transfer-encoding"]
            head = "\r\n".join([f"HTTP/1.1 {reply.status_code} Told", *lines, "", ""])
            writer.write(head.encode("latin-1") + reply.content)

        serving = await asyncio.start_server(lambda *line: scripted.serve(*line, answer), "127.0.0.1", 0)
        async with serving:
            yield f"http://127.0.0.1:{serving.sockets[0].getsockname()[1]}"


@pytest.fixture
def tls_line(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Path]]]:
    """An encrypted line to a server: `line(endpoint_url)` is its https address, and the certificate to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    trusted.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def lay(endpoint_url: str) -> tuple[str, Path]:
            port = int(endpoint_url.rsplit(":", 1)[1])
            threading.Thread(target=accept, args=(port,), daemon=True).start()
            return f"https://127.0.0.1:{listener.getsockname()[1]}", trusted

        def accept(port: int) -> None:
            with suppress(OSError):
                while True:
                    near = context.wrap_socket(listener.accept()[0], server_side=True)
                    far = socket.create_connection(("127.0.0.1", port))
                    for ends in ((near, far), (far, near)):
                        threading.Thread(target=pump, args=ends, daemon=True).start()

        yield lay


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
