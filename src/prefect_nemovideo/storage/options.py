"""What a bucket's owner wants of the objects in it: their storage class, key and tags, and the way they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class S3Options:
    """Settings of what is written; whatever is not given is the bucket's own default.

    Args:
        storage_class: Of videos and pictures, such as `STANDARD_IA`. Records stay where they can be read at once.
        kms_key_id: The KMS key that everything is encrypted with.
        tags: Put on everything that is written.
        straight: Videos come in without touching this machine's disk; see `staging.py`.
    """

    storage_class: str | None = None
    kms_key_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    straight: bool = False

    def for_records(self) -> dict[str, Any]:
        """As boto3's `put_object` takes them, for what must be read at once."""
        chosen: dict[str, Any] = {}
        if self.kms_key_id:
            chosen |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key_id}
        if self.tags:
            chosen["Tagging"] = urlencode(self.tags)
        return chosen

    def for_files(self) -> dict[str, Any]:
        """The same, for what is large."""
        return {**self.for_records(), **({"StorageClass": self.storage_class} if self.storage_class else {})}
