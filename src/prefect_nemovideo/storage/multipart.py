"""Big files, in parts: streamed from the disk, checked part by part, and gone without a trace on failure."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect_nemovideo.storage.contract import Progress
from prefect_nemovideo.storage.errors import ChecksumMismatch
from prefect_nemovideo.storage.hashing import sha256_of
from prefect_nemovideo.storage.threads import begin, landed
from prefect_nemovideo.storage.windows import FileWindow

# Big enough that the cost of a request vanishes, small enough that a lost part is soon sent again (measured).
PART_BYTES = 32 * 1024 * 1024
# S3 numbers parts from 1 to 10,000.
MAX_PARTS = 10_000
# Fills a long line; parts are streamed from the disk, so each costs a thread and not its size in memory.
PARTS_IN_FLIGHT = 4
# For those that are on their way when an upload is taken back.
LAST_PARTS_SECONDS = 2.0
MD5 = re.compile("[0-9a-f]{32}")


class Meter:
    """Adds up what several threads have sent, and tells the caller one at a time."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._done = total, progress, 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
        self.tell()

    def tell(self) -> None:
        """Says how far it is, also when nothing has moved: the caller may want to stop."""
        with self._lock:
            if self._progress:
                self._progress(self._done, self._total)


def upload_in_parts(
    client: Any,
    where: Mapping[str, str],
    path: Path,
    size: int,
    *,
    description: Mapping[str, Any],
    condition: Mapping[str, str],
    progress: Progress | None,
) -> dict[str, Any]:
    """Upload a file in parts and return S3's reply to the completion.

    Args:
        where: the `Bucket` and `Key`.
        description: what the object carries (`ContentType`, `Metadata`).
        condition: `{"IfNoneMatch": "*"}`, or nothing to overwrite.

    Whatever ends it early, KeyboardInterrupt included, aborts the upload: S3 keeps (and bills) no parts.
    """
    part_size = max(PART_BYTES, -(-size // MAX_PARTS))
    upload = client.create_multipart_upload(**where, **description, ChecksumAlgorithm="SHA256")
    address = {**where, "UploadId": upload["UploadId"]}
    stop = threading.Event()
    meter = Meter(size, progress)

    def on_sent(count: int) -> None:
        if stop.is_set():
            raise RuntimeError("another part of this upload failed")
        meter.add(count)

    def send(number: int) -> dict[str, Any]:
        offset = (number - 1) * part_size
        length = min(part_size, size - offset)
        checksum = base64_of(sha256_of(path, offset=offset, length=length))
        with FileWindow(path, offset, length, on_sent) as body:
            reply = client.upload_part(
                **address, PartNumber=number, Body=body, ContentLength=length, ChecksumSHA256=checksum
            )
        return {"PartNumber": number, "ETag": reply["ETag"], "ChecksumSHA256": checksum}

    parts: list[Future[dict[str, Any]]] = []
    flying: set[Future[dict[str, Any]]] = set()
    try:
        for number in range(1, -(-size // part_size) + 1):
            while len(flying) == PARTS_IN_FLIGHT:
                flying = landed(flying, meter.tell)
            parts.append(begin(send, number))
            flying.add(parts[-1])
        while flying:
            flying = landed(flying, meter.tell)
        finished = [part.result() for part in parts]
        reply: dict[str, Any] = client.complete_multipart_upload(
            **address, **condition, MultipartUpload={"Parts": finished}, MpuObjectSize=size
        )
    except BaseException:
        stop.set()
        take_back(client, address, parts)
        raise
    kept = reply.get("ChecksumSHA256")
    if kept and kept != composite_checksum([part["ChecksumSHA256"] for part in finished]):
        raise ChecksumMismatch(
            f"The server put the parts of {path.name} together to something else ({kept}). "
            "Delete that object and store the file again."
        )
    return reply


def take_back(client: Any, address: Mapping[str, str], parts: Sequence[Future[Any]]) -> None:
    """Aborts an upload, whatever is wrong with the server.

    Parts first: one that arrives after the abort may stay behind (in Swift for good, where nobody sees it). But whoever
    stops an upload may not have long, and a server may never answer for a part: then the abort is sent all the same.
    """
    late = wait(parts, timeout=LAST_PARTS_SECONDS).not_done
    with suppress(Exception):
        client.abort_multipart_upload(**address)
    if late:
        wait(late)
        with suppress(Exception):
            client.abort_multipart_upload(**address)


def composite_checksum(parts: list[str]) -> str:
    """The checksum S3 keeps for an object made of parts: the SHA-256 of their SHA-256s, and their number."""
    digest = hashlib.sha256(b"".join(base64.b64decode(part) for part in parts)).digest()
    return f"{base64.b64encode(digest).decode()}-{len(parts)}"


def is_made_of(parts: Sequence[Mapping[str, Any]], size: int, held: Mapping[str, Any]) -> bool:
    """Whether an object, as a HEAD shows it, is the one that these parts are put together to.

    Servers that keep no checksums make its tag of the tags of its parts: the MD5 of their MD5s, and their number.
    """
    if held["ContentLength"] != size:
        return False
    if checksum := held.get("ChecksumSHA256"):
        return bool(checksum == composite_checksum([part["ChecksumSHA256"] for part in parts]))
    tags = [str(part["ETag"]).strip('"') for part in parts]
    if not all(MD5.fullmatch(tag) for tag in tags):
        return False
    digest = hashlib.md5(bytes.fromhex("".join(tags)), usedforsecurity=False).hexdigest()
    return str(held["ETag"]).strip('"') == f"{digest}-{len(tags)}"


def base64_of(sha256_hex: str) -> str:
    """S3 writes checksums in base64."""
    return base64.b64encode(bytes.fromhex(sha256_hex)).decode()
