"""A bucket as a place, against servers that refuse what should be refused."""

from __future__ import annotations

import base64
import hashlib
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from loopback import S3Server, free_ports

from prefect_nemovideo.storage import (
    AccessDenied,
    Conflict,
    NoCredentials,
    NoSuchBucket,
    StorageError,
    Unreachable,
    open_place,
)
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place


def test_boto3s_own_environment_leads_to_the_bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing but boto3's variables set, an address is enough."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    place = open_place(f"s3://{s3.make_bucket()}/deep/prefix/")
    assert place.put_json("a.json", 1).uri == f"{place.uri}/a.json"
    assert place.uri.endswith("/deep/prefix")


def test_type_and_metadata_are_kept(s3: S3Server, tmp_path: Path) -> None:
    """An object keeps its content type, its metadata in any language, and its SHA-256."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    place = S3Place(s3.make_bucket(), "", s3.client())
    place.put_file(path, "clip.mp4", content_type="video/mp4", metadata={"title": "Été 50% 雪"})
    held = place.head("clip.mp4")
    assert held is not None
    assert held.content_type == "video/mp4"
    assert held.metadata == {"title": "Été 50% 雪", "sha256": hashlib.sha256(b"film").hexdigest()}


def test_the_server_itself_keeps_the_checksum(ministack_s3: S3Server, tmp_path: Path) -> None:
    """Where a server stores checksums, the SHA-256 is its own and not only our note beside it."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    client, bucket = ministack_s3.client(), ministack_s3.make_bucket()
    S3Place(bucket, "", client).put_file(path, "clip.mp4")
    reply = client.head_object(Bucket=bucket, Key="clip.mp4", ChecksumMode="ENABLED")
    assert base64.b64decode(reply["ChecksumSHA256"]) == hashlib.sha256(b"film").digest()


def test_a_foreign_object_without_a_checksum_is_a_conflict(swift_s3: S3Server, tmp_path: Path) -> None:
    """An object of the same length whose SHA-256 nobody recorded can't be called the same."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    client, bucket = swift_s3.client(), swift_s3.make_bucket()
    client.put_object(Bucket=bucket, Key="clip.mp4", Body=b"film")
    with pytest.raises(Conflict, match="4 bytes, without a recorded SHA-256"):
        S3Place(bucket, "", client).put_file(path, "clip.mp4")


def test_a_wrong_secret_is_refused(swift_s3: S3Server, tmp_path: Path) -> None:
    """A wrong secret key is told from a missing right, and is not in the message."""
    place = S3Place(swift_s3.make_bucket(), "", swift_s3.client(secret_key="wrong-secret"))
    (tmp_path / "a").write_bytes(b"a")
    for attempt in (place.check, lambda: place.put_file(tmp_path / "a", "a")):
        with pytest.raises(AccessDenied, match="does not accept these S3 credentials") as refused:
            attempt()
        assert "wrong-secret" not in str(refused.value)
        assert swift_s3.access_key not in str(refused.value)


def test_a_missing_bucket_is_said(s3: S3Server, tmp_path: Path) -> None:
    """Checking, storing to and fetching from a bucket that does not exist says that it does not exist."""
    place = S3Place("no-such-films", "", s3.client())
    (tmp_path / "a").write_bytes(b"a")
    attempts: list[Callable[[], object]] = [
        place.check,
        lambda: place.put_file(tmp_path / "a", "a"),
        lambda: place.put_json("a", 1),
        lambda: place.download("a", tmp_path / "b"),
    ]
    for attempt in attempts:
        with pytest.raises(NoSuchBucket, match=r"the bucket does not exist\. Create it"):
            attempt()


def unreachable(endpoint_url: str) -> tuple[str, str]:
    """What is said of an endpoint that can't be spoken to, and what to do."""
    settings = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    with pytest.raises(Unreachable) as refused:
        S3Place("films", "", boto3.client("s3", endpoint_url=endpoint_url, config=settings, **keys)).check()
    assert refused.value.retryable
    what, _, next_step = str(refused.value).removeprefix("Could not write at s3://films: ").partition(". ")
    return what, next_step


CHECK = "Check AWS_ENDPOINT_URL_S3, the network and the server."


def test_an_endpoint_where_nobody_listens_is_said() -> None:
    (port,) = free_ports(1)
    assert unreachable(f"http://127.0.0.1:{port}") == (f"nobody answers at http://127.0.0.1:{port}", CHECK)


def test_a_host_that_is_not_there_is_said() -> None:
    assert unreachable("http://nowhere.invalid") == ("there is no such host as nowhere.invalid", CHECK)


def test_an_endpoint_that_never_answers_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert unreachable(address) == (f"no answer of {address} came in time", CHECK)


def test_a_certificate_that_is_not_trusted_is_said(
    swift_s3: S3Server, tls_line: Callable[[str], tuple[str, Path]]
) -> None:
    """It is no matter of a disk, though Python's own error is one of the system; and there is a setting for it."""
    address, _ = tls_line(swift_s3.endpoint_url)
    what, next_step = unreachable(address)
    assert what == f"the certificate of {address} is not trusted"
    assert "AWS_CA_BUNDLE" in next_step


def test_an_endpoint_without_https_is_said(swift_s3: S3Server) -> None:
    address = swift_s3.endpoint_url.replace("http:", "https:")
    what, _ = unreachable(address)
    assert what == f"{address} speaks no HTTPS"


def test_missing_credentials_are_said(swift_s3: S3Server) -> None:
    """Without any credentials the error lists the ways to give them."""
    with pytest.raises(NoCredentials, match="AWS_ACCESS_KEY_ID"):
        S3Place("films", "", make_client(swift_s3.endpoint_url)).check()


def test_settings_that_cant_be_used_are_said() -> None:
    """An unknown profile and a malformed endpoint are refused when the client is made."""
    with pytest.raises(NoCredentials, match="AWS_PROFILE"):
        make_client(profile="nobody")
    with pytest.raises(StorageError, match="endpoint"):
        make_client("not an address")


def test_a_shared_link_works_until_it_is_altered(swift_s3: S3Server, tmp_path: Path) -> None:
    """Anybody can read through a signed link, and nobody through a changed one."""
    (tmp_path / "a").write_bytes(b"film")
    place = S3Place(swift_s3.make_bucket(), "", swift_s3.client())
    place.put_file(tmp_path / "a", "clip.mp4")
    link = place.presign_get("clip.mp4", 60)
    with urllib.request.urlopen(link) as reply:
        assert reply.read() == b"film"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.replace("clip.mp4", "clop.mp4"))
    with pytest.raises(StorageError, match="1 to 604800 seconds"):
        place.presign_get("clip.mp4", 604801)
