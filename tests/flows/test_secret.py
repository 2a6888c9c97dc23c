"""The token is in a header and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from nemo_server import TOKEN, NemoServer
from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import LogSort
from prefect_server import PrefectServer
from pydantic import SecretStr

from prefect_nemovideo.api import OutputSpec, Session
from prefect_nemovideo.api.errors import EditUnknown, NemoVideoError
from prefect_nemovideo.blocks import NemoVideoCredentials
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.problems import describe
from prefect_nemovideo.tasks.sources import Source

Nemo = Callable[..., NemoServer]

SMALL = OutputSpec(resolution="720p")
#: The server writes logs and task runs when it gets to it.
PATIENCE_SECONDS = 60
NEWEST = LogSort.TIMESTAMP_DESC


async def everything_prefect_knows(api: PrefectServer, sentence: str) -> bytes:
    """The bytes of Prefect's database once the log line is in it: runs, parameters, logs, artifacts, events, blocks."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with get_client() as client:
        while sentence not in " ".join(log.message for log in await client.read_logs(limit=200, sort=NEWEST)):
            assert time.monotonic() < deadline, f"“{sentence}” never came into the log."
    return b"".join(file.read_bytes() for file in api.database.parent.glob("prefect.db*"))


def everything_on_disk(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under a folder but the emulator's own, which must know its accounts."""
    for file in folder.rglob("*"):
        if file.is_file() and "nemo" not in file.relative_to(folder).parts[:1]:
            yield str(file), file.read_bytes()


@pytest.mark.parametrize("saved", [False, True])
async def test_a_job_leaves_the_token_nowhere(
    nemo: Nemo,
    prefect_api: PrefectServer,
    small_clip: Path,
    tmp_path: Path,
    saved: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not in the result, the manifest, the log, the database, a finished step or a file; from wherever it comes."""
    service = nemo(instant_renders=True)
    name = "default"
    if saved:
        name = "kept-secret"
        await NemoVideoCredentials(token=SecretStr(TOKEN)).asave(name, overwrite=True)
    with caplog.at_level("DEBUG", logger="prefect_nemovideo"):
        result = await edit_video(
            str(small_clip), "sharpen the details", str(tmp_path / "out"), credentials=name, output=SMALL
        )
    assert TOKEN not in result.model_dump_json()
    assert TOKEN not in caplog.text
    assert TOKEN.encode() not in await everything_prefect_knows(prefect_api, f"Archived: {result.uri}")
    found = [name for name, content in everything_on_disk(tmp_path) if TOKEN.encode() in content]
    assert found == []
    assert {request["headers"]["authorization"] for request in service.requests("cdn")} == {None}
    assert not [request for request in service.requests() if TOKEN in request["path"] + request["query"]]


async def test_an_error_does_not_repeat_a_token_that_the_service_repeats(
    nemo: Nemo, prefect_api: PrefectServer, small_clip: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Some services quote what they refuse: it goes no further than the client."""
    service = nemo()
    reference = token_hex(8)
    said = f"Case {reference}: invalid token: Bearer {TOKEN}"
    service.fault("create_session", "status", status=401, code=1001, message=said)
    with pytest.raises(NemoVideoError) as refused:
        await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)
    seen: BaseException | None = refused.value
    while seen is not None:
        assert TOKEN not in f"{seen!r} {seen} {vars(seen)}"
        seen = seen.__cause__ or seen.__context__
    assert TOKEN not in describe(refused.value).model_dump_json() + caplog.text
    assert TOKEN.encode() not in await everything_prefect_knows(prefect_api, reference)


@pytest.mark.parametrize("draft", [{"cover": "{link}"}, '{"cover": "{link}"}'], ids=["object", "string"])
async def test_what_signs_a_link_is_not_kept_with_an_edit(
    nemo: Nemo,
    prefect_api: PrefectServer,
    small_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    draft: dict[str, str] | str,
) -> None:
    """The state before an edit of unknown outcome stays in the result storage, and so does what an upload gave."""
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0")
    signature = token_hex(16)
    link = f"https://cdn.example/small.mp4?v=2&X-Amz-Signature={signature}"
    service = nemo()
    service.fault("upload", "set_field", field="data.files", value=[{"filename": "small.mp4", "cdn_url": link}])
    shown = {"small.mp4": {"cdn_url": link, "size": small_clip.stat().st_size}}
    linked = {"cover": link} if isinstance(draft, dict) else draft.replace("{link}", link)
    state = {"draft": linked, "video_infos": shown, "latest_export": link, "messages": [f"See {link}."]}
    service.fault("state", "set_field", field="data.state", value=state)
    service.fault("run_sse", "cut_stream", after_events=0, applied=False)
    with pytest.raises(EditUnknown):
        await edit_video(str(small_clip), "sharpen the details", str(tmp_path / "out"), output=SMALL)

    left = list(everything_on_disk(tmp_path / "results"))
    assert [name for name, content in left if b"cdn.example/small.mp4?v=2" in content] != []
    assert [name for name, content in left if signature.encode() in content] == []
    database = b"".join(file.read_bytes() for file in prefect_api.database.parent.glob("prefect.db*"))
    assert signature.encode() not in database


async def test_a_saved_session_names_its_footage_without_what_opens_it() -> None:
    link = "https://user:word@cdn.example/day 1.mp4?X-Amz-Signature=0f"
    saved = Saved(None, None, "account", "video-4k")
    await saved.opened(Session(session_id="1"))
    await saved.uploaded(Source(where=link, kind="web", name="day 1.mp4", bytes=5, identity="web:1"))

    assert saved.block is not None
    assert [file.where for file in saved.block.files] == ["https://cdn.example/day 1.mp4"]
