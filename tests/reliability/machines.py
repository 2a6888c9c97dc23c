"""The machines of the matrices: Prefect servers, a bucket, lanes; and what they hold when all is done."""

from __future__ import annotations

import queue
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import imageio_ffmpeg
import searching
from crashes import Servers
from lane import BUCKET, SERVICE_FOLDER, Lane, lane
from loopback import S3Server
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_server import PrefectServer

from prefect_nemovideo.blocks import S3Archive

T = TypeVar("T")
R = TypeVar("R")
STEPS_PREFIX = "steps"


@dataclass
class Machines:
    """What the matrices run on.

    Args:
        lanes: Each takes one job at a time.
    """

    folder: Path
    prefect: tuple[PrefectServer, PrefectServer]
    s3: S3Server
    lanes: list[Lane]
    clip: Path

    @property
    def servers(self) -> Servers:
        return Servers(self.prefect[0].api_url, self.prefect[1].api_url)

    def spread(
        self, work: Callable[[Lane, T], R], items: list[T], told: Callable[[R], None] = lambda _: None
    ) -> list[R]:
        """Does the work for each item, on as many lanes as there are; the results in the order of the items."""
        free: queue.SimpleQueue[Lane] = queue.SimpleQueue()
        for each in self.lanes:
            free.put(each)

        def one(item: T) -> R:
            lane = free.get()
            try:
                result = work(lane, item)
            finally:
                free.put(lane)
            told(result)
            return result

        with ThreadPoolExecutor(len(self.lanes)) as pool:
            return list(pool.map(one, items))

    def secrets(self) -> searching.Search:
        """Whatever has a secret in it: logs, Prefect's databases, results, manifests, homes, the bucket."""
        search = searching.Search()
        folders = [self.folder, *(server.database.parent for server in self.prefect)]
        search.in_files(folders, exempt=list(self.folder.rglob(SERVICE_FOLDER)))
        search.in_bucket(self.s3.client(), BUCKET)
        return search


@contextmanager
def machines(
    folder: Path, prefect: tuple[PrefectServer, PrefectServer], s3: S3Server, count: int = 3
) -> Iterator[Machines]:
    """Sets them up in a folder, on servers that run already."""
    if BUCKET not in [bucket["Name"] for bucket in s3.client().list_buckets()["Buckets"]]:
        s3.make_bucket(BUCKET)
    for server in prefect:
        with temporary_settings({PREFECT_API_URL: server.api_url}):
            S3Archive(bucket=BUCKET, prefix=STEPS_PREFIX).save("steps", overwrite=True, _sync=True)
    clip = film(folder / "small.mp4")
    with ExitStack() as stack:
        lanes = []
        for number in range(count):
            own = folder / f"lane-{number}"
            own.mkdir()
            lanes.append(stack.enter_context(lane(own, s3)))
        yield Machines(folder, prefect, s3, lanes, clip)


def film(target: Path) -> Path:
    """320x180, 1 s, 25 frames a second, with sound."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1"]
    command += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(target)]
    subprocess.run(command, check=True)
    return target
