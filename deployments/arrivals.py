"""A run for each video that arrives in a bucket: told by the bucket's events, and found by a list where none came.

    python deployments/arrivals.py s3://footage/raw/ --queue https://sqs…/arrivals \\
        --parameters '{"instructions": "upscale this video to 4K", "archive": "s3://films/raw"}'

Events get lost, come twice, and nobody hears them while this is down. So the list is what counts, and the events only
make it quick: both name a run of edit-video/single by the object and its ETag, of which Prefect makes one and no more.
Without `--queue`, as with an S3 that tells nobody, there is the list alone. `--once` looks once and ends, as from cron.

The queue gets the bucket's own notifications, `s3:ObjectCreated:*`. `PREFECT_API_URL` names the server, boto3's
variables S3 and SQS.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

import boto3
from prefect.client.orchestration import SyncPrefectClient, get_client

from prefect_nemovideo.api.profiles import VIDEO_EXTENSIONS
from prefect_nemovideo.storage.client import make_client

DEPLOYMENT = "edit-video/single"
#: Whoever missed an event sees its video after so long.
LIST_EVERY_SECONDS = 600
#: The longest that SQS lets one wait for a message.
LONGEST_WAIT_SECONDS = 20
MESSAGES_AT_ONCE = 10


@dataclass(frozen=True)
class Video:
    """An object that is to be edited. Written anew, it has another ETag, and is another one."""

    bucket: str
    key: str
    etag: str

    @property
    def source(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def idempotency_key(self) -> str:
        return sha256(f"{self.source} {self.etag}".encode()).hexdigest()


@dataclass
class Arrivals:
    """Makes the runs.

    Args:
        place: `s3://bucket/prefix/`; what lies below is edited.
        parameters: Of the runs, but for `source`.
    """

    place: str
    parameters: dict[str, Any]
    prefect: SyncPrefectClient
    deployment: UUID
    #: What need not be said to Prefect again.
    seen: set[Video] = field(default_factory=set)

    def run(self, video: Video) -> None:
        """Has a video edited, if it is one and nobody has begun yet."""
        archive = str(self.parameters.get("archive") or "").rstrip("/")
        ours = video.source.startswith(self.place) and not (archive and video.source.startswith(f"{archive}/"))
        if video in self.seen or not ours or video.key.rpartition(".")[2].lower() not in VIDEO_EXTENSIONS:
            return
        run = self.prefect.create_flow_run_from_deployment(
            self.deployment,
            parameters={**self.parameters, "source": video.source},
            name=video.key.rpartition("/")[2],
            idempotency_key=video.idempotency_key,
        )
        self.seen.add(video)
        print(f"{video.source}: run {run.id}", flush=True)


def listed(place: str) -> Iterator[Video]:
    """Every object below a place."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    for page in make_client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield Video(bucket, item["Key"], item["ETag"].strip('"'))


def told(body: str) -> Iterator[Video]:
    """The objects that a message of a bucket tells of; none where it only says that it would."""
    for record in json.loads(body).get("Records", []):
        thing = record["s3"]["object"]
        yield Video(record["s3"]["bucket"]["name"], unquote_plus(thing["key"]), thing["eTag"])


def hear(arrivals: Arrivals, queue: str, seconds: float) -> None:
    """Does what messages tell, for so long. Each is kept in the queue until its runs are there."""
    sqs = boto3.client("sqs")
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        wait = min(LONGEST_WAIT_SECONDS, int(left) + 1)
        got = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=wait, MaxNumberOfMessages=MESSAGES_AT_ONCE)
        for message in got.get("Messages", []):
            try:
                videos = list(told(message["Body"]))
            except (ValueError, KeyError, TypeError, AttributeError):
                print(f"This message is not a bucket's: {message['Body'][:200]}", file=sys.stderr)
                videos = []
            for video in videos:
                arrivals.run(video)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", metavar="s3://bucket/prefix/")
    parser.add_argument("--parameters", type=json.loads, required=True, metavar="JSON", help="of the runs")
    parser.add_argument("--queue", metavar="URL", help="of SQS, where the bucket tells what has arrived")
    parser.add_argument("--list-every", type=float, default=LIST_EVERY_SECONDS, metavar="SECONDS", help="default: 600")
    parser.add_argument("--once", action="store_true", help="list once, and end")
    chosen = parser.parse_args()
    place = chosen.place.rstrip("/") + "/"
    with contextlib.suppress(KeyboardInterrupt), get_client(sync_client=True) as prefect:
        deployment = prefect.read_deployment_by_name(DEPLOYMENT).id
        arrivals = Arrivals(place, chosen.parameters, prefect, deployment)
        while True:
            for video in listed(place):
                arrivals.run(video)
            if chosen.once:
                return 0
            if chosen.queue:
                hear(arrivals, chosen.queue, chosen.list_every)
            else:
                time.sleep(chosen.list_every)
    return 0


if __name__ == "__main__":
    sys.exit(main())
