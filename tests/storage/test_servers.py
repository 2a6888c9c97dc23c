"""The S3 servers of the tests are real programs, and nobody but this machine can reach them."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback import S3Server


def test_swift_listens_on_loopback_only(swift_s3: S3Server) -> None:
    """Each of Swift's four processes listens on 127.0.0.1 and nowhere else."""
    listening = [_listening_addresses(pid) for pid in swift_s3.pids]
    assert listening == [{"127.0.0.1"}] * 4


def test_ministack_listens_on_loopback_only(ministack_s3: S3Server) -> None:
    """MiniStack opens one port on 127.0.0.1: no SFTP, no MQTT, no other interface."""
    assert [_listening_addresses(pid) for pid in ministack_s3.pids] == [{"127.0.0.1"}]


@pytest.mark.parametrize("server", ["swift_s3", "ministack_s3"])
def test_a_bucket_can_be_made(server: str, request: pytest.FixtureRequest) -> None:
    """A bucket that was made is listed by the server."""
    s3: S3Server = request.getfixturevalue(server)
    name = s3.make_bucket()
    assert name in [bucket["Name"] for bucket in s3.client().list_buckets()["Buckets"]]


LISTEN_STATE = "0A"


def _listening_addresses(pid: int) -> set[str]:
    """The local addresses on which a process listens, from the kernel's own tables."""
    handles = [entry for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    inodes = {name[8:-1] for entry in handles if (name := str(entry.readlink())).startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTEN_STATE and columns[9] in inodes:
                address = columns[1].split(":")[0]
                octets = reversed(bytes.fromhex(address)) if table == "tcp" else bytes.fromhex(address)
                found.add(".".join(map(str, octets)))
    return found
