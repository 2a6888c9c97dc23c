"""A bucket that reads and forgets: it speaks S3 as far as storing goes, and remembers what it was told of each object.

Copies inside it cost nothing, as inside Amazon's they cost the client nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.servers.serving import Connection, serving

NAME = "films"
TAG = '"0123456789abcdef0123456789abcdef"'
#: What the client says of an object in headers, and hears again.
KEPT = ("content-type", "x-amz-meta-")


@dataclass
class Object:
    """What is known of an object, or of one whose parts still come."""

    told: dict[str, str]
    size: int = 0
    parts: dict[str, int] = field(default_factory=dict)


class Bucket:
    """Answers one request after another of each connection."""

    def __init__(self) -> None:
        self._objects: dict[str, Object] = {}
        self._numbers = itertools.count(1)

    def answer(self, connection: Connection) -> None:
        while (head := connection.head()) is not None:
            method, target, headers = head
            address = urlsplit(target)
            asked = parse_qs(address.query, keep_blank_values=True)
            length = int(headers.get("content-length", "0"))
            if "transfer-encoding" in headers:
                connection.forget_chunks()
            else:
                connection.forget(length)
            match method:
                case "HEAD":
                    self._look(connection, address.path)
                case "PUT":
                    size = int(headers.get("x-amz-decoded-content-length", length))
                    self._take(connection, address.path, asked, headers, size)
                case "POST":
                    self._begin_or_end(connection, address.path, asked, headers)
                case _:
                    connection.answer("204 No Content", {})

    def _look(self, connection: Connection, path: str) -> None:
        found = self._objects.get(path)
        if found is None:
            connection.answer("404 Not Found", {})
            return
        connection.answer("200 OK", {**found.told, "ETag": TAG}, length=found.size)

    def _take(
        self, connection: Connection, path: str, asked: dict[str, list[str]], headers: dict[str, str], size: int
    ) -> None:
        if "uploadId" not in asked:
            self._objects[path] = Object(_told(headers), size)
            connection.answer("200 OK", {"ETag": TAG})
            return
        parts = self._objects[asked["uploadId"][0]].parts
        if "x-amz-copy-source" in headers:
            first, _, last = headers["x-amz-copy-source-range"].removeprefix("bytes=").partition("-")
            parts[asked["partNumber"][0]] = int(last) - int(first) + 1
            connection.answer("200 OK", {}, f"<CopyPartResult><ETag>{TAG}</ETag></CopyPartResult>".encode())
            return
        parts[asked["partNumber"][0]] = size
        connection.answer("200 OK", {"ETag": TAG})

    def _begin_or_end(
        self, connection: Connection, path: str, asked: dict[str, list[str]], headers: dict[str, str]
    ) -> None:
        if "uploads" in asked:
            upload = f"upload-{next(self._numbers)}"
            self._objects[upload] = Object(_told(headers))
            name = "InitiateMultipartUploadResult"
            connection.answer("200 OK", {}, f"<{name}><UploadId>{upload}</UploadId></{name}>".encode())
            return
        done = self._objects.pop(asked["uploadId"][0])
        self._objects[path] = Object(done.told, sum(done.parts.values()))
        name = "CompleteMultipartUploadResult"
        connection.answer("200 OK", {}, f"<{name}><ETag>{TAG}</ETag></{name}>".encode())


def _told(headers: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name.startswith(KEPT)}


@contextmanager
def bucket(certificate: Path | None = None) -> Iterator[dict[str, str]]:
    """The environment by which boto3 finds the bucket, for as long as it is needed."""
    with serving(Bucket().answer, certificate) as url:
        yield {
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_ACCESS_KEY_ID": "films",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            **({"AWS_CA_BUNDLE": str(certificate)} if certificate else {}),
        }
