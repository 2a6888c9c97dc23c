"""One file into a bucket, on condition and with its SHA-256, which the download has found out before: `BUCKET FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from secrets import token_hex

from benchmarks.figures import measured
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.hashing import sha256_of
from prefect_nemovideo.storage.s3 import S3Place


def main(bucket: str, file: str) -> None:
    place = S3Place(bucket, "", make_client())
    digest = sha256_of(Path(file))
    with measured():
        place.put_file(Path(file), f"{token_hex(4)}.mp4", sha256_hex=digest, content_type="video/mp4")


main(*sys.argv[1:])
