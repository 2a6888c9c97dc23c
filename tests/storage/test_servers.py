"""The S3 servers of the tests are real programs, and nobody but this machine can reach them."""

from __future__ import annotations

import pytest
from loopback import S3Server, listening_addresses


def test_swift_listens_on_loopback_only(swift_s3: S3Server) -> None:
    """Each of Swift's four processes listens on 127.0.0.1 and nowhere else."""
    listening = [listening_addresses(pid) for pid in swift_s3.pids]
    assert listening == [{"127.0.0.1"}] * 4


def test_ministack_listens_on_loopback_only(ministack_s3: S3Server) -> None:
    """MiniStack opens one port on 127.0.0.1: no SFTP, no MQTT, no other interface."""
    assert [listening_addresses(pid) for pid in ministack_s3.pids] == [{"127.0.0.1"}]


@pytest.mark.parametrize("server", ["swift_s3", "ministack_s3"])
def test_a_bucket_can_be_made(server: str, request: pytest.FixtureRequest) -> None:
    """A bucket that was made is listed by the server."""
    s3: S3Server = request.getfixturevalue(server)
    name = s3.make_bucket()
    assert name in [bucket["Name"] for bucket in s3.client().list_buckets()["Buckets"]]
