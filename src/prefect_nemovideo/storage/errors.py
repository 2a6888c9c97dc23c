"""What can go wrong with a place, sorted by what the reader can do about it.

StorageError              anything below; `retryable` says whether the same call may succeed later
├── BadPlace              the address or the key is not one we can use: write it differently
├── NoSuchBucket          create the bucket or folder, or correct its name
├── NoCredentials         none found: log in or set them
├── AccessDenied          found, but refused: other credentials or a wider policy
├── Unreachable           no answer from the endpoint (retryable)
├── NotThere              the object asked for does not exist
├── Conflict              something else already lives under that key: nothing was overwritten
├── ChecksumMismatch      the bytes are not the bytes that were promised
└── DiskFull              no room left at the destination

Foreign exceptions (botocore's, the operating system's) stop in `failures.py` and `s3_failures.py`.
"""

from __future__ import annotations


class StorageError(Exception):
    """A place could not do what it was asked. The message is a sentence that ends with the next step."""

    def __init__(self, message: str, *, uri: str | None = None, retryable: bool = False) -> None:
        super().__init__(message)
        self.uri = uri
        self.retryable = retryable


class BadPlace(StorageError):
    """The address of a place, or a key in it, has a form that is not supported."""


class NoSuchBucket(StorageError):
    """The bucket does not exist."""


class NoCredentials(StorageError):
    """No credentials were found, or they are incomplete."""


class AccessDenied(StorageError):
    """The credentials were understood and refused, or the operating system denied access."""


class Unreachable(StorageError):
    """The endpoint did not answer."""


class NotThere(StorageError):
    """The object does not exist."""


class Conflict(StorageError):
    """Another object with different content already has this key; it was left as it was."""


class ChecksumMismatch(StorageError):
    """The bytes differ from the checksum they were announced with."""


class DiskFull(StorageError):
    """The destination has no room left."""
