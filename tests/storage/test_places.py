"""What people write as a place, and what foreign errors become."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from prefect_nemovideo.storage import (
    AccessDenied,
    BadPlace,
    DiskFull,
    FolderAddress,
    NotThere,
    S3Address,
    StorageError,
    Unreachable,
    open_place,
    parse_place,
)
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3_failures import explained_s3


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("s3://films", S3Address("films", "")),
        ("s3://films/", S3Address("films", "")),
        ("S3://films/archive/2026/", S3Address("films", "archive/2026")),
        ("/srv/films", FolderAddress(Path("/srv/films"))),
        ("file:///srv/my%20films", FolderAddress(Path("/srv/my films"))),
        ("file://localhost/srv/films", FolderAddress(Path("/srv/films"))),
        ("  s3://films/a ", S3Address("films", "a")),
    ],
)
def test_addresses_are_read(text: str, address: S3Address | FolderAddress) -> None:
    """Buckets, folders and file addresses are told apart, slashes at the end notwithstanding."""
    assert parse_place(text) == address


def test_relative_folders_are_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative path starts where the program runs, and ~ is home."""
    monkeypatch.chdir(tmp_path)
    assert parse_place("./films") == FolderAddress(tmp_path / "films")
    assert parse_place("~/films") == FolderAddress(Path.home() / "films")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gs://films",
        "ftp://host/films",
        "https://films.s3.amazonaws.com",
        "s3://",
        "s3:///key",
        "s3://-films",
        "s3://films/../other",
        "s3://films/a//b",
        "file://host/films",
    ],
)
def test_other_addresses_are_refused_with_what_works(text: str) -> None:
    """An address that can't be used is refused in a sentence that says what to write instead."""
    with pytest.raises(BadPlace, match=r"Use s3://|single slashes"):
        parse_place(text)


def _all_kinds(kind: type[Any]) -> set[Any]:
    return {kind} | {sub for child in kind.__subclasses__() for sub in _all_kinds(child)}


def test_no_error_of_boto3_crosses_the_border() -> None:
    """Each of botocore's exceptions becomes a StorageError with an action, an address and a next step, in words."""
    kinds = _all_kinds(BotoCoreError)
    assert len(kinds) > 50
    for kind in kinds:
        with (
            pytest.raises(StorageError, match=r"^Could not look at s3://films: .+\. .+\.$") as mapped,
            explained_s3("look", "s3://films"),
        ):
            raise kind.__new__(kind)
        assert isinstance(mapped.value.__cause__, kind)
        assert kind.__name__ not in str(mapped.value)
        assert "disk" not in str(mapped.value)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("SlowDown", 503, Unreachable),
        ("InternalError", 500, Unreachable),
        ("", 502, Unreachable),
        ("403", 403, AccessDenied),
        ("ExpiredToken", 400, AccessDenied),
        ("XMinioStorageFull", 507, DiskFull),
        ("NoOneKnowsThis", 400, StorageError),
    ],
)
def test_answers_of_servers_become_kinds_of_errors(code: str, status: int, expected: type[StorageError]) -> None:
    """What a server answers decides the kind of the error; what it writes, which may quote keys, is left out."""
    reply: Any = {
        "Error": {"Code": code, "Message": "AKIASECRET is wrong"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    with pytest.raises(StorageError) as mapped, explained_s3("look", "s3://films"):
        raise ClientError(reply, "HeadObject")
    assert type(mapped.value) is expected
    assert "AKIASECRET" not in str(mapped.value)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, AccessDenied),
        (errno.EROFS, AccessDenied),
        (errno.EIO, StorageError),
    ],
)
def test_errors_of_the_system_become_kinds_of_errors(number: int, expected: type[StorageError]) -> None:
    """What the operating system reports becomes an error that names the file."""
    with pytest.raises(StorageError) as mapped, explained_s3("look"):
        raise OSError(number, os.strerror(number), "/srv/films")
    assert type(mapped.value) is expected


def test_a_client_is_set_up_for_what_it_talks_to() -> None:
    """Amazon gets its own host names; other servers get paths. Over https no body is hashed a second time."""
    keys = {"access_key": "a", "secret_key": "b"}
    amazon, own = make_client(region="eu-west-1", **keys), make_client("https://s3.example.org", **keys)
    plain = make_client("http://127.0.0.1:9000", **keys)
    assert amazon.meta.config.s3.get("addressing_style") is None
    assert (own.meta.config.s3["addressing_style"], plain.meta.config.s3["addressing_style"]) == ("path", "path")
    assert (amazon.meta.config.s3["payload_signing_enabled"], plain.meta.config.s3.get("payload_signing_enabled")) == (
        False,
        None,
    )
    for client in (amazon, own, plain):
        assert client.meta.config.request_checksum_calculation == "when_required"
        assert client.meta.config.signature_version == "s3v4"


def test_credentials_that_can_t_be_read_do_not_make_an_object_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever takes a record for missing would do, and pay, its work once more."""
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/films")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "gone"))
    place = open_place("s3://films/archive")
    for look in (place.head, place.read_json, place.read_bytes):
        with pytest.raises(StorageError, match="gone does not exist") as caught:
            look("clip.manifest.json")
        assert not isinstance(caught.value, NotThere)
