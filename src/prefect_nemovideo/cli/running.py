"""Runs a command: sets the scene, turns errors into sentences and exit codes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import importlib
import json
import logging
import os
import select
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from prefect_nemovideo.cli.local import local_backend
from prefect_nemovideo.words import printable, shown_address

#: Environment that Prefect reads when it is imported; what the user has set goes before it.
PREFECT_DEFAULTS = {
    # The first temporary server makes its database: 10 s on a quiet machine, more on a busy one.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Two more than Prefect's own: four minutes. A server on SQLite may stand still for one, and one that starts anew is
    # away for as long; a job that gave up then would leave its work to the next command.
    "PREFECT_CLIENT_MAX_RETRIES": "7",
    # What the client logs belongs to the run's log.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "prefect_nemovideo",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    # A temporary server shares this machine: it writes task runs and events by the hundred, not one by one.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
}
#: Without --verbose this program says in its own words what Prefect would say in its own.
QUIET = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
#: Loggers of Prefect that its settings don't reach: "Still processing items…", at the end of a command.
CHATTY = ("APILogWorker", "EventsWorker")


def run(chosen: argparse.Namespace) -> int:
    """Runs the command that was typed and returns its exit code."""
    set_scene(verbose=getattr(chosen, "verbose", False))
    with contextlib.ExitStack() as stack:
        try:
            if getattr(chosen, "local", False):
                chosen.credentials = stack.enter_context(local_backend())
            # Each command brings its own libraries: nobody waits for those of another one.
            command = importlib.import_module(f"prefect_nemovideo.cli.{chosen.command}")
            result = command.run(chosen)
            if asyncio.iscoroutine(result):
                result = asyncio.run(_with_watcher(result))
        except BaseException as error:
            # The end of the line: told in a sentence; a defect keeps its traceback. Where the output takes no more,
            # whoever called sees to it.
            if isinstance(error, SystemExit | GeneratorExit) or is_disk_full(error) or _is_unread(error):
                raise
            return fail(error, chosen)
    return int(result or 0)


def is_disk_full(error: BaseException) -> bool:
    """Whether there is no room for the output; for a video, the storage has an error of its own."""
    return isinstance(error, OSError) and error.errno == errno.ENOSPC


def _is_unread(error: BaseException) -> bool:
    """Whether nobody reads the output any more; a connection that breaks inside a job is another thing."""
    if not isinstance(error, BrokenPipeError):
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), select.POLLERR)
    return any(events & select.POLLERR for _, events in poll.poll(0))


def set_scene(*, verbose: bool) -> None:
    """Sets what Prefect reads at its import, and makes its home."""
    for name, value in {**PREFECT_DEFAULTS, **({} if verbose else QUIET)}.items():
        os.environ.setdefault(name, value)
    for name in () if verbose else CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    # Prefect makes its own folder, but not those above it.
    with contextlib.suppress(OSError):
        Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect")).mkdir(parents=True, exist_ok=True)


async def _with_watcher(work: Coroutine[Any, Any, int]) -> int:
    from prefect_nemovideo.cli.terminal import watching

    with watching():
        return await work


def fail(error: BaseException, chosen: argparse.Namespace) -> int:
    """Tells what happened, what it cost and what to do next; returns the exit code."""
    from prefect_nemovideo import problems
    from prefect_nemovideo.results import FailedVideo

    failure = problems.describe_end(error)
    if getattr(chosen, "json", False):
        sources = getattr(chosen, "source", None) or [getattr(chosen, "session", "")]
        print(FailedVideo(source=shown_address(sources[0]), error=failure).model_dump_json(indent=2))
    problems.tell_failure(error)
    return problems.exit_code(error)


def show(document: dict[str, Any], chosen: argparse.Namespace, lines: Iterator[str] | list[str]) -> None:
    """Prints the document under `--json`, else the lines for people."""
    if chosen.json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for line in lines:
            print(printable(line))
