"""What every test may use: a clean environment, small clips, and real S3 servers on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

sys.path.insert(0, str(Path(__file__).parent / "servers"))

from loopback import S3Server
from ministack_server import ministack_server
from nemo_server import NemoServer, nemo_server
from prefect_server import PrefectServer
from prefect_server import prefect_server as serve_prefect
from swift_server import swift_server

# Settings of the person who runs the tests must not reach them, nor tests the person's accounts.
FOREIGN_SETTINGS = ("AWS_", "BOTO_", "NEMO_", "NEMOVIDEO_", "PREFECT_API_", "SKILL_SOURCE", "XDG_")


# A shell ignores Ctrl-C for what it runs in the background, and every command of the tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an empty home and no token, key, endpoint or server of anybody's."""
    for name in [name for name in os.environ if name.startswith(FOREIGN_SETTINGS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    # boto3 would ask the network for the credentials of a cloud machine.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def swift_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """OpenStack Swift: checks signatures, enforces checksums."""
    with swift_server(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture(scope="session")
def ministack_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """MiniStack: stores checksums and shows them again."""
    with ministack_server(tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture(scope="session")
def sample_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """640x360, 3 s, 25 frames a second, H.264 with an AAC tone."""
    return _film(tmp_path_factory.mktemp("clips") / "sample.mp4", "640x360", 25, 3)


@pytest.fixture(scope="session")
def hd_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1920x1080, 2 s, 30 frames a second, a moving test picture with sound."""
    return _film(tmp_path_factory.mktemp("clips") / "hd.mp4", "1920x1080", 30, 2)


def _film(target: Path, size: str, fps: int, seconds: int) -> Path:
    picture = f"testsrc2=size={size}:rate={fps}:duration={seconds}"
    sound = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    command += ["-movflags", "+faststart", str(target)]
    subprocess.run(command, check=True)
    return target


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A real Prefect server, one for all tests of the session."""
    from prefect.logging.handlers import APILogWorker

    with serve_prefect(tmp_path_factory.mktemp("prefect")) as server:
        yield server
        # What is still on its way to the server would be complained about when it is gone.
        APILogWorker.drain_all()


@pytest.fixture
def prefect_api(prefect_server: PrefectServer, tmp_path: Path) -> Iterator[PrefectServer]:
    """Flows and blocks of this test's process use that server; finished steps are kept for this test alone."""
    from prefect.settings import PREFECT_API_URL, PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    kept = {PREFECT_API_URL: prefect_server.api_url, PREFECT_LOCAL_STORAGE_PATH: tmp_path / "results"}
    with temporary_settings(kept):
        yield prefect_server


@pytest.fixture
def nemo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., NemoServer]]:
    """Start an emulator with the given options; the environment leads the client there."""
    with ExitStack() as stack:

        def start(**options: Any) -> NemoServer:
            server = stack.enter_context(nemo_server(tmp_path / "nemo", **options))
            for name, value in server.environment().items():
                monkeypatch.setenv(name, value)
            return server

        yield start


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """320x180, 1 s, 25 frames a second, with sound: for whatever does not depend on the picture."""
    return _film(tmp_path_factory.mktemp("clips") / "small.mp4", "320x180", 25, 1)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known by which tests say what of the documentation they prove."""
    config.addinivalue_line(
        "markers", "conformance(*rows): proves these rows of tests/conformance/rows.py, as docs/conformance.md shows"
    )
