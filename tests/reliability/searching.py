"""Looks for secrets in everything that jobs leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass
class Search:
    """What was searched, and each place that has a secret in it, with the first one."""

    files: int = 0
    objects: int = 0
    bytes: int = 0
    found: list[str] = field(default_factory=list)

    def in_files(self, folders: Iterable[Path], exempt: Iterable[Path] = ()) -> None:
        """Looks into each file below the folders.

        Args:
            exempt: The emulator's own folders: the service must know its accounts.
        """
        beyond = [folder.resolve() for folder in exempt]
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                is_exempt = file.name == KEPT or any(file.resolve().is_relative_to(other) for other in beyond)
                if file.is_file() and not is_exempt:
                    self.files += 1
                    self._look(str(file), file.read_bytes())

    def in_bucket(self, client: Any, bucket: str) -> None:
        """Looks into each object, and at its key."""
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                key = item["Key"]
                self.objects += 1
                self._look(key, key.encode() + client.get_object(Bucket=bucket, Key=key)["Body"].read())

    def _look(self, name: str, content: bytes) -> None:
        self.bytes += len(content)
        if secret := SECRETS.search(content):
            self.found.append(f"{name}: {secret.group()[:40]!r}")
