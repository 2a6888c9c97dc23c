"""Footage and batches for the tests of flows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from session_batches import Rows

from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.results import BatchResult


@pytest.fixture
def clips(small_clip: Path, sample_clip: Path, tmp_path: Path) -> Path:
    """A folder with `a.mp4`, a second long, and `b.mp4`, three seconds long."""
    folder = tmp_path / "clips"
    folder.mkdir()
    shutil.copy(small_clip, folder / "a.mp4")
    shutil.copy(sample_clip, folder / "b.mp4")
    return folder


@pytest.fixture
def rows(clips: Path) -> Rows:
    """Both of them, with an instruction each."""
    return [
        {"source": str(clips / "a.mp4"), "instructions": "sharpen the details", "resolution": "320x180"},
        {"source": str(clips / "b.mp4"), "instructions": "make it brighter", "resolution": "320x180"},
    ]


@pytest.fixture
def batch(tmp_path: Path) -> Callable[..., Any]:
    """A batch in one session."""

    async def run(manifest: str | Rows, **wishes: Any) -> BatchResult:
        return await edit_batch(manifest, str(tmp_path / "out"), mode="session", **wishes)

    return run
