"""A run for each video that arrives in a bucket: told by the bucket's events, and found by a list where none came.

    python deployments/arrivals.py s3://footage/raw/ --queue https://sqs…/arrivals \\
        --parameters '{"instructions": "upscale this video to 4K", "archive": "s3://films/raw"}'

Events get lost, come twice, and nobody hears them while this is down. So the list is what counts, and the events only
make it quick: both name a run of edit-video/single by the object and its ETag, of which Prefect makes one and no more.
Without `--queue`, as with an S3 that tells nobody, there is the list alone. `--once` looks once and ends, as from cron.
Where a server is away for a while, it says so and goes on when it is back.

The queue gets the bucket's own notifications, `s3:ObjectCreated:*`. `PREFECT_API_URL` names the server, boto3's
variables S3 and SQS.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError
from ending import ended, is_passing, tell
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.profiles import VIDEO_EXTENSIONS
from prefect_nemovideo.storage import S3Address, StorageError, parse_place
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3_failures import FIRST_SERVER_ERROR_STATUS, explained_s3
from prefect_nemovideo.tasks.archive import open_archive

DEPLOYMENT = "edit-video/single"
#: Whoever missed an event sees its video after so long.
LIST_EVERY_SECONDS = 600
#: The longest that SQS lets one wait for a message.
LONGEST_WAIT_SECONDS = 20
MESSAGES_AT_ONCE = 10
#: What a deployment's own schema says of them.
PARAMETERS_REFUSED = (409, 422)
#: After a server was away.
PAUSE_SECONDS = 30


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
        archive: Where they deliver to, as an address: what arrives there is not edited once more.
    """

    place: str
    parameters: dict[str, Any]
    archive: str
    prefect: SyncPrefectClient
    #: What need not be said to Prefect again.
    seen: set[Video] = field(default_factory=set)

    @cached_property
    def deployment(self) -> UUID:
        """Of the runs."""
        with explained_refusal():
            return self.prefect.read_deployment_by_name(DEPLOYMENT).id

    def run(self, video: Video) -> None:
        """Has a video edited, if it is one and nobody has begun yet."""
        ours = video.source.startswith(self.place) and not video.source.startswith(f"{self.archive.rstrip('/')}/")
        is_hidden = any(part.startswith(".") for part in video.key.split("/"))
        is_video = video.key.rpartition(".")[2].lower() in VIDEO_EXTENSIONS
        if video in self.seen or not ours or is_hidden or not is_video:
            return
        with explained_refusal():
            run = self.prefect.create_flow_run_from_deployment(
                self.deployment,
                parameters={**self.parameters, "source": video.source},
                name=video.key.rpartition("/")[2],
                idempotency_key=video.idempotency_key,
            )
        self.seen.add(video)
        print(f"{video.source}: run {run.id}", flush=True)


@contextmanager
def explained_refusal() -> Iterator[None]:
    """What a Prefect server refuses of a run becomes a sentence."""
    try:
        yield
    except ObjectNotFound as error:
        raise BadInput(
            f"The Prefect server has no deployment {DEPLOYMENT}.",
            next_step="Make it there with: python deployments/set_up.py",
        ) from error
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in PARAMETERS_REFUSED:
            raise
        raise BadInput(
            f"The Prefect server makes no run of {DEPLOYMENT} with these parameters: {error.response.text[:500]}",
            next_step="Correct --parameters, and start this script again; what has its run already gets no second one.",
        ) from error


def listed(place: str) -> Iterator[Video]:
    """Every object below a place."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    with explained_s3("list what has arrived", place):
        for page in make_client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                yield Video(bucket, item["Key"], item["ETag"].strip('"'))


def told(body: str) -> Iterator[Video]:
    """The objects that a message of a bucket tells of; none where it only says that it would."""
    for record in json.loads(body).get("Records", []):
        thing = record["s3"]["object"]
        yield Video(record["s3"]["bucket"]["name"], unquote_plus(thing["key"]), thing["eTag"])


@contextmanager
def explained_sqs(queue: str) -> Iterator[None]:
    """What boto3 raises of a queue becomes a sentence; the queue keeps what it was not asked to delete."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        answer = error.response if isinstance(error, ClientError) else {}
        code, status = answer.get("Error", {}).get("Code", ""), answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
        raise StorageError(
            f"Could not read the queue {queue}: {code or type(error).__name__}. Check its address, AWS_REGION, and "
            "that these credentials have sqs:ReceiveMessage and sqs:DeleteMessage.",
            uri=queue,
            retryable=status is None or status >= FIRST_SERVER_ERROR_STATUS,
        ) from error


def hear(arrivals: Arrivals, queue: str, seconds: float) -> None:
    """Does what messages tell, for so long. Each is kept in the queue until its runs are there."""
    with explained_sqs(queue):
        sqs = boto3.client("sqs")
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        wait = min(LONGEST_WAIT_SECONDS, int(left) + 1)
        with explained_sqs(queue):
            got = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=wait, MaxNumberOfMessages=MESSAGES_AT_ONCE)
        for message in got.get("Messages", []):
            try:
                videos = list(told(message["Body"]))
            except (ValueError, KeyError, TypeError, AttributeError):
                print(f"This message is not a bucket's: {message['Body'][:200]}", file=sys.stderr)
                videos = []
            for video in videos:
                arrivals.run(video)
            with explained_sqs(queue):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def watch(arrivals: Arrivals, queue: str | None, list_every: float) -> None:
    """Lists, and hears or waits; without end."""
    pause = min(PAUSE_SECONDS, list_every)
    while True:
        try:
            list_all(arrivals)
            if queue is None:
                time.sleep(list_every)
            else:
                hear(arrivals, queue, list_every)
        except Exception as error:
            if not is_passing(error):
                raise
            tell(error, f"Nothing needs to be done when it is back; this looks again every {pause:.0f} s.")
            time.sleep(pause)


def list_all(arrivals: Arrivals) -> None:
    """Has everything edited that is there."""
    _ = arrivals.deployment  # Whether it can be is told at once, not when a video has come.
    for video in listed(arrivals.place):
        arrivals.run(video)


def a_place(text: str) -> str:
    """An argument: what lies below it is edited."""
    try:
        is_bucket = isinstance(parse_place(text), S3Address)
    except StorageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not is_bucket:
        raise argparse.ArgumentTypeError(f"{text!r}: give s3://bucket/prefix/; nothing is heard of other places")
    return text.rstrip("/") + "/"


def a_pause(text: str) -> float:
    """An argument: seconds."""
    seconds = float(text) if text.replace(".", "", 1).isdecimal() else 0
    if seconds < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give seconds, 1 at least")
    return seconds


def some_parameters(text: str) -> dict[str, Any]:
    """An argument: the runs' parameters."""
    try:
        parameters = json.loads(text)
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict) or "source" in parameters:
        raise argparse.ArgumentTypeError(
            """give a JSON object without "source", such as '{"instructions": "upscale this video to 4K"}'"""
        )
    return parameters


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", type=a_place, metavar="s3://bucket/prefix/")
    parser.add_argument("--parameters", type=some_parameters, required=True, metavar="JSON", help="of the runs")
    parser.add_argument("--queue", metavar="URL", help="of SQS, where the bucket tells what has arrived")
    parser.add_argument("--list-every", type=a_pause, default=LIST_EVERY_SECONDS, metavar="S", help="default: 600")
    parser.add_argument("--once", action="store_true", help="list once, and end")
    chosen = parser.parse_args()

    def work() -> int:
        with get_client(sync_client=True) as prefect:
            # A saved block's name leads to its bucket.
            archive = asyncio.run(open_archive(chosen.parameters.get("archive"))).uri
            arrivals = Arrivals(chosen.place, chosen.parameters, archive, prefect)
            if chosen.once:
                list_all(arrivals)
            else:
                watch(arrivals, chosen.queue, chosen.list_every)
        return 0

    return ended(work)


if __name__ == "__main__":
    sys.exit(main())
