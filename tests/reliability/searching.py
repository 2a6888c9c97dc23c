"""Looks for secrets in everything that jobs leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nemo_server import TOKEN

#: Tokens, and what makes a link that anybody can read with: of Amazon's signatures of either version.
SECRETS = re.compile(
    rb"|".join(
        [
            re.escape(TOKEN.encode()),
            rb"nmv_anon_[\w-]{20}",
            rb"X-Amz-Signature=[0-9a-fA-F]{8}",
            rb"AWSAccessKeyId=[^\s\"]{1,200}Signature=",
        ]
    )
)
#: Where an anonymous account's token is kept, for its owner's eyes only.
KEPT = "anonymous.json"


def in_files(folders: Iterable[Path], exempt: Iterable[Path] = ()) -> Iterator[str]:
    """Each file below the folders that has a secret in it, with the first one.

    Args:
        exempt: The emulator's own folders: the service must know its accounts.
    """
    beyond = [folder.resolve() for folder in exempt]
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if (
                file.is_file()
                and file.name != KEPT
                and not any(file.resolve().is_relative_to(other) for other in beyond)
            ):
                yield from _found(str(file), file.read_bytes())


def in_bucket(client: Any, bucket: str) -> Iterator[str]:
    """Each object that has a secret in it."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            key = item["Key"]
            if found := SECRETS.search(key.encode()):
                yield f"{key}: {found.group()!r}"
            yield from _found(key, client.get_object(Bucket=bucket, Key=key)["Body"].read())


def _found(name: str, content: bytes) -> Iterator[str]:
    if found := SECRETS.search(content):
        yield f"{name}: {found.group()[:40]!r}"
