"""What the proofs share: the profiles with their own words, a small output, and a terminal whose lines are piped."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import imageio_ffmpeg
import pytest
from nemo_server import QUICK, NemoServer
from prefect_server import PrefectServer

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.results import VideoResult

#: What a command line is given at most before a test is lost.
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Skill:
    """One of the two documented skills: its profile, and what to say of which footage, as documented."""

    profile: str
    example: str
    footage: str
    short: str
    recording: str
    sends_language: bool


SKILLS = (
    Skill(
        "video-4k",
        "upscale this video to 4K and sharpen the details",
        "convert my raw video footage",
        "upscale this video to 4K and",
        "1920x1080",
        sends_language=True,
    ),
    Skill(
        "4k-with-session",
        "edit this 4K footage and save the session so I can come back and make changes later",
        "edit my raw video footage",
        "edit this 4K footage and save",
        "3840x2160",
        sends_language=False,
    ),
)


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str


Nemo = Callable[..., NemoServer]
Command = Callable[..., Said]


@pytest.fixture(params=SKILLS, ids=[skill.profile for skill in SKILLS])
def skill(request: pytest.FixtureRequest) -> Skill:
    """Each of the two skills."""
    found: Skill = request.param
    return found


@pytest.fixture
def name() -> str:
    """The name of a saved session that no other test uses: all share one Prefect server."""
    return f"proof-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def small() -> OutputSpec:
    """An output that is rendered in no time."""
    return OutputSpec(resolution="320x180")


@pytest.fixture
def file_of() -> Callable[[VideoResult], Path]:
    """The delivered file, where the archive is a folder."""
    return lambda result: Path(unquote(urlsplit(result.uri).path))


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a clip of 1 s in the container of an ending, with a codec that is at home there, and with sound."""
    folder = tmp_path_factory.mktemp("footage")

    def make(ending: str, size: str = "320x180") -> Path:
        target = folder / f"{size}.{ending}"
        codec = ["libvpx", "-deadline", "realtime"] if ending == "webm" else ["libx264", "-preset", "ultrafast"]
        encode = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-f", "lavfi"]
        encode += ["-i", f"testsrc2=size={size}:rate=25:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
        encode += ["-c:v", *codec, "-pix_fmt", "yuv420p", str(target)]
        subprocess.run(encode, check=True)
        return target

    return make


@pytest.fixture
def command(prefect_server: PrefectServer, tmp_path: Path, own_environment: None) -> Command:
    """Runs `prefect-nemovideo WORDS` in a folder of its own, with lines piped in, against the tests' Prefect server."""

    def run(*words: str, lines: str = "", environment: Mapping[str, str] | None = None) -> Said:
        ended = subprocess.run(
            [sys.executable, "-m", "prefect_nemovideo.cli", *words],
            cwd=tmp_path,
            env={
                **os.environ,
                "PREFECT_API_URL": prefect_server.api_url,
                "PREFECT_LOCAL_STORAGE_PATH": str(tmp_path / "results"),
                **QUICK,
                **(environment or {}),
            },
            input=lines,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        return Said(ended.returncode, ended.stdout, ended.stderr)

    return run
