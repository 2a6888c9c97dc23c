"""The objects of a bucket below a prefix: how they are called, what they carry, and what is there now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from prefect_nemovideo.storage import s3_failures
from prefect_nemovideo.storage.contract import Held, Stored
from prefect_nemovideo.storage.errors import AccessDenied, ChecksumMismatch, Conflict, StorageError
from prefect_nemovideo.storage.fetch import held_from
from prefect_nemovideo.storage.options import S3Options
from prefect_nemovideo.storage.places import checked_key

# S3 metadata is ASCII; all other letters, and the percent sign itself, travel percent-encoded.
PLAIN_IN_METADATA = "".join(map(chr, range(32, 127))).replace("%", "")


class S3Objects:
    """What all that is done to `s3://bucket/prefix` has in common.

    Args:
        client: A boto3 client made by `make_client`.
        options: What the bucket's owner wants of what is written.
    """

    def __init__(self, bucket: str, prefix: str, client: Any, options: S3Options | None = None) -> None:
        self.bucket, self.prefix = bucket, prefix.strip("/")
        self.client, self.options = client, options or S3Options()

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def uri_of(self, key: str) -> str:
        return f"{self.uri}/{checked_key(key)}"

    def where(self, key: str) -> dict[str, str]:
        """The `Bucket` and `Key` of an object, as boto3 takes them."""
        checked_key(key)
        return {"Bucket": self.bucket, "Key": f"{self.prefix}/{key}" if self.prefix else key}

    def description(self, content_type: str, metadata: Mapping[str, str] | None, digest: str) -> dict[str, Any]:
        """What a file carries: its kind, where it comes from, what it is, and what the bucket's owner wants."""
        ascii_only = {name: quote(text, safe=PLAIN_IN_METADATA) for name, text in (metadata or {}).items()}
        described = {"ContentType": content_type, "Metadata": {**ascii_only, "sha256": digest}}
        return {**described, **self.options.for_files()}

    def head(self, key: str) -> Held | None:
        uri = self.uri_of(key)
        with s3_failures.none_if_missing(), s3_failures.explained_s3(f"look up {key}", uri):
            return held_from(uri, self.client.head_object(**self.where(key), ChecksumMode="ENABLED"))
        return None

    def held_if_readable(self, key: str) -> Held | None:
        """What has this key, where that can be told."""
        # Without s3:ListBucket, Amazon answers 403 for a key that does not exist; the PUT will tell.
        try:
            return self.head(key)
        except AccessDenied:
            return None

    def settled_after(self, exc: Any, key: str, digest: str, size: int) -> Stored:
        """Somebody was faster, or boto3 repeated a request whose reply was lost. Either way, look."""
        maybe_ours = s3_failures.TAKEN | s3_failures.GONE_UPLOAD
        held = self.head(key) if s3_failures.code_of(exc) in maybe_ours else None
        if held is None:
            raise exc
        return settled(held, digest, size)

    def verified(self, key: str, digest: str, size: int) -> Stored:
        """What was just stored, looked at again."""
        uri, held = self.uri_of(key), self.head(key)
        if held is None:
            raise StorageError(f"{uri} was stored, and is gone already. Ask who deletes there.", uri=uri)
        if not is_same(held, digest, size):
            raise ChecksumMismatch(
                f"{uri} was stored as {size} bytes with SHA-256 {digest}, and now shows {held.bytes} bytes "
                f"with {held.sha256}. Somebody else writes there: choose another key.",
                uri=uri,
            )
        return Stored(uri, digest, size, False, held.etag, held.version)


def is_same(held: Held, digest: str, size: int) -> bool:
    """Whether an object has this content."""
    return held.bytes == size and held.sha256 == digest


def settled(held: Held, digest: str, size: int) -> Stored:
    """The object there, if it is the same. Raises Conflict if it is another one."""
    if not is_same(held, digest, size):
        known = f"with SHA-256 {held.sha256}" if held.sha256 else "without a recorded SHA-256"
        raise Conflict(
            f"{held.uri} already holds something else ({held.bytes} bytes, {known}). "
            "Nothing was overwritten. Move it away, or use another name or archive.",
            uri=held.uri,
        )
    return Stored(held.uri, digest, size, True, held.etag, held.version)
