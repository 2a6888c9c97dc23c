"""What a bucket's owner wants of the objects in it arrives with them, over http and https."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from loopback import S3Server

from prefect_nemovideo.storage import S3Options, StorageError
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place

KMS_KEY = "arn:aws:kms:us-east-1:000000000000:key/films"
TAGS = {"project": "films & more", "keep": "10 years"}
OWNERS_WISHES = S3Options(storage_class="STANDARD_IA", kms_key_id=KMS_KEY, tags=TAGS)


@pytest.fixture(params=["http", "https"])
def client(
    request: pytest.FixtureRequest,
    ministack_s3: S3Server,
    tls_line: Callable[[str], tuple[str, Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """A client of MiniStack, which keeps all of it and shows it again, over a plain line and an encrypted one."""
    address = ministack_s3.endpoint_url
    if request.param == "https":
        address, certificate = tls_line(address)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    return make_client(
        address, ministack_s3.region, access_key=ministack_s3.access_key, secret_key=ministack_s3.secret_key
    )


@pytest.mark.parametrize("in_parts", [False, True])
def test_storage_class_key_and_tags_arrive(client: Any, ministack_s3: S3Server, tmp_path: Path, in_parts: bool) -> None:
    """A video has them all, whole or in parts, beside its type, its SHA-256 and its job."""
    (tmp_path / "clip.mp4").write_bytes(b"film" * 1000)
    threshold = 1000 if in_parts else 10_000
    place = S3Place(ministack_s3.make_bucket(), "", client, options=OWNERS_WISHES, multipart_threshold=threshold)
    sent: list[str] = []
    client.meta.events.register(
        "before-send.s3.CreateMultipartUpload",
        lambda request, **_: sent.append(request.headers["x-amz-tagging"].decode()),
    )
    stored = place.put_file(
        tmp_path / "clip.mp4",
        "clip.mp4",
        content_type="video/mp4",
        metadata={"job-key": "0123", "render-id": "render_1"},
    )
    kept = client.head_object(Bucket=place.bucket, Key="clip.mp4")
    tags = client.get_object_tagging(Bucket=place.bucket, Key="clip.mp4")["TagSet"]
    assert kept["StorageClass"] == "STANDARD_IA"
    assert (kept["ServerSideEncryption"], kept["SSEKMSKeyId"]) == ("aws:kms", KMS_KEY)
    # MiniStack forgets the tags of an upload in parts, so there it is looked at what it was sent.
    assert {tag["Key"]: tag["Value"] for tag in tags} == ({} if in_parts else TAGS)
    assert [dict(parse_qsl(header)) for header in sent] == ([TAGS] if in_parts else [])
    assert kept["ContentType"] == "video/mp4"
    assert kept["Metadata"] == {"job-key": "0123", "render-id": "render_1", "sha256": stored.sha256}


def test_records_are_kept_where_they_can_be_read_at_once(client: Any, ministack_s3: S3Server) -> None:
    """A record beside a video has the key and the tags, and not a storage class that makes reading slow or dear."""
    place = S3Place(ministack_s3.make_bucket(), "", client, options=OWNERS_WISHES)
    place.put_json("clip.manifest.json", {"status": "completed"})
    kept = client.head_object(Bucket=place.bucket, Key="clip.manifest.json")
    assert kept.get("StorageClass", "STANDARD") == "STANDARD"
    assert kept["SSEKMSKeyId"] == KMS_KEY


def test_a_storage_class_that_a_server_does_not_have_is_said(swift_s3: S3Server, tmp_path: Path) -> None:
    """The error has the server's word for it, and nothing is stored."""
    (tmp_path / "clip.mp4").write_bytes(b"film")
    place = S3Place(swift_s3.make_bucket(), "", swift_s3.client(), options=S3Options(storage_class="GLACIER_IR"))
    with pytest.raises(StorageError, match="InvalidStorageClass"):
        place.put_file(tmp_path / "clip.mp4", "clip.mp4")
    assert place.head("clip.mp4") is None
