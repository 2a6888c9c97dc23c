"""A file on its way into a bucket: taken piece by piece, sent in parts, in constant memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from prefect_nemovideo.storage import s3_failures
from prefect_nemovideo.storage.errors import ChecksumMismatch, StorageError
from prefect_nemovideo.storage.multipart import MAX_PARTS, base64_of, composite_checksum

# In memory until it has arrived: the smallest that S3 takes is 5 MiB.
PART_BYTES = 8 * 1024 * 1024
# One more is being filled meanwhile.
PARTS_IN_FLIGHT = 2


class Arriving:
    """Takes bytes in order and sends them in parts, each checked by the server against its SHA-256.

    Until `finish` nothing can be seen. Not for two threads at once. Raises only `StorageError` and its kin.

    Args:
        where: The `Bucket` and `Key`.
        encryption: As `create_multipart_upload` takes it.
    """

    def __init__(self, client: Any, where: Mapping[str, str], uri: str, encryption: Mapping[str, str]) -> None:
        self.uri = uri
        self._client, self._where, self._encryption = client, dict(where), dict(encryption)
        self._threads = ThreadPoolExecutor(PARTS_IN_FLIGHT, thread_name_prefix="s3-part")
        self._address: dict[str, str] = {}
        self._reset()

    def start_over(self) -> None:
        """What came so far does not count."""
        self._abort()
        self._reset()

    def take(self, piece: bytes) -> None:
        """The next bytes; waits while as many parts as may be are on their way."""
        rest = memoryview(piece)
        while rest:
            count = min(PART_BYTES - self._filled, len(rest))
            self._free[0][self._filled : self._filled + count] = rest[:count]
            self._filled += count
            self._size += count
            rest = rest[count:]
            if self._filled == PART_BYTES:
                self._send()

    def finish(self) -> int:
        """Everything came: the object is there, whole, of the length that is returned."""
        with s3_failures.explained_s3("stage the video", self.uri):
            if self._filled or not self._sent:
                self._send()
            parts = [part.result() for part in self._sent]
            reply = self._client.complete_multipart_upload(
                **self._address, MultipartUpload={"Parts": parts}, MpuObjectSize=self._size
            )
        self._address = {}
        kept = reply.get("ChecksumSHA256")
        if kept and kept != composite_checksum([part["ChecksumSHA256"] for part in parts]):
            raise ChecksumMismatch(
                f"The server put the parts of {self.uri} together to something else ({kept}). Try again.",
                uri=self.uri,
                retryable=True,
            )
        return self._size

    def close(self) -> None:
        """Takes back what was not finished, and ends the threads."""
        self._abort()
        self._threads.shutdown(wait=False)

    def _reset(self) -> None:
        self._filled = self._size = 0
        self._free = [bytearray(PART_BYTES) for _ in range(PARTS_IN_FLIGHT + 1)]
        self._sent: list[Future[dict[str, Any]]] = []

    def _send(self) -> None:
        if len(self._sent) == MAX_PARTS:
            limit = MAX_PARTS * PART_BYTES // 10**9
            raise StorageError(f"{self.uri} can't take more than {limit} GB this way. Archive by the disk.")
        with s3_failures.explained_s3("stage the video", self.uri):
            if not self._address:
                upload = self._client.create_multipart_upload(
                    **self._where, **self._encryption, ChecksumAlgorithm="SHA256"
                )
                self._address = {**self._where, "UploadId": upload["UploadId"]}
            buffer = self._free.pop(0)
            self._sent.append(self._threads.submit(self._send_part, len(self._sent) + 1, buffer, self._filled))
            self._filled = 0
            if len(self._sent) > PARTS_IN_FLIGHT:
                # Its buffer is free again, or it is known why not.
                self._sent[-1 - PARTS_IN_FLIGHT].result()

    def _send_part(self, number: int, buffer: bytearray, length: int) -> dict[str, Any]:
        try:
            body = buffer if length == PART_BYTES else bytes(memoryview(buffer)[:length])
            checksum = base64_of(hashlib.sha256(body).hexdigest())
            reply = self._client.upload_part(
                **self._address, PartNumber=number, Body=body, ContentLength=length, ChecksumSHA256=checksum
            )
            return {"PartNumber": number, "ETag": reply["ETag"], "ChecksumSHA256": checksum}
        finally:
            self._free.append(buffer)

    def _abort(self) -> None:
        # Threads first: a part that arrives after the abort would stay behind.
        for part in self._sent:
            part.cancel()
        for part in self._sent:
            with suppress(BaseException):
                part.result()
        if self._address:
            with suppress(Exception):
                self._client.abort_multipart_upload(**self._address)
            self._address = {}
