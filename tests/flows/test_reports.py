"""A batch where people look: its page in the archive, its table and progress in Prefect, its events."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from nemo_server import NemoServer
from PIL import Image
from prefect_server import PrefectServer

from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.manifests import rows_given
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.storage import StorageError

pytestmark = pytest.mark.usefixtures("prefect_api")
Nemo = Callable[..., NemoServer]
#: What is sent in the background arrives within a second; only a hang takes so long.
PATIENCE_SECONDS = 60


@pytest.fixture
def manifest(small_clip: Path, tmp_path: Path) -> Path:
    """Two videos that can be made, one file that isn't there, and one too many for 150 credits."""
    rows = [
        {"source": str(small_clip), "instructions": "sharpen the details", "resolution": "720p", "name": "a"},
        {"source": str(small_clip), "instructions": "make it black and white", "resolution": "720p", "name": "b"},
        {"source": str(tmp_path / "none.mp4"), "instructions": "make it square", "resolution": "720p"},
        {"source": str(small_clip), "instructions": "make it brighter|sharpen it", "resolution": "720p", "name": "c"},
    ]
    path = tmp_path / "Tonight's films.json"
    path.write_text(json.dumps(rows))
    return path


def events(server: PrefectServer, batch: str, count: int) -> list[dict[str, Any]]:
    """The jobs' events of a batch, once there are so many."""
    wanted = {"event": {"prefix": ["nemovideo.job."]}, "any_resource": {"id": [f"nemovideo.batch.{batch}"]}}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = httpx.post(f"{server.api_url}/events/filter", json={"filter": wanted}).json()["events"]
        if len(found) >= count or time.monotonic() > deadline:
            return list(found)
        time.sleep(0.1)


def artifacts(server: PrefectServer, **wanted: str) -> list[dict[str, Any]]:
    body = {"artifacts": {name: {"any_": [value]} for name, value in wanted.items()}}
    return list(httpx.post(f"{server.api_url}/artifacts/filter", json=body).json())


async def test_a_batch_is_told_wherever_people_look(
    nemo: Nemo, manifest: Path, tmp_path: Path, prefect_api: PrefectServer
) -> None:
    """Page, pictures, table, progress and an event for each job: all of the same four videos."""
    nemo(instant_renders=True)
    result = await edit_batch(str(manifest), str(tmp_path / "out"), concurrency=1, max_credits=150)
    assert (result.completed, result.failed, result.deferred) == (2, 1, 1)

    page = (tmp_path / "out" / "Tonight's films.html").read_text()
    links = {unquote(link) for link in re.findall(r'(?:src|href)="\./([^"]+)"', page)}
    assert len(links) == 8
    assert all((tmp_path / "out" / link).is_file() for link in links), links
    made = [item for item in result.items if isinstance(item, VideoResult)]
    for video in made:
        assert video.pictures is not None
        for name, size in ((video.pictures.after, (800, 450)), (video.pictures.before, (320, 180))):
            with Image.open(tmp_path / "out" / str(name)) as picture:
                assert picture.size == size

    (table,) = artifacts(prefect_api, key="nemovideo-batch-tonight-s-films")
    rows = json.loads(table["data"])
    assert [row["state"] for row in rows] == ["failed", "deferred", "made", "made"]
    assert "Next" not in rows[0]["to do"]
    assert "Gallery: `file://" in table["description"]
    assert "\n- **none.mp4** failed: There is no file" in table["description"]
    progress = artifacts(prefect_api, type="progress", flow_run_id=table["flow_run_id"])
    assert [artifact["data"] for artifact in progress] == [100]

    told = events(prefect_api, "Tonight's films", 4)
    assert sorted(event["event"].rpartition(".")[2] for event in told) == [
        "completed",
        "completed",
        "deferred",
        "failed",
    ]
    completed = next(event for event in told if event["event"].endswith("completed"))
    assert completed["resource"]["prefect.resource.id"] in {f"nemovideo.job.{video.job_key}" for video in made}
    assert completed["payload"]["uri"] in {video.uri for video in made}
    failed = next(event for event in told if event["event"].endswith("failed"))
    assert failed["payload"]["source"].endswith("none.mp4")
    assert failed["payload"]["next_step"]


async def test_the_events_of_a_chunk_are_those_of_its_batch(
    nemo: Nemo, tmp_path: Path, prefect_api: PrefectServer
) -> None:
    """Whoever watches a batch sees its jobs, whichever run they are in."""
    nemo()
    rows = [{"source": str(tmp_path / "none.mp4"), "instructions": "make it square"}]
    await edit_batch(rows, str(tmp_path / "out"), part_of="spread over workers")
    (told,) = events(prefect_api, "spread over workers", 1)
    assert told["event"] == "nemovideo.job.failed"


async def test_a_page_that_can_not_be_put_fails_no_batch(nemo: Nemo, small_clip: Path, tmp_path: Path) -> None:
    """With a folder where the page is to be, the video is made all the same."""
    nemo(instant_renders=True)
    rows = [{"source": str(small_clip), "instructions": "sharpen the details", "resolution": "720p"}]
    (tmp_path / "out" / f"{rows_given(rows).name}.html").mkdir(parents=True)
    result = await edit_batch(rows, str(tmp_path / "out"))
    assert result.completed == 1


async def test_a_page_of_somebody_else_is_not_replaced(nemo: Nemo, manifest: Path, tmp_path: Path) -> None:
    """The batch is made all the same; its own page, of an earlier run, is replaced."""
    nemo(instant_renders=True)
    page = tmp_path / "out" / "Tonight's films.html"
    page.parent.mkdir()
    page.write_text("<h1>What we watch tonight</h1>")
    assert (await edit_batch(str(manifest), str(tmp_path / "out"), max_credits=100)).completed > 0
    assert page.read_text() == "<h1>What we watch tonight</h1>"
    page.unlink()
    await edit_batch(str(manifest), str(tmp_path / "out"), max_credits=0)
    first = page.read_text()
    await edit_batch(str(manifest), str(tmp_path / "out"), max_credits=100)
    assert page.read_text() != first


@pytest.mark.parametrize("content", ['{"films": ["a"]}', "[1]", "films"])
async def test_a_document_of_somebody_else_is_not_replaced(
    nemo: Nemo, manifest: Path, tmp_path: Path, content: str
) -> None:
    """Without its report a batch could not be gone on with: it is refused before anything is sent."""
    service = nemo(instant_renders=True)
    report = tmp_path / "out" / "Tonight's films.batch.json"
    report.parent.mkdir()
    report.write_text(content)
    with pytest.raises(StorageError, match="Move it away"):
        await edit_batch(str(manifest), str(tmp_path / "out"))
    assert report.read_text() == content
    assert service.writes() == []
