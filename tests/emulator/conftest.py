"""An emulator on a real socket, a client that knows the paths, and a small clip."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest

from prefect_nemovideo.emulator import Emulator, EmulatorOptions

TOKEN = "nmv_usr_test"
ATTRIBUTION = {"X-Skill-Source": "video-4k", "X-Skill-Version": "1.0.0", "X-Skill-Platform": "unknown"}
PATIENCE_SECONDS = 60.0


def until(fact: Callable[[], Any]) -> Any:
    """Wait for something that comes about elsewhere, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := fact():
            return found
        time.sleep(0.02)
    raise AssertionError("It never came about.")


class Caller:
    """Plain HTTP calls to one emulator, by one account and, once made, in one session."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        headers = {"Authorization": f"Bearer {token}", **ATTRIBUTION}
        self.url = url
        self.http = httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_SECONDS)
        self.session_id = ""
        self.task_id = ""

    def begin(self) -> Caller:
        body = {"task_name": "project", "language": "en"}
        data = self.http.post("/api/tasks/me/with-session/nemo_agent", json=body).json()["data"]
        self.session_id, self.task_id = data["session_id"], data["task_id"]
        return self

    def upload(self, *paths: Path) -> httpx.Response:
        files = [("files", (path.name, path.read_bytes(), "video/mp4")) for path in paths]
        return self.http.post(f"/api/upload-video/nemo_agent/me/{self.session_id}", files=files)

    def message(self, text: str) -> dict[str, Any]:
        message = {"parts": [{"text": text}]}
        return {"app_name": "nemo_agent", "user_id": "me", "session_id": self.session_id, "new_message": message}

    def say(self, text: str) -> httpx.Response:
        return self.http.post("/run_sse", json=self.message(text), headers={"Accept": "text/event-stream"})

    def state(self) -> dict[str, Any]:
        reply = self.http.get(f"/api/state/nemo_agent/me/{self.session_id}/latest")
        data: dict[str, Any] = reply.json()["data"]
        return data

    def draft(self) -> dict[str, Any]:
        draft: dict[str, Any] = self.state()["state"]["draft"]
        return draft

    def credits(self) -> dict[str, int]:
        data: dict[str, int] = self.http.get("/api/credits/balance/simple").json()["data"]
        return data

    def export(self, render_id: str, **output: Any) -> httpx.Response:
        wish = {"format": "mp4", "quality": "high", **output}
        body = {"id": render_id, "sessionId": self.session_id, "draft": self.draft(), "output": wish}
        return self.http.post("/api/render/proxy/lambda", json=body)

    def status(self, render_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.http.get(f"/api/render/proxy/lambda/{render_id}").json()
        return shown

    def exported(self, render_id: str) -> dict[str, Any]:
        """The status of a render once it is over."""

        def over() -> dict[str, Any] | None:
            shown = self.status(render_id)
            return shown if shown["status"] in ("completed", "failed", "cancelled") else None

        shown: dict[str, Any] = until(over)
        return shown

    def fault(self, **rule: Any) -> None:
        assert self.http.post("/_emulator/faults", json=[rule]).status_code == 200

    def look(self, what: str) -> Any:
        return self.http.get(f"/_emulator/{what}").json()


def events(body: bytes) -> list[dict[str, Any]]:
    """The JSON of a stream's events."""
    lines = [line.removeprefix(b"data:").strip() for line in body.split(b"\n") if line.startswith(b"data:")]
    return [json.loads(line) for line in lines if line]


@pytest.fixture
def unfinished(tmp_path: Path) -> Callable[[], list[Path]]:
    """The files that emulators on the test's folder have begun and not finished."""

    def look() -> list[Path]:
        return [path for path in (tmp_path / "data").glob("instances/*/*") if path.name != "lock"]

    return look


@pytest.fixture(name="events")
def events_fixture() -> Callable[[bytes], list[dict[str, Any]]]:
    return events


@pytest.fixture(name="until")
def until_fixture() -> Callable[[Callable[[], Any]], Any]:
    return until


@pytest.fixture
def emulate(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """Start an emulator with the given options, all on one folder; what comes back calls it."""
    with ExitStack() as stack:

        def start(**options: Any) -> Caller:
            chosen = EmulatorOptions(**{"tokens": (TOKEN,), "silent_share": 0, "edit_seconds": 0, **options})
            emulator = stack.enter_context(Emulator(data_dir=tmp_path / "data", options=chosen))
            caller = Caller(emulator.url)
            stack.callback(caller.http.close)
            return caller

        yield start


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> tuple[Path, Caller]:
    """The data folder of an emulator that has a session with the clip in it, and who began that session."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    with Emulator(data_dir=folder, options=EmulatorOptions(tokens=(TOKEN,))) as emulator:
        caller = Caller(emulator.url).begin()
        assert caller.upload(clip).status_code == 200
        caller.http.close()
    return folder, caller


@pytest.fixture
def ready(emulate: Callable[..., Caller], prepared: tuple[Path, Caller], tmp_path: Path) -> Callable[..., Caller]:
    """Start an emulator with the given options that has a session with the clip in it already."""
    folder, begun = prepared
    shutil.copytree(folder, tmp_path / "data")

    def start(**options: Any) -> Caller:
        caller = emulate(**options)
        caller.session_id, caller.task_id = begun.session_id, begun.task_id
        return caller

    return start


@pytest.fixture
def caller_at() -> Callable[..., Caller]:
    """A caller of an emulator that somebody else started."""
    return Caller


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a test picture with a tone."""
    path = tmp_path_factory.mktemp("media") / "city timelapse.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", "testsrc2=s=320x180:r=25:d=2", "-f", "lavfi", "-i", "sine=440:d=2", "-preset", "ultrafast"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", "-shortest", str(path)], check=True)
    return path
