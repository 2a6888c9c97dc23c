"""Where results go: folders, real S3 servers, and saved blocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import S3Server
from nemo_server import NemoServer
from prefect_server import PrefectServer
from pydantic import SecretStr

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks import S3Archive
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.flows.edit_batch import listed_in
from prefect_nemovideo.storage import NoSuchBucket

WORDS = "sharpen the details"
SMALL = OutputSpec(resolution="720p")

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]


@pytest.fixture(params=["swift_s3", "ministack_s3"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """Each of the two S3 servers, as boto3's own variables lead there."""
    server: S3Server = request.getfixturevalue(request.param)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return server


async def test_a_bucket_gets_the_video_with_its_checksum_and_the_manifest(
    nemo: Nemo, small_clip: Path, s3: S3Server
) -> None:
    """The object's bytes have the SHA-256 of the result and of its metadata, and it plays in a browser."""
    nemo(instant_renders=True)
    bucket = s3.make_bucket()
    result = await edit_video(str(small_clip), WORDS, f"s3://{bucket}/films/2026", output=SMALL)
    key = result.uri.removeprefix(f"s3://{bucket}/")
    assert key.startswith("films/2026/small-")
    held = s3.client().get_object(Bucket=bucket, Key=key)
    assert hashlib.sha256(held["Body"].read()).hexdigest() == result.sha256 == held["Metadata"]["sha256"]
    assert held["ContentType"] == "video/mp4"
    manifest = s3.client().get_object(Bucket=bucket, Key=key.replace(".mp4", ".manifest.json"))
    assert json.loads(manifest["Body"].read()) == result.model_dump(mode="json")
    listed = s3.client().list_objects_v2(Bucket=bucket)["Contents"]
    assert len(listed) == 2


async def test_a_saved_block_is_an_archive_by_its_name(
    nemo: Nemo, small_clip: Path, swift_s3: S3Server, prefect_api: PrefectServer
) -> None:
    """Its bucket, its prefix, its endpoint and its own credentials, with none in the environment."""
    nemo(instant_renders=True)
    bucket = swift_s3.make_bucket()
    block = S3Archive(
        bucket=bucket,
        prefix="kept",
        endpoint_url=swift_s3.endpoint_url,
        region=swift_s3.region,
        access_key_id=swift_s3.access_key,
        secret_access_key=SecretStr(swift_s3.secret_key),
    )
    await block.asave("films")
    result = await edit_video(str(small_clip), WORDS, "films", output=SMALL)
    assert result.uri.startswith(f"s3://{bucket}/kept/small-")
    assert len(swift_s3.client().list_objects_v2(Bucket=bucket)["Contents"]) == 2


async def test_a_folder_is_made_when_it_is_needed(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """`./nemovideo-archive` and any other folder need not be there before."""
    nemo(instant_renders=True)
    result = await edit_video(str(small_clip), WORDS, str(tmp_path / "not" / "yet there"), output=SMALL)
    assert result.uri.startswith((tmp_path / "not" / "yet there").as_uri())


async def test_without_an_archive_it_is_a_folder_of_its_own(
    nemo: Nemo, small_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nemo(instant_renders=True)
    result = await edit_video(str(small_clip), WORDS, output=SMALL)
    assert result.uri.startswith((tmp_path / "nemovideo-archive").as_uri())


async def test_nothing_is_uploaded_for_an_archive_that_cannot_be_used(
    nemo: Nemo, small_clip: Path, swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is tried first: nobody pays for a video that has nowhere to go."""
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    service = nemo()
    with pytest.raises(NoSuchBucket, match="the bucket does not exist"):
        await edit_video(str(small_clip), WORDS, "s3://nobody-made-this", output=SMALL)
    assert service.requests() == []


@pytest.mark.parametrize("container", ["mov", "webm"])
async def test_other_containers_are_delivered_as_asked(
    nemo: Nemo, small_clip: Path, tmp_path: Path, container: str
) -> None:
    """The name, the manifest beside it, and the file itself are of the container that was asked for."""
    nemo()
    wanted = OutputSpec.model_validate({"format": container, "resolution": "320x180"})
    result = await edit_video(str(small_clip), WORDS, str(tmp_path / "out"), output=wanted)
    assert result.uri.endswith(f".{container}")
    assert (result.as_requested, result.differences) == (True, [])


@pytest.mark.conformance("size-limit")
async def test_a_file_of_another_size_is_told_not_hidden(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """Asked for one size and given another: delivered, and said so."""
    nemo(instant_renders=True)
    odd = OutputSpec(resolution="123x77")
    result = await edit_video(str(small_clip), WORDS, str(tmp_path / "out"), output=odd)
    assert not result.as_requested
    assert "123×77" in result.differences[0]


async def test_a_profile_that_is_none_is_refused_by_name(nemo: Nemo, small_clip: Path) -> None:
    nemo()
    with pytest.raises(BadInput, match="There is no profile “8k”"):
        await edit_video(str(small_clip), WORDS, profile="8k")


async def test_what_a_saved_archive_holds_is_no_footage_of_the_next_batch(s3: S3Server) -> None:
    """The archive lies below the place that is edited, and is named by its block."""
    bucket = s3.make_bucket()
    for key in ("raw.mp4", "done/made.mp4", ".staging/coming.mp4"):
        s3.client().put_object(Bucket=bucket, Key=key, Body=b"film")
    await S3Archive(bucket=bucket, prefix="done").asave("nightly", overwrite=True)
    manifest = await listed_in(f"s3://{bucket}/", "make it square", "nightly")
    assert [row.source for row in manifest.rows] == [f"s3://{bucket}/raw.mp4"]
