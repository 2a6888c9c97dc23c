"""Big files to and from a bucket: in parts, over TLS, over lines that break, in little memory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from loopback import S3Server

from prefect_nemovideo.storage import (
    ChecksumMismatch,
    Conflict,
    Unreachable,
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


def test_a_big_file_that_is_not_what_was_announced_is_refused(in_parts: S3Place, long_file: Path) -> None:
    """In parts, too, a file with another SHA-256 than announced is not stored."""
    with pytest.raises(ChecksumMismatch, match="as announced"):
        in_parts.put_file(long_file, "long.bin", sha256_hex="00" * 32)
    assert in_parts.head("long.bin") is None


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
