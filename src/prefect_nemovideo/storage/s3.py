"""A bucket, with a prefix, as a place.

How a file gets there (each point measured against real servers):
1. HEAD: the same content is success without sending a byte, other content is a Conflict.
2. One conditional PUT (`If-None-Match: *`) with the SHA-256 in a signed header: atomic, checked by the server,
   and safe to repeat, since a repeat after a lost reply is answered 412 and found to be our own. Above
   `MULTIPART_THRESHOLD_BYTES` the same in parts.
3. HEAD again: length and SHA-256 of what is there now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from prefect_nemovideo.storage import s3_failures
from prefect_nemovideo.storage.contract import DEFAULT_CONTENT_TYPE, Held, Progress, Stored
from prefect_nemovideo.storage.errors import ChecksumMismatch, StorageError
from prefect_nemovideo.storage.fetch import fetch
from prefect_nemovideo.storage.hashing import sha256_of
from prefect_nemovideo.storage.multipart import Meter, base64_of, upload_in_parts
from prefect_nemovideo.storage.options import S3Options
from prefect_nemovideo.storage.s3_objects import S3Objects, is_same, settled
from prefect_nemovideo.storage.staging import FOLDER as STAGING_FOLDER
from prefect_nemovideo.storage.staging import Staging
from prefect_nemovideo.storage.windows import FileWindow, Stopped, announce_sending

# A single PUT is atomic on every server, which completing a multipart upload is not (Ceph ignores the
# condition there). Beyond this a broken connection near the end costs too much to repeat.
MULTIPART_THRESHOLD_BYTES = 1024**3
JSON_CONTENT_TYPE = "application/json"
LONGEST_PRESIGN_SECONDS = 7 * 24 * 3600


class S3Place(S3Objects):
    """`s3://bucket/prefix` through a boto3 client made by `make_client`. See `Place` for the contract."""

    def __init__(
        self,
        bucket: str,
        prefix: str,
        client: Any,
        *,
        options: S3Options | None = None,
        multipart_threshold: int = MULTIPART_THRESHOLD_BYTES,
    ) -> None:
        super().__init__(bucket, prefix, client, options)
        self.staging = Staging(self) if self.options.straight else None
        self._threshold = multipart_threshold
        client.meta.events.register("before-send.s3", announce_sending, unique_id="nemovideo-announce-sending")

    def __repr__(self) -> str:
        return f"S3Place({self.uri!r})"

    def check(self) -> None:
        # Beginning an upload in parts needs the right to write, and shows nothing to anybody: no object,
        # no version, no delete marker.
        where = self.where(f".nemovideo-check-{token_hex(8)}")
        with s3_failures.explained_s3("write", self.uri):
            upload = self.client.create_multipart_upload(**where)
            self.client.abort_multipart_upload(**where, UploadId=upload["UploadId"])

    def put_file(
        self,
        path: Path,
        key: str,
        *,
        sha256_hex: str | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Stored:
        uri = self.uri_of(key)
        with _stoppable(), s3_failures.explained_s3(f"store {path.name}", uri):
            size = path.stat().st_size
            # In parts, the server checks each part and never the whole: then what was announced is checked here.
            digest = sha256_hex if sha256_hex and size <= self._threshold else sha256_of(path)
            if sha256_hex and sha256_hex != digest:
                raise ChecksumMismatch(
                    f"{path.name} has SHA-256 {digest}, not {sha256_hex} as announced: it changed, or was damaged. "
                    "Nothing was stored; make the file again.",
                    uri=uri,
                )
            held = self.held_if_readable(key)
            if held is not None and (is_same(held, digest, size) or not overwrite):
                return settled(held, digest, size)
            condition = {} if overwrite else {"IfNoneMatch": "*"}
            description = self.description(content_type, metadata, digest)
            try:
                if size > self._threshold:
                    upload_in_parts(
                        self.client,
                        self.where(key),
                        path,
                        size,
                        description=description,
                        condition=condition,
                        progress=progress,
                    )
                else:
                    with FileWindow(path, 0, size, Meter(size, progress).add) as body:
                        self.client.put_object(
                            **self.where(key),
                            **description,
                            **condition,
                            Body=body,
                            ContentLength=size,
                            ChecksumSHA256=base64_of(digest),
                        )
            except self.client.exceptions.ClientError as exc:
                return self.settled_after(exc, key, digest, size)
        return self.verified(key, digest, size)

    def put_json(self, key: str, document: Any, *, overwrite: bool = False) -> Stored:
        data = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
        return self._put(key, data, JSON_CONTENT_TYPE, overwrite, lambda: self.read_json(key) == document)

    def put_bytes(self, key: str, data: bytes) -> Stored:
        return self._put(key, data, DEFAULT_CONTENT_TYPE, True, lambda: self.read_bytes(key) == data)

    def _put(self, key: str, data: bytes, content_type: str, overwrite: bool, is_there: Callable[[], bool]) -> Stored:
        uri = self.uri_of(key)
        digest = hashlib.sha256(data).hexdigest()
        with s3_failures.explained_s3(f"store {key}", uri):
            try:
                self.client.put_object(
                    **self.where(key),
                    **({} if overwrite else {"IfNoneMatch": "*"}),
                    Body=data,
                    ContentType=content_type,
                    Metadata={"sha256": digest},
                    **self.options.for_records(),
                    ChecksumSHA256=base64_of(digest),
                )
            except self.client.exceptions.ClientError as exc:
                if s3_failures.code_of(exc) not in s3_failures.TAKEN or not is_there():
                    raise
                held = self.head(key)
                if held is None:
                    raise
                return Stored(uri, held.sha256 or digest, held.bytes, True, held.etag, held.version)
        return self.verified(key, digest, len(data))

    def read_json(self, key: str) -> Any | None:
        data = self.read_bytes(key)
        try:
            return None if data is None else json.loads(data)
        except ValueError as exc:
            uri = self.uri_of(key)
            raise StorageError(f"{uri} is not a JSON document. Move it away.", uri=uri) from exc

    def read_bytes(self, key: str) -> bytes | None:
        with s3_failures.none_if_missing(), s3_failures.explained_s3(f"read {key}", self.uri_of(key)):
            data: bytes = self.client.get_object(**self.where(key))["Body"].read()
            return data
        return None

    def names(self) -> Iterator[str]:
        below = f"{self.prefix}/" if self.prefix else ""
        with s3_failures.explained_s3("list", self.uri):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=below):
                keys = (item["Key"].removeprefix(below) for item in page.get("Contents", ()))
                # What is on its way into a place is not yet held there.
                yield from (key for key in keys if f"{STAGING_FOLDER}/" not in key)

    def download(self, key: str, target: Path, *, progress: Progress | None = None) -> Held:
        uri = self.uri_of(key)
        with s3_failures.explained_s3(f"download {key}", uri):
            return fetch(self.client, self.where(key), uri, target, progress)

    def presign_get(self, key: str, seconds: int) -> str:
        uri = self.uri_of(key)
        if not 0 < seconds <= LONGEST_PRESIGN_SECONDS:
            raise StorageError(f"A link can live for 1 to {LONGEST_PRESIGN_SECONDS} seconds, not {seconds}.")
        with s3_failures.explained_s3(f"sign a link to {key}", uri):
            url: str = self.client.generate_presigned_url("get_object", Params=self.where(key), ExpiresIn=seconds)
            return url


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except Stopped as stop:
        raise stop.reason from None
