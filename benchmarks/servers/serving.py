"""Threads that answer connections on loopback, plain or encrypted."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

BUFFER_BYTES = 1 << 20


class Connection:
    """One connection of a client, read by the head of a request and its body."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.buffer = bytearray(BUFFER_BYTES)
        self._rest = b""

    def head(self) -> tuple[str, str, dict[str, str]] | None:
        """Method, target and headers (names in lower case) of the next request; None at the end."""
        head = self._rest
        while b"\r\n\r\n" not in head:
            if not (piece := self.line.recv(65536)):
                return None
            head += piece
        text, _, self._rest = head.partition(b"\r\n\r\n")
        first, *fields = text.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        method, target, _ = first.split(" ")
        if headers.get("expect", "").lower() == "100-continue":
            self.line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return method, target, headers

    def forget(self, length: int) -> None:
        """Reads a body and forgets it."""
        left = length - len(self._rest[:length])
        self._rest = self._rest[length:]
        while left > 0:
            count = self.line.recv_into(self.buffer, min(left, BUFFER_BYTES))
            if not count:
                raise ConnectionError("the client hung up")
            left -= count

    def forget_chunks(self) -> None:
        """The same with a body that comes in chunks, each of which says its length."""
        size = -1
        while size:
            while b"\r\n" not in self._rest:
                if not (piece := self.line.recv(65536)):
                    raise ConnectionError("the client hung up")
                self._rest += piece
            line, _, self._rest = self._rest.partition(b"\r\n")
            size = int(line.partition(b";")[0], 16)
            self.forget(size + len(b"\r\n"))

    def take(self, length: int) -> bytes:
        """Reads a body and returns it."""
        body = bytearray(self._rest[:length])
        self._rest = self._rest[length:]
        while len(body) < length:
            body += self.line.recv(length - len(body))
        return bytes(body)

    def answer(self, status: str, headers: dict[str, str], body: bytes = b"", *, length: int | None = None) -> None:
        """The head of an answer, and its body where that is at hand."""
        fields = {**headers, "Content-Length": str(len(body) if length is None else length)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.line.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)


@contextlib.contextmanager
def serving(answer: Callable[[Connection], None], certificate: Path | None = None) -> Iterator[str]:
    """Serves each connection in a thread of its own; its value is the address.

    Args:
        answer: Answers the requests of one connection until it ends.
        certificate: Encrypts, with this certificate and its key (see `make_certificate`).
    """
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve(line: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(line, server_side=True) if context else line as ready:
            answer(Connection(ready))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listener.accept()
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=serve, args=(line,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with contextlib.closing(listener):
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that is good for a day, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    target = folder / "loopback.pem"
    target.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    target.with_suffix(".key").write_bytes(secret)
    return target
