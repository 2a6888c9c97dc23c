"""The shape that a production has, on one machine and without Docker, of real servers only.

    parent ──> API 1 ──┐                       ┌── worker w1 (asks API 1) ──┐
                       ├── PostgreSQL, Valkey ─┤                            ├── S3 (MiniStack), emulator
               API 2 ──┘        │              └── worker w2 (asks API 2) ──┘
                        services (one process)

Each worker has an API server of its own, where a production would put a load balancer before them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from loopback import LOOPBACK, S3Server, answers, free_ports, start, stop, wait_until
from ministack_server import ministack_server
from nemo_server import TOKEN, NemoServer
from postgres_server import postgres_server
from prefect_server import BUSY
from valkey_server import valkey_server

DEPLOYMENTS = Path(__file__).parents[2] / "deployments"
PREFECT = (sys.executable, "-m", "prefect")
POOL, BUCKET, RESULTS = "nemovideo", "films", "steps"
#: A worker's runs at a time: they wait most of their time, but on one machine they share its processors.
RUNS_A_WORKER = 2

#: What several API servers need, so that each of them knows what the others do.
SHARED = {
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    **BUSY,
    # A new schedule is seen within seconds instead of a minute.
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
}
#: Where finished steps are kept, for whoever goes on in a run.
FOR_RUNS = {"PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK": f"nemovideo-s3-archive/{RESULTS}"}
#: By default a worker asks every 10 s.
FOR_WORKERS = {**FOR_RUNS, "PREFECT_WORKER_QUERY_SECONDS": "1"}


@dataclass
class Cluster:
    """A running cluster.

    Args:
        api_urls: The addresses of the API servers.
        nemo: The emulator, seen from outside.
        environment: What leads Prefect, the flows and boto3 here.
    """

    api_urls: tuple[str, ...]
    s3: S3Server
    nemo: NemoServer
    folder: Path
    environment: dict[str, str]
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def for_users(self) -> dict[str, str]:
        """What leads a shell here."""
        return {**self.environment, **FOR_RUNS}

    def start_worker(self, name: str) -> None:
        """Another worker; it asks the API servers in turn with the others."""
        number = len(self.workers)
        command = [*PREFECT, "worker", "start", "--pool", POOL, "--name", name, "--limit", str(RUNS_A_WORKER)]
        api = {"PREFECT_API_URL": self.api_urls[number % len(self.api_urls)]}
        log = self.folder / f"{name}.log"
        self.workers[name] = start(command, log=log, environment={**self.environment, **FOR_WORKERS, **api})

    def kill_worker(self, name: str) -> None:
        """The worker and every run of it die at once, as with their machine."""
        worker = self.workers.pop(name)
        dying = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        for process in dying:
            process.kill()
        psutil.wait_procs(dying)
        worker.wait()

    def python(self, *words: object) -> str:
        """Runs Python with these words in the cluster and gives what it prints."""
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout


@contextmanager
def cluster(
    folder: Path, workers: tuple[str, ...] = ("w1", "w2"), *, dead_after_seconds: int | None = None
) -> Iterator[Cluster]:
    """Run a cluster; its logs, its bucket and what the emulator keeps are in `folder`.

    Args:
        dead_after_seconds: After how much silence a run is called crashed; as deployments/ has it by default.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        postgres, valkey, s3, nemo = _side_by_side(
            stack,
            lambda: postgres_server(folder),
            lambda: valkey_server(folder),
            lambda: ministack_server(folder / "s3"),
            lambda: _emulator(folder),
        )
        home = {"PREFECT_HOME": str(folder / "prefect")}
        server = {
            **SHARED,
            **home,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.url,
            "PREFECT_REDIS_MESSAGING_URL": f"{valkey}/0",
            # Without it, each process with services would do all of them.
            "PREFECT_SERVER_DOCKET_URL": f"{valkey}/1",
        }
        _migrate(folder, server)
        ports = free_ports(2)
        processes = {}
        for number, port in enumerate(ports, start=1):
            command = [*PREFECT, "server", "start", "--host", LOOPBACK, "--port", str(port), "--no-services"]
            log = folder / f"api-{number}.log"
            url = f"http://{LOOPBACK}:{port}/api"
            # Two that register Prefect's own blocks at once, in a new database, meet in it, and one of them ends.
            own = {"PREFECT_UI_API_URL": url, "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": str(number == 1)}
            processes[log] = start(command, log=log, environment={**server, **own})
            stack.callback(stop, processes[log])
        log = folder / "services.log"
        processes[log] = start([*PREFECT, "server", "services", "start"], log=log, environment=server)
        stack.callback(stop, processes[log])
        wait_until(lambda: all(answers(port, "/api/health") for port in ports), processes)
        urls = tuple(f"http://{LOOPBACK}:{port}/api" for port in ports)
        environment = {**home, "PREFECT_API_URL": urls[0], **s3.environment(), **nemo.environment()}
        running = Cluster(urls, s3, nemo, folder, environment)
        s3.make_bucket(BUCKET)
        s3.make_bucket(RESULTS)
        dead_after = () if dead_after_seconds is None else ("--dead-after", dead_after_seconds)
        running.python(DEPLOYMENTS / "set_up.py", "--results", RESULTS, *dead_after)
        stack.callback(lambda: [stop(worker) for worker in running.workers.values()])
        for name in workers:
            running.start_worker(name)
        yield running


@contextmanager
def _emulator(folder: Path) -> Iterator[NemoServer]:
    """The emulator as a program of its own: instant renders, since orchestration is what is looked at here."""
    (port,) = free_ports(1)
    options = {"tokens": TOKEN, "token_credits": 10**9, "silent_share": 0, "edit_seconds": 0, "instant_renders": True}
    words = [word for name, value in options.items() for word in ("--option", f"{name}={value}")]
    log = folder / "emulator.log"
    command = [sys.executable, "-m", "prefect_nemovideo.emulator", "--port", str(port), "--data", str(folder / "nemo")]
    process = start([*command, *words], log=log, environment={})
    server = NemoServer(f"http://{LOOPBACK}:{port}")
    try:
        wait_until(lambda: answers(port, "/_emulator/options"), {log: process})
        yield server
    finally:
        server.close()
        stop(process)


def _migrate(folder: Path, environment: dict[str, str]) -> None:
    log = folder / "migration.log"
    process = start([*PREFECT, "server", "database", "upgrade", "-y"], log=log, environment=environment)
    if process.wait():
        raise RuntimeError(f"The database could not be made:\n{log.read_text()[-2000:]}")


def _side_by_side(stack: ExitStack, *servers: Callable[[], AbstractContextManager[object]]) -> list[object]:
    """Servers that need nothing of each other, started at the same time."""
    with ThreadPoolExecutor(len(servers)) as pool:
        return list(pool.map(lambda server: stack.enter_context(server()), servers))
