"""Where one job at a time runs: an emulator and a bucket of its own behind proxies that can kill it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import names
from crossing import Crossing, Gate
from loopback import S3Server
from nemo_server import TOKEN, NemoServer, nemo_server

INSTRUCTIONS = ("sharpen the details", 'add a title saying "Paradise Found"')
SIZE = "320x180"
BUCKET = "reliability"
#: Where an emulator keeps what it knows, in the folder of its lane.
SERVICE_FOLDER = "nemo"
#: A job takes some seconds; recovery, with the waits below, some more. The machine may be busy.
PATIENCE_SECONDS = 240
#: Waits as short as they can be without a change of the order in which things are done.
WAITS = {
    # Longer than a render takes: the number of looks is the same in every run.
    "NEMO_POLL_INTERVAL_SECONDS": "1.0",
    "NEMO_POLL_MAX_INTERVAL_SECONDS": "1.0",
    "NEMO_RECOVERY_DELAYS_SECONDS": "0.2,0.5,1",
}
RENDER_SECONDS = 0.3
FOREIGN = ("AWS_", "BOTO_", "NEMO_", "NEMOVIDEO_", "PREFECT_", "PREFECT__", "SKILL_SOURCE", "XDG_")


@dataclass
class Ended:
    """A process that has ended, or was killed."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The code of the error that `--json` printed, "" for none."""
        try:
            return str(json.loads(self.out).get("error", {}).get("code", ""))
        except ValueError:
            return "no document" if self.code else ""


@dataclass
class Work:
    """One job: its own clip (and so its own key), home, archive and prefix.

    Args:
        folder: Everything of it.
    """

    folder: Path
    clip: Path
    bucketed: bool = False

    @property
    def prefix(self) -> str:
        return self.folder.name

    @property
    def archive(self) -> str:
        return f"s3://{BUCKET}/{self.prefix}" if self.bucketed else str(self.folder / "archive")

    def home(self, number: int) -> Path:
        """A machine's home, empty when it is first asked for."""
        home = self.folder / f"home-{number}"
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        return home


class Lane:
    """See the module. Thread-safe against other lanes, not in itself."""

    def __init__(self, folder: Path, service: NemoServer, gate: Gate, api: Crossing, s3: Crossing, bucket: S3Server):
        self.folder, self.service, self.gate = folder, service, gate
        self.s3_server = bucket
        self._api, self._s3 = api, s3

    @property
    def door(self) -> str:
        """The emulator's address behind the proxy."""
        return self._api.url

    def refuse(self, seconds: float) -> None:
        """Nobody listens behind the door for so long."""
        self._api.refuse_now(seconds)

    def mend(self) -> None:
        """Nothing is wrong any more."""
        self.service.heal()
        self._api.listen_now()

    def begin(self, clip: Path, *, bucketed: bool = False, **options: Any) -> Work:
        """A new job, which has never run: the emulator remembers nothing."""
        self.mend()
        self.service.reset(options=True)
        self.service.options(**{"instant_renders": True, "render_seconds": RENDER_SECONDS, **options})
        self.gate.clear()
        folder = self.folder / f"job-{token_hex(6)}"
        folder.mkdir(parents=True)
        own = folder / "clip.mp4"
        # An MP4 may end with a box that nobody reads: the same film, another file, another job.
        own.write_bytes(clip.read_bytes() + b"\0\0\0\x18free" + token_hex(8).encode())
        return Work(folder, own, bucketed)

    def environment(self, work: Work, home: Path, prefect_url: str) -> dict[str, str]:
        """What a process of the job finds around it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        shared = {}
        if work.bucketed:
            shared = {
                **self.s3_server.environment(),
                "AWS_ENDPOINT_URL_S3": self._s3.url,
                "PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK": "nemovideo-s3-archive/steps",
            }
        return {
            **own,
            **WAITS,
            **shared,
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PREFECT_API_URL": prefect_url,
            "NEMO_API_URL": self._api.url,
            "NEMO_TOKEN": TOKEN,
        }

    def command(self, work: Work, home: Path, prefect_url: str, *more: str) -> Ended:
        """`prefect-nemovideo edit …`, as a person types it, to its end or until it is killed."""
        words = ["edit", str(work.clip), "--archive", work.archive, "--resolution", SIZE, "--json", *more]
        for instruction in INSTRUCTIONS:
            words += ["-i", instruction]
        return self.process([sys.executable, "-m", "prefect_nemovideo.cli", *words], work, home, prefect_url)

    def process(self, words: list[str], work: Work, home: Path, prefect_url: str, **more: str) -> Ended:
        """A program of the job, to its end."""
        environment = {**self.environment(work, home, prefect_url), **more}
        with (home / "out.log").open("a+") as out, (home / "err.log").open("a+") as err:
            start = out.tell(), err.tell()
            process = subprocess.Popen(
                words, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            texts = []
            for file, begin in zip((out, err), start, strict=True):
                file.seek(begin)
                texts.append(file.read())
        return Ended(process.returncode, *texts)


@contextmanager
def lane(folder: Path, s3: S3Server) -> Iterator[Lane]:
    """Opens one."""
    with ExitStack() as stack:
        service = stack.enter_context(nemo_server(folder / SERVICE_FOLDER))
        gate = Gate()
        api = stack.enter_context(Crossing(service.url, gate, names.of_nemo))
        bucket = stack.enter_context(Crossing(s3.endpoint_url, gate, names.of_s3))
        yield Lane(folder, service, gate, api, bucket, s3)
