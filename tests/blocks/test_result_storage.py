"""The archive's bucket as Prefect's result storage: another machine finds the finished steps of a job."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback import S3Server
from prefect import task
from prefect_server import PrefectServer
from pydantic import SecretStr

from prefect_nemovideo.blocks import S3Archive
from prefect_nemovideo.storage import AccessDenied
from prefect_nemovideo.storage.errors import StorageError


def block_for(server: S3Server, **other: str) -> S3Archive:
    """A new bucket of this server."""
    return S3Archive(
        bucket=server.make_bucket(),
        prefix="steps",
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key_id=server.access_key,
        secret_access_key=SecretStr(other.get("secret_key", server.secret_key)),
    )


async def test_a_step_is_found_again_in_the_bucket(
    prefect_api: PrefectServer, ministack_s3: S3Server, tmp_path: Path
) -> None:
    """By another run that has nothing in common with the first but the bucket."""
    await block_for(ministack_s3).asave("steps", overwrite=True)

    @task(
        persist_result=True,
        result_storage="nemovideo-s3-archive/steps",
        result_serializer="json",
        cache_key_fn=lambda *_: "the-step",
    )
    async def step() -> str:
        (tmp_path / "done").open("a").write("x")
        return "what it found out"

    assert [await step(), await step()] == ["what it found out"] * 2
    assert (tmp_path / "done").read_text() == "x"


async def test_what_cannot_be_read_is_not_taken_for_not_there(swift_s3: S3Server, ministack_s3: S3Server) -> None:
    """Only an object that is not there is a ValueError, as Prefect has it; everything else is a trouble of its own."""
    with pytest.raises(ValueError, match="There is no s3://"):
        await block_for(ministack_s3).read_path("nothing")
    with pytest.raises(AccessDenied):
        await block_for(swift_s3, secret_key="wrong").read_path("nothing")
    away = block_for(ministack_s3).model_copy(update={"bucket": "no-such-bucket"})
    with pytest.raises(StorageError):
        await away.read_path("nothing")


async def test_what_the_owner_wants_of_the_objects_is_saved_with_the_block(
    prefect_api: PrefectServer, ministack_s3: S3Server, tmp_path: Path
) -> None:
    """A loaded block writes with its storage class, its KMS key and its tags."""
    block = block_for(ministack_s3)
    wanted = {"storage_class": "STANDARD_IA", "kms_key_id": "films-key", "tags": {"project": "films"}}
    await block.model_copy(update=wanted).asave("wishes", overwrite=True)
    loaded = await S3Archive.aload("wishes")
    assert isinstance(loaded, S3Archive)
    (tmp_path / "clip.mp4").write_bytes(b"film")
    loaded.get_client().put_file(tmp_path / "clip.mp4", "clip.mp4")
    client = ministack_s3.client()
    kept = client.head_object(Bucket=block.bucket, Key="steps/clip.mp4")
    assert (kept["StorageClass"], kept["SSEKMSKeyId"]) == ("STANDARD_IA", "films-key")
    tags = client.get_object_tagging(Bucket=block.bucket, Key="steps/clip.mp4")["TagSet"]
    assert tags == [{"Key": "project", "Value": "films"}]
