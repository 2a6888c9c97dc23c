"""The matrices' own modules, and the machines that their samples run on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import S3Server
from machines import Machines
from machines import machines as set_up
from prefect_server import PrefectServer
from prefect_server import prefect_server as serve_prefect


@pytest.fixture(scope="session")
def machines(
    tmp_path_factory: pytest.TempPathFactory, prefect_server: PrefectServer, ministack_s3: S3Server
) -> Iterator[Machines]:
    """Two lanes, the session's Prefect server, and another one that has never heard of its runs."""
    with (
        serve_prefect(tmp_path_factory.mktemp("other-prefect")) as other,
        set_up(tmp_path_factory.mktemp("reliability"), (prefect_server, other), ministack_s3) as running,
    ):
        yield running
