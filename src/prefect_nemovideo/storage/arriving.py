"""A file on its way into a bucket: taken piece by piece, sent in parts, in constant memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from prefect_nemovideo.storage import s3_failures
from prefect_nemovideo.storage.contract import Progress
from prefect_nemovideo.storage.errors import ChecksumMismatch, StorageError
from prefect_nemovideo.storage.multipart import MAX_PARTS, base64_of, composite_checksum, is_made_of, take_back
from prefect_nemovideo.storage.threads import begin, result_of

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
        self._address: dict[str, str] = {}
        self._reset()

    def start_over(self, check: Callable[[], None] = lambda: None) -> None:
        """What came so far does not count.

        Args:
            check: See `take`.
        """
        if self._address:
            result_of(begin(self._abort), check)
        self._reset()

    def take(self, piece: bytes, check: Callable[[], None] = lambda: None) -> None:
        """The next bytes; waits while as many parts as may be are on their way.

        Args:
            check: Called meanwhile; raises where nobody wants them any more.
        """
        rest = memoryview(piece)
        while rest:
            count = min(PART_BYTES - self._filled, len(rest))
            self._free[0][self._filled : self._filled + count] = rest[:count]
            self._filled += count
            self._size += count
            rest = rest[count:]
            if self._filled == PART_BYTES:
                self._send(check)

    def finish(self, progress: Progress | None = None) -> int:
        """Everything came: the object is there, whole, of the length that is returned."""

        def check() -> None:
            if progress:
                progress(self._size, self._size)

        with s3_failures.explained_s3("stage the video", self.uri):
            if self._filled or not self._sent:
                self._send(check)
            parts = [result_of(part, check) for part in self._sent]
            reply = self._complete(parts)
        self._address = {}
        kept = reply.get("ChecksumSHA256")
        if kept and kept != composite_checksum([part["ChecksumSHA256"] for part in parts]):
            raise ChecksumMismatch(
                f"The server put the parts of {self.uri} together to something else ({kept}). Try again.",
                uri=self.uri,
                retryable=True,
            )
        return self._size

    def _complete(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        try:
            done: dict[str, Any] = self._client.complete_multipart_upload(
                **self._address, MultipartUpload={"Parts": parts}, MpuObjectSize=self._size
            )
        except self._client.exceptions.ClientError as exc:
            # boto3 repeats a request whose reply was lost, and a server may have forgotten the upload by then.
            if s3_failures.code_of(exc) not in s3_failures.GONE_UPLOAD:
                raise
            with suppress(self._client.exceptions.ClientError):
                done = self._client.head_object(**self._where, ChecksumMode="ENABLED")
                if is_made_of(parts, self._size, done):
                    return done
            raise
        return done

    def close(self) -> None:
        """Takes back what was not finished."""
        self._abort()

    def _reset(self) -> None:
        self._filled = self._size = 0
        self._free = [bytearray(PART_BYTES) for _ in range(PARTS_IN_FLIGHT + 1)]
        self._sent: list[Future[dict[str, Any]]] = []

    def _send(self, check: Callable[[], None]) -> None:
        if len(self._sent) == MAX_PARTS:
            limit = MAX_PARTS * PART_BYTES // 10**9
            raise StorageError(f"{self.uri} can't take more than {limit} GB this way. Archive by the disk.")
        with s3_failures.explained_s3("stage the video", self.uri):
            if not self._address:
                wanted = {**self._where, **self._encryption, "ChecksumAlgorithm": "SHA256"}
                made = begin(self._client.create_multipart_upload, **wanted)
                try:
                    upload = result_of(made, check)
                except BaseException:
                    # Its id may come later.
                    made.add_done_callback(self._not_wanted)
                    raise
                self._address = {**self._where, "UploadId": upload["UploadId"]}
            buffer = self._free.pop(0)
            self._sent.append(begin(self._send_part, len(self._sent) + 1, self._free, buffer, self._filled))
            self._filled = 0
            if len(self._sent) > PARTS_IN_FLIGHT:
                # Its buffer is free again, or it is known why not.
                result_of(self._sent[-1 - PARTS_IN_FLIGHT], check)

    def _not_wanted(self, made: Future[dict[str, Any]]) -> None:
        if made.exception() is None:
            take_back(self._client, {**self._where, "UploadId": made.result()["UploadId"]}, [])

    def _send_part(self, number: int, free: list[bytearray], buffer: bytearray, length: int) -> dict[str, Any]:
        try:
            body = buffer if length == PART_BYTES else bytes(memoryview(buffer)[:length])
            checksum = base64_of(hashlib.sha256(body).hexdigest())
            reply = self._client.upload_part(
                **self._address, PartNumber=number, Body=body, ContentLength=length, ChecksumSHA256=checksum
            )
            return {"PartNumber": number, "ETag": reply["ETag"], "ChecksumSHA256": checksum}
        finally:
            free.append(buffer)

    def _abort(self) -> None:
        if self._address:
            take_back(self._client, self._address, self._sent)
            self._address = {}
