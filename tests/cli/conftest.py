"""The command line in a process of its own, on the session's Prefect server and an emulator of the test's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import command
import pytest
from prefect_server import PrefectServer


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder for temporary files: nothing may be left in it."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def cli(prefect_server: PrefectServer, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., command.Ended]:
    """Runs a command to its end; variables by keyword."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.api_url)
    monkeypatch.setenv("TMPDIR", str(scratch))
    return command.run
