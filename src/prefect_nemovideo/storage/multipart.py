"""Big files, in parts: streamed from the disk, checked part by part, and gone without a trace on failure."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect_nemovideo.storage.contract import Progress
from prefect_nemovideo.storage.errors import ChecksumMismatch
from prefect_nemovideo.storage.hashing import sha256_of
from prefect_nemovideo.storage.windows import FileWindow

# Big enough that the cost of a request vanishes, small enough that a lost part is soon sent again (measured).
PART_BYTES = 32 * 1024 * 1024
# S3 numbers parts from 1 to 10,000.
MAX_PARTS = 10_000
# Fills a long line; parts are streamed from the disk, so each costs a thread and not its size in memory.
PARTS_IN_FLIGHT = 4


class Meter:
    """Adds up what several threads have sent, and tells the caller one at a time."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._done = total, progress, 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
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

    pool = ThreadPoolExecutor(PARTS_IN_FLIGHT, thread_name_prefix="s3-part")
    try:
        numbers = range(1, -(-size // part_size) + 1)
        parts: list[Future[dict[str, Any]]] = [pool.submit(send, number) for number in numbers]
        for done in wait(parts, return_when=FIRST_EXCEPTION).done:
            done.result()
        finished = [part.result() for part in parts]
        reply: dict[str, Any] = client.complete_multipart_upload(
            **address, **condition, MultipartUpload={"Parts": finished}, MpuObjectSize=size
        )
    except BaseException:
        # Threads first: a part that arrives after the abort would stay behind.
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        with suppress(Exception):
            client.abort_multipart_upload(**address)
        raise
    pool.shutdown()
    kept = reply.get("ChecksumSHA256")
    if kept and kept != composite_checksum([part["ChecksumSHA256"] for part in finished]):
        raise ChecksumMismatch(
            f"The server put the parts of {path.name} together to something else ({kept}). "
            "Delete that object and store the file again."
        )
    return reply


def composite_checksum(parts: list[str]) -> str:
    """The checksum S3 keeps for an object made of parts: the SHA-256 of their SHA-256s, and their number."""
    digest = hashlib.sha256(b"".join(base64.b64decode(part) for part in parts)).digest()
    return f"{base64.b64encode(digest).decode()}-{len(parts)}"


def base64_of(sha256_hex: str) -> str:
    """S3 writes checksums in base64."""
    return base64.b64encode(bytes.fromhex(sha256_hex)).decode()
