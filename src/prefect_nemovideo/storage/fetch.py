"""Fetching an object to a file: through `<target>.part`, going on where a connection broke, checked at the end."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from prefect_nemovideo.storage.contract import Held, Progress
from prefect_nemovideo.storage.errors import ChecksumMismatch
from prefect_nemovideo.storage.hashing import CHUNK_BYTES

# boto3 repeats a request that gets no answer, but not one whose answer breaks off in the middle.
TRIES = 4


def fetch(client: Any, where: Mapping[str, str], uri: str, target: Path, progress: Progress | None) -> Held:
    """Download `where` to `target`; the file appears whole or not at all. Raises botocore's errors."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError, ReadTimeoutError

    reply = client.get_object(**where, ChecksumMode="ENABLED")
    held = held_from(uri, reply)
    digest, done, tries = hashlib.sha256(), 0, 1
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            while True:
                try:
                    while chunk := reply["Body"].read(CHUNK_BYTES):
                        file.write(chunk)
                        digest.update(chunk)
                        done += len(chunk)
                        if progress:
                            progress(done, held.bytes)
                    break
                except (IncompleteReadError, ReadTimeoutError, HTTPClientError):
                    if tries == TRIES:
                        raise
                    tries += 1
                    # IfMatch: never glue two different objects together.
                    reply = client.get_object(**where, Range=f"bytes={done}-", IfMatch=held.etag)
        if done != held.bytes or (held.sha256 and held.sha256 != digest.hexdigest()):
            raise ChecksumMismatch(
                f"What arrived from {uri} is not what is stored there: {done} of {held.bytes} bytes, "
                f"SHA-256 {digest.hexdigest()}, stored {held.sha256}. Try again.",
                uri=uri,
                retryable=True,
            )
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return held


def held_from(uri: str, reply: Mapping[str, Any]) -> Held:
    """A HEAD or GET reply as facts. A checksum with a dash is one of parts, not of the whole."""
    metadata = {name: unquote(text) for name, text in reply.get("Metadata", {}).items()}
    checksum = reply.get("ChecksumSHA256", "")
    whole = base64.b64decode(checksum).hex() if checksum and "-" not in checksum else None
    return Held(
        uri=uri,
        bytes=int(reply["ContentLength"]),
        sha256=whole or metadata.get("sha256"),
        content_type=reply.get("ContentType"),
        etag=reply.get("ETag"),
        version=reply.get("VersionId"),
        metadata=metadata,
    )
