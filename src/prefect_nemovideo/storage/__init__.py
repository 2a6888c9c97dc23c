"""Where sources come from and results are kept: S3 buckets and folders, behind one contract.

Importing this package is cheap: boto3 is loaded when the first S3 place is opened.
"""

from prefect_nemovideo.storage.contract import Held, Place, Progress, Stored
from prefect_nemovideo.storage.errors import (
    AccessDenied,
    BadPlace,
    ChecksumMismatch,
    Conflict,
    DiskFull,
    NoCredentials,
    NoSuchBucket,
    NotThere,
    StorageError,
    Unreachable,
)
from prefect_nemovideo.storage.options import S3Options
from prefect_nemovideo.storage.places import FolderAddress, S3Address, open_place, parse_place

__all__ = [
    "AccessDenied",
    "BadPlace",
    "ChecksumMismatch",
    "Conflict",
    "DiskFull",
    "FolderAddress",
    "Held",
    "NoCredentials",
    "NoSuchBucket",
    "NotThere",
    "Place",
    "Progress",
    "S3Address",
    "S3Options",
    "StorageError",
    "Stored",
    "Unreachable",
    "open_place",
    "parse_place",
]
