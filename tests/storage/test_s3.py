"""A bucket as a place, against servers that refuse what should be refused."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from loopback import S3Server, free_ports

from prefect_nemovideo.storage import (
    AccessDenied,
    ChecksumMismatch,
    Conflict,
    NoCredentials,
    NoSuchBucket,
    StorageError,
    Unreachable,
    open_place,
)
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place

# Two parts: one whole, one not.
BIG_BYTES = 40 * 1024 * 1024
PARTS_ABOVE = 1024 * 1024
LONG_BYTES = 4 * 1024 * 1024

Line = Callable[[str, int, int], str]


@pytest.fixture(scope="session")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 MiB in which no two pieces are alike."""
    path = tmp_path_factory.mktemp("big") / "big.bin"
    path.write_bytes(os.urandom(BIG_BYTES))
    return path


@pytest.fixture(scope="session")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes many reads, and is small enough for one request."""
    path = tmp_path_factory.mktemp("long") / "long.bin"
    path.write_bytes(os.urandom(LONG_BYTES))
    return path


@pytest.fixture
def in_parts(s3: S3Server) -> S3Place:
    """A fresh bucket that takes files above 1 MiB in parts."""
    return S3Place(s3.make_bucket(), "", s3.client(), multipart_threshold=PARTS_ABOVE)


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


def test_an_endpoint_that_does_not_answer_is_said() -> None:
    """Nobody listens: the error names the variable to look at, and may be tried again."""
    (port,) = free_ports(1)
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(Unreachable, match=r"did not answer.*AWS_ENDPOINT_URL_S3") as refused:
        S3Place("films", "", client).check()
    assert refused.value.retryable


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


def test_a_big_file_goes_in_parts_and_comes_back(in_parts: S3Place, big_file: Path, tmp_path: Path) -> None:
    """40 MiB in two parts: whole, with the SHA-256 of the whole, and the same again is already there."""
    steps: list[tuple[int, int]] = []
    stored = in_parts.put_file(big_file, "big.bin", progress=lambda *step: steps.append(step))
    assert stored.etag is not None
    assert stored.etag.strip('"').endswith("-2")
    assert steps[-1] == (BIG_BYTES, BIG_BYTES)
    assert steps == sorted(steps)
    fetched = in_parts.download("big.bin", tmp_path / "copy")
    assert fetched.sha256 == stored.sha256 == hashlib.sha256((tmp_path / "copy").read_bytes()).hexdigest()
    assert in_parts.put_file(big_file, "big.bin").already_there


class Interrupted(BaseException):
    """Like KeyboardInterrupt, but of nobody's keyboard."""


@pytest.mark.parametrize("reason", [ValueError, Interrupted, KeyboardInterrupt])
def test_a_stopped_upload_leaves_no_parts(
    in_parts: S3Place, s3: S3Server, big_file: Path, reason: type[BaseException]
) -> None:
    """Whatever stops an upload in parts, an interrupt included, the server lists neither object nor upload."""

    def stop_halfway(done: int, total: int) -> None:
        if done > total // 2:
            raise reason

    with pytest.raises(reason):
        in_parts.put_file(big_file, "big.bin", progress=stop_halfway)
    assert in_parts.head("big.bin") is None
    assert s3.client().list_multipart_uploads(Bucket=in_parts.bucket).get("Uploads", []) == []


def test_racing_uploads_in_parts_never_mix(in_parts: S3Place, s3: S3Server, tmp_path: Path) -> None:
    """Of two big files racing for one key, one is stored whole, and the loser leaves no parts."""
    for number in range(2):
        (tmp_path / f"{number}").write_bytes(bytes([number]) * (2 * PARTS_ABOVE))

    def write(number: int) -> bool:
        try:
            return not in_parts.put_file(tmp_path / f"{number}", "clip.mp4").already_there
        except (Conflict, ChecksumMismatch):
            return False

    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(write, range(2)))
    in_parts.download("clip.mp4", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() in [(tmp_path / f"{number}").read_bytes() for number in range(2)]
    assert s3.client().list_multipart_uploads(Bucket=in_parts.bucket).get("Uploads", []) == []


UPLOAD_AND_WEIGH = r"""
import re, sys
from pathlib import Path
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place
place = S3Place(sys.argv[1], "", make_client(), multipart_threshold=int(sys.argv[3]))
place.put_file(Path(sys.argv[2]), "big.bin")
place.download("big.bin", Path(sys.argv[2] + ".copy"))
# The kernel's own high-water mark; getrusage would count what the parent had before the fork.
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
MOST_MEGABYTES = 100


@pytest.mark.parametrize("threshold", [PARTS_ABOVE, 2 * BIG_BYTES])
def test_memory_does_not_grow_with_the_file(swift_s3: S3Server, big_file: Path, threshold: int) -> None:
    """Sending 40 MiB and fetching them again, whole or in parts, stays below 100 MB with boto3 itself in it."""
    command = [sys.executable, "-c", UPLOAD_AND_WEIGH, swift_s3.make_bucket(), str(big_file), str(threshold)]
    run = subprocess.run(command, env={**os.environ, **swift_s3.environment()}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < MOST_MEGABYTES


@pytest.mark.parametrize("threshold", [PARTS_ABOVE, 2 * LONG_BYTES])
def test_over_tls_the_checksum_guards_what_the_signature_does_not(
    s3: S3Server,
    long_file: Path,
    tmp_path: Path,
    tls_line: Callable[[str], tuple[str, Path]],
    monkeypatch: pytest.MonkeyPatch,
    threshold: int,
) -> None:
    """Over https, as with Amazon, files arrive whole and in parts, and other bytes than announced are refused."""
    address, certificate = tls_line(s3.endpoint_url)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    client = make_client(address, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    place = S3Place(s3.make_bucket(), "", client, multipart_threshold=threshold)
    stored = place.put_file(long_file, "long.bin")
    assert place.download("long.bin", tmp_path / "copy").sha256 == stored.sha256
    assert (tmp_path / "copy").read_bytes() == long_file.read_bytes()
    assert place.put_file(long_file, "long.bin").already_there
    place.put_json("a.json", {"a": 1})
    assert place.read_json("a.json") == {"a": 1}
    (tmp_path / "other").write_bytes(b"other")
    with pytest.raises(ChecksumMismatch):
        place.put_file(tmp_path / "other", "other", sha256_hex="00" * 32)
    assert place.head("other") is None


def test_a_broken_line_is_taken_up_where_it_broke(
    s3: S3Server, long_file: Path, tmp_path: Path, cutting_line: Line
) -> None:
    """A download whose line breaks twice goes on from the byte it had, and is whole."""
    bucket = s3.make_bucket()
    S3Place(bucket, "", s3.client()).put_file(long_file, "big.bin")
    line = cutting_line(s3.endpoint_url, LONG_BYTES // 4, 2)
    client = make_client(line, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    steps: list[tuple[int, int]] = []
    S3Place(bucket, "", client).download("big.bin", tmp_path / "c", progress=lambda *step: steps.append(step))
    assert (tmp_path / "c").read_bytes() == long_file.read_bytes()
    assert steps == sorted(set(steps))


def test_a_line_that_keeps_breaking_is_said(
    ministack_s3: S3Server, long_file: Path, tmp_path: Path, cutting_line: Line
) -> None:
    """A download that breaks again and again ends in an error that may be tried again, and leaves no file."""
    bucket = ministack_s3.make_bucket()
    S3Place(bucket, "", ministack_s3.client()).put_file(long_file, "big.bin")
    line = cutting_line(ministack_s3.endpoint_url, 1000, 1000)
    client = make_client(line, "us-east-1", access_key="a", secret_key="b")
    with pytest.raises(Unreachable) as refused:
        S3Place(bucket, "", client).download("big.bin", tmp_path / "target" / "c")
    assert refused.value.retryable
    assert list((tmp_path / "target").iterdir()) == []
