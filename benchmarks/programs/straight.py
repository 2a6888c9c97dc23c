"""One file from a server into a bucket without the disk: hashed, on condition, and named at the end: `BUCKET URL`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from secrets import token_hex

from benchmarks.figures import measured
from prefect_nemovideo.api import NemoVideo
from prefect_nemovideo.storage import S3Options
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place


async def main(bucket: str, url: str) -> None:
    staging = S3Place(bucket, "", make_client(), options=S3Options(straight=True)).staging
    assert staging is not None
    name = f"{token_hex(4)}.mp4"
    async with NemoVideo("benchmark") as nemo:
        with measured(), closing(staging.receive(name)) as arriving:
            came = await nemo.downloads.stream(url, arriving, render_id="render_1")
            arriving.finish()
            staging.adopt(name, sha256_hex=came.sha256, size=came.bytes, content_type="video/mp4")
            staging.remove(name)


asyncio.run(main(*sys.argv[1:]))
