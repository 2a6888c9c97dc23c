"""What one would write: boto3's `upload_file`, after curl where there is an address: `BUCKET FILE [URL]`."""

from __future__ import annotations

import subprocess
import sys
from secrets import token_hex

import boto3

from benchmarks.figures import measured
from benchmarks.tools import tool


def main(bucket: str, file: str, url: str | None = None) -> None:
    client = boto3.client("s3")
    curl = tool("curl") if url else ""
    with measured():
        if url:
            subprocess.run([curl, "--silent", "--fail", "-o", file, url], check=True)
        client.upload_file(file, bucket, f"{token_hex(4)}.mp4")


main(*sys.argv[1:])
