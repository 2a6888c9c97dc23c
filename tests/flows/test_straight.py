"""Videos straight from NemoVideo into the bucket: the same promises, and nothing of them on this machine's disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import command
import pytest
from loopback import S3Server
from nemo_server import NemoServer
from prefect_server import PrefectServer
from pydantic import SecretStr

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import DownloadFailed, NotAsRequested
from prefect_nemovideo.blocks import S3Archive
from prefect_nemovideo.flows import edit_batch, edit_video

WORDS = "sharpen the details"
SMALL = OutputSpec(resolution="720p")
#: Less than the video, more than anything else that a run writes.
DISK_BYTES = 64 * 1024

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


@pytest.fixture(params=["swift_s3", "ministack_s3"])
def s3(request: pytest.FixtureRequest) -> S3Server:
    """Each of the two S3 servers."""
    server: S3Server = request.getfixturevalue(request.param)
    return server


async def save(server: S3Server, name: str, *, straight: bool = True) -> str:
    """A saved block that takes videos straight into a new bucket; the bucket's name."""
    block = S3Archive(
        bucket=server.make_bucket(),
        prefix="films",
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key_id=server.access_key,
        secret_access_key=SecretStr(server.secret_key),
        straight=straight,
    )
    await block.asave(name, overwrite=True)
    return block.bucket


def keys_in(server: S3Server, bucket: str) -> list[str]:
    """Everything in a bucket, whatever its prefix."""
    listed: list[dict[str, Any]] = server.client().list_objects_v2(Bucket=bucket).get("Contents", [])
    assert not server.client().list_multipart_uploads(Bucket=bucket).get("Uploads")
    return [item["Key"] for item in listed]


async def test_a_video_that_went_straight_is_the_same_delivery(nemo: Nemo, small_clip: Path, s3: S3Server) -> None:
    """Decoded, with its SHA-256 and its job on the object, its record beside it, and nothing left of the way."""
    nemo(instant_renders=True)
    bucket = await save(s3, "straight")
    result = await edit_video(str(small_clip), WORDS, "straight", output=SMALL)
    key = result.uri.removeprefix(f"s3://{bucket}/")
    held = s3.client().get_object(Bucket=bucket, Key=key)
    assert hashlib.sha256(held["Body"].read()).hexdigest() == result.sha256 == held["Metadata"]["sha256"]
    assert (held["ContentType"], held["Metadata"]["job-key"]) == ("video/mp4", result.job_key)
    assert (result.width, result.height, result.as_requested) == (1280, 720, True)
    assert sorted(keys_in(s3, bucket)) == sorted([key, key.replace(".mp4", ".manifest.json")])
    again = await edit_video(str(small_clip), WORDS, "straight", output=SMALL)
    assert (again.uri, again.resumed) == (result.uri, True)


async def test_the_disk_need_not_hold_the_video(
    nemo: Nemo, small_clip: Path, swift_s3: S3Server, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    """Where the system refuses a file of the video's size, the way by the disk fails and the straight one does not."""
    service = nemo()
    await save(swift_s3, "by-the-disk", straight=False)
    await save(swift_s3, "straight")
    words = ("edit", str(small_clip), "-i", WORDS, "--resolution", "720p", "--json", "--archive")
    limits = {"PREFECT_API_URL": prefect_server.api_url, "TMPDIR": str(tmp_path)}
    full = command.run(*words, "by-the-disk", largest_file_bytes=DISK_BYTES, **limits)
    assert "The disk is full" in full.document["error"]["message"]
    done = command.run(*words, "straight", largest_file_bytes=DISK_BYTES, **limits)
    assert done.code == 0, done.err
    assert done.document["bytes"] > DISK_BYTES
    assert service.charged() == 50


async def test_a_video_that_breaks_off_for_good_leaves_nothing_in_the_bucket(
    nemo: Nemo, small_clip: Path, s3: S3Server
) -> None:
    """No object and no parts; once the line is whole again, the same job delivers the same render."""
    service = nemo(instant_renders=True)
    bucket = await save(s3, "straight")
    service.fault("cdn", "truncate", at_bytes=1000, times=1)
    for way in ("cdn", "download"):
        service.fault(way, "status", status=404)
    with pytest.raises(DownloadFailed):
        await edit_video(str(small_clip), WORDS, "straight", output=SMALL)
    assert keys_in(s3, bucket) == []
    service.heal()
    await edit_video(str(small_clip), WORDS, "straight", output=SMALL)
    assert len(keys_in(s3, bucket)) == 2
    assert (service.charged(), len(service.renders())) == (50, 1)


async def test_a_video_that_arrives_damaged_in_the_bucket_is_fetched_by_the_other_way(
    nemo: Nemo, small_clip: Path, ministack_s3: S3Server
) -> None:
    """Nothing of the damaged one is left there."""
    service = nemo(instant_renders=True)
    bucket = await save(ministack_s3, "straight")
    service.fault("cdn", "damage")
    result = await edit_video(str(small_clip), WORDS, "straight", output=SMALL)
    assert result.as_requested
    assert len(service.requests("download")) == 1
    assert len(keys_in(ministack_s3, bucket)) == 2


async def test_a_video_that_is_not_as_requested_does_not_get_its_name(
    nemo: Nemo, small_clip: Path, ministack_s3: S3Server
) -> None:
    """With `strict` it is looked at in the bucket and taken back."""
    nemo(instant_renders=True)
    bucket = await save(ministack_s3, "straight")
    with pytest.raises(NotAsRequested, match="123×77"):
        await edit_video(str(small_clip), WORDS, "straight", output=OutputSpec(resolution="123x77"), strict=True)
    assert keys_in(ministack_s3, bucket) == []


async def test_the_pictures_of_a_batch_are_taken_where_the_video_lies(
    nemo: Nemo, small_clip: Path, swift_s3: S3Server, tmp_path: Path
) -> None:
    """A gallery has them, whichever way the videos went."""
    nemo(instant_renders=True)
    bucket = await save(swift_s3, "straight")
    manifest = tmp_path / "one.csv"
    manifest.write_text(f"source,instructions,resolution\n{small_clip},{WORDS},720p\n")
    done = await edit_batch(str(manifest), "straight")
    assert done.completed == 1
    assert sorted(key.rpartition(".")[2] for key in keys_in(swift_s3, bucket) if "small-" in key) == [
        "jpg",
        "jpg",
        "json",
        "mp4",
    ]
