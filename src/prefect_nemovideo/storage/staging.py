"""Files that come into a bucket without touching the disk, and get their name there only once they are checked.

1. The bytes go up in parts as they come, under a key of their own below `.nemovideo-staging/` (`arriving.py`).
2. The staged object is read by ranges, to decode it (`ranges.py`).
3. It is copied inside the bucket to its own name, in parts: that is the one copy which every server makes on
   condition that the name is free (measured: a plain copy ignores the condition, or reads it of the source), and only
   now its SHA-256 is known, to be put on it. Then the staged one is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect_nemovideo.storage import s3_failures
from prefect_nemovideo.storage.arriving import Arriving
from prefect_nemovideo.storage.contract import DEFAULT_CONTENT_TYPE, Stored
from prefect_nemovideo.storage.errors import ChecksumMismatch
from prefect_nemovideo.storage.multipart import take_back
from prefect_nemovideo.storage.options import S3Options
from prefect_nemovideo.storage.ranges import ObjectReader
from prefect_nemovideo.storage.s3_objects import S3Objects, settled

FOLDER = ".nemovideo-staging"
# One copy within a server; Amazon allows 5 GiB. It answers when it is done, so it must not take minutes.
COPY_BYTES = 512 * 1024 * 1024


class Staging:
    """Where a bucket's files are until they are checked. Every method may block, and raises only `StorageError`.

    Args:
        objects: The place that the files are for.

    Example:
        ```python
        with closing(place.staging.receive("clip.mp4")) as arriving:
            for piece in pieces:
                arriving.take(piece)
            size = arriving.finish()
        verify(place.staging.open("clip.mp4"))
        place.staging.adopt("clip.mp4", sha256_hex=digest, size=size)
        place.staging.remove("clip.mp4")
        ```
    """

    def __init__(self, objects: S3Objects) -> None:
        self._objects = objects

    def receive(self, name: str) -> Arriving:
        """Takes a file in; what has its name in the staging is replaced once it is whole."""
        key = _staged(name)
        encryption = S3Options(kms_key_id=self._objects.options.kms_key_id).for_records()
        return Arriving(self._objects.client, self._objects.where(key), self._objects.uri_of(key), encryption)

    def open(self, name: str) -> ObjectReader:
        """A staged file, to be read and sought. Raises NotThere when there is none."""
        key = _staged(name)
        return ObjectReader(self._objects.client, self._objects.where(key), self._objects.uri_of(key), name)

    def adopt(
        self,
        name: str,
        *,
        sha256_hex: str,
        size: int,
        content_type: str = DEFAULT_CONTENT_TYPE,
        metadata: Mapping[str, str] | None = None,
    ) -> Stored:
        """Gives a staged file its name in the bucket, by the rules of `Place.put_file`: nothing is ever overwritten.

        Args:
            sha256_hex: Of what was received; the parts were checked against theirs by the server.
            size: In bytes.
        """
        objects, uri = self._objects, self._objects.uri_of(name)
        with s3_failures.explained_s3(f"store {name}", uri):
            held = objects.held_if_readable(name)
            if held is not None:
                return settled(held, sha256_hex, size)
            source = self.open(name)
            if source.size != size:
                raise ChecksumMismatch(
                    f"{source.uri} has {source.size} bytes, not {size} as announced. Nothing was stored: try again.",
                    uri=source.uri,
                )
            try:
                self.copy(source, name, objects.description(content_type, metadata, sha256_hex))
            except objects.client.exceptions.ClientError as exc:
                return objects.settled_after(exc, name, sha256_hex, size)
        return objects.verified(name, sha256_hex, size)

    def remove(self, name: str) -> None:
        """Deletes a staged file, if it is there."""
        key = _staged(name)
        with s3_failures.explained_s3(f"delete {key}", self._objects.uri_of(key)):
            self._objects.client.delete_object(**self._objects.where(key))

    def copy(self, source: ObjectReader, name: str, description: Mapping[str, Any]) -> None:
        """Copies an object that is still the one that was read to a name that is still free. Raises botocore's errors.

        Whatever ends it early takes its parts back.
        """
        client, target = self._objects.client, self._objects.where(name)
        address = {**target, "UploadId": client.create_multipart_upload(**target, **description)["UploadId"]}
        try:
            parts = []
            for number, start in enumerate(range(0, source.size, COPY_BYTES), 1):
                reply = client.upload_part_copy(
                    **address,
                    PartNumber=number,
                    CopySource=dict(source.where),
                    CopySourceIfMatch=source.tag,
                    CopySourceRange=f"bytes={start}-{min(start + COPY_BYTES, source.size) - 1}",
                )
                parts.append({"PartNumber": number, "ETag": reply["CopyPartResult"]["ETag"]})
            client.complete_multipart_upload(**address, IfNoneMatch="*", MultipartUpload={"Parts": parts})
        except BaseException:
            take_back(client, address, [])
            raise


def _staged(name: str) -> str:
    return f"{FOLDER}/{name}"
