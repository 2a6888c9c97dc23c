"""`make cluster-test`: a thousand jobs through a cluster, of which a worker and the parent are killed on the way.

python tests/servers/cluster_trial.py [--jobs 1000]

What happened is counted at the emulator and in the bucket, not in our code: every job edited once, charged once and
archived once. Then it is measured what two workers do beside one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from cluster import BUCKET, Cluster, cluster

ROOT = Path(__file__).parents[2]
JOBS, CHUNK, CONCURRENCY = 1000, 10, 5
#: Jobs for the comparison of one worker with two: some minutes.
MEASURED_JOBS = 80
#: A run that has been silent for so long has died; as short as the heartbeats of every 30 s allow.
DEAD_AFTER_SECONDS = 65
CREDITS_PER_EDIT = 50
#: The worker dies when this share of the videos is there, the parent at the other.
WORKER_DIES_AT, PARENT_DIES_AT = 0.2, 0.5
PATIENCE_SECONDS = 3600
LOOK_SECONDS = 0.5


@dataclass
class Batch:
    """A batch of so many jobs on one clip, as a person starts it: a command in a shell of the cluster."""

    cluster: Cluster
    name: str
    jobs: int
    chunk: int = CHUNK
    clip: Path = field(init=False)

    def __post_init__(self) -> None:
        folder = self.cluster.folder / self.name
        folder.mkdir()
        self.clip = folder / "clip.mp4"
        _film(self.clip)
        rows = [
            {"source": str(self.clip), "instructions": [f'add a title saying "{self.name} {number}"'],
             "name": f"{self.name}-{number:04}", "resolution": "256x144"}
            for number in range(self.jobs)
        ]  # fmt: skip
        self.manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))

    @property
    def manifest(self) -> Path:
        return self.cluster.folder / self.name / f"{self.name}.jsonl"

    def begin(self) -> subprocess.Popen[str]:
        """Starts the parent."""
        words = ["batch", str(self.manifest), "--archive", f"s3://{BUCKET}/{self.name}", "--json"]
        words += ["--deployment", "edit-batch/chunk", "--chunk", str(self.chunk), "--concurrency", str(CONCURRENCY)]
        return subprocess.Popen(
            [sys.executable, "-m", "prefect_nemovideo.cli", *words],
            env={"PATH": "", "HOME": str(self.cluster.folder), **self.cluster.for_users()},
            cwd=self.cluster.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(self.cluster.folder / f"{self.name}.log").open("a"),
            text=True,
        )

    def end(self, parent: subprocess.Popen[str]) -> dict[str, Any]:
        """Waits for the parent, and gives what it printed."""
        with parent:
            out, _ = parent.communicate(timeout=PATIENCE_SECONDS)
        if not out:
            raise RuntimeError(f"The batch ended with {parent.returncode}:\n{self.log()}")
        document: dict[str, Any] = json.loads(out)
        return document

    def log(self) -> str:
        return (self.cluster.folder / f"{self.name}.log").read_text()[-3000:]

    def archived(self) -> list[str]:
        """The names of the videos that are in the bucket."""
        pages = (
            self.cluster.s3.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{self.name}/")
        )
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return [Path(key).name for key in keys if key.endswith(".mp4")]

    def until(self, share: float, parent: subprocess.Popen[str]) -> None:
        """Waits until this share of the videos is in the bucket."""
        _wait(lambda: len(self.archived()) >= share * self.jobs or parent.poll() is not None)


def survive(running: Cluster, jobs: int, *, chunk: int = CHUNK, kill_parent: bool = True) -> dict[str, int]:
    """Has a batch made while a worker dies, and its parent too; what was done then, as others counted it.

    Args:
        running: A cluster with the workers w1 and w2, which nobody else uses.
        kill_parent: Else only the worker dies.
    """
    batch = Batch(running, "trial", jobs, chunk)
    before = _asked(running)
    parent = batch.begin()
    batch.until(WORKER_DIES_AT, parent)
    running.kill_worker("w1")
    # As whatever watches over services would do.
    running.start_worker("w3")
    if kill_parent:
        batch.until(PARENT_DIES_AT, parent)
        with parent:
            parent.kill()
            parent.communicate()
        parent = batch.begin()
    result = batch.end(parent)
    asked = _asked(running) - before
    return {
        "total": result["total"],
        "made or done before": result["completed"] + result["skipped"],
        "edits sent": asked["run_sse"],
        "uploads": asked["upload"],
        "credits charged": asked["credits"],
        "videos archived": len(batch.archived()),
    }


def _asked(running: Cluster) -> Counter[str]:
    asked = Counter(request["endpoint"] for request in running.nemo.requests("run_sse", "upload"))
    return asked + Counter(credits=running.nemo.charged())


def wanted(jobs: int) -> dict[str, int]:
    """What `survive` counts when nothing is lost and nothing is done twice."""
    each = ("total", "made or done before", "edits sent", "uploads", "videos archived")
    return {**dict.fromkeys(each, jobs), "credits charged": jobs * CREDITS_PER_EDIT}


def seconds_for(running: Cluster, name: str, jobs: int) -> float:
    """How long a batch takes with the workers that there are."""
    batch = Batch(running, name, jobs)
    began = time.monotonic()
    result = batch.end(batch.begin())
    if result["completed"] != jobs:
        raise RuntimeError(f"Only {result['completed']} of {jobs} were made:\n{batch.log()}")
    return time.monotonic() - began


def _film(target: Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-f", "lavfi"]
    command += ["-i", "testsrc2=size=256x144:rate=25:duration=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(target)]
    subprocess.run(command, check=True)


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError("It takes too long.")
        time.sleep(LOOK_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS)
    jobs: int = parser.parse_args().jobs
    with tempfile.TemporaryDirectory(prefix="nemovideo-cluster-") as folder:
        began = time.monotonic()
        with cluster(Path(folder) / "trial", dead_after_seconds=DEAD_AFTER_SECONDS) as running:
            counted = survive(running, jobs)
        seconds = time.monotonic() - began
        for name, count in counted.items():
            print(f"{name:22}{count:8,}")
        if counted != wanted(jobs):
            print(f"Wanted: {wanted(jobs)}", file=sys.stderr)
            return 1
        print(f"All done exactly once in {seconds:.0f} s, with a worker and the parent killed on the way.")
        took = {}
        for name, workers in (("one", ("w1",)), ("two", ("w1", "w2"))):
            with cluster(Path(folder) / name, workers) as running:
                took[name] = seconds_for(running, name, MEASURED_JOBS)
    print(f"{MEASURED_JOBS} jobs: {took['one']:.0f} s with one worker, {took['two']:.0f} s with two.")
    _keep(jobs, seconds, took)
    return 0


def _keep(jobs: int, seconds: float, took: dict[str, float]) -> None:
    sys.path.insert(0, str(ROOT))
    from benchmarks import report
    from benchmarks.machine import machine

    def row(name: str, title: str, wall: float, beside: str | None, other: float | None, goals: list[Any]) -> None:
        medians = {"ours": {"wall": round(wall, 1)}, "opponent": {"wall": round(other, 1)} if other else {}}
        date = datetime.now(UTC).date().isoformat()
        facts = {"row": name, "title": title, "group": "Cluster (make cluster-test)", "opponent": beside}
        report.keep({**facts, "machine": machine(), "date": date, "medians": medians, "goals": goals})

    each_once = {"asked": "each done exactly once", "came": f"{jobs:,} of {jobs:,}", "value": jobs, "met": True}
    row("cluster", f"{jobs:,} jobs, a worker and the parent killed on the way", seconds, None, None, [each_once])
    ratio = took["two"] / took["one"]
    told = {"asked": "told", "came": f"{ratio:.2f} ×", "value": round(ratio, 2), "met": True}
    title = f"{MEASURED_JOBS} jobs with two workers"
    row("cluster_workers", title, took["two"], "one worker", took["one"], [told])
    report.write_page()


if __name__ == "__main__":
    sys.exit(main())
