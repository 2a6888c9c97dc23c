"""The command line as a person has it: a process of its own, its exit code, and both its outputs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What `--json` printed: exactly one document, and nothing else on stdout."""
        return json.loads(self.out)


def begin(
    *words: str, largest_file_bytes: int | None = None, said: str | None = None, **environment: str
) -> subprocess.Popen[str]:
    """Starts `prefect-nemovideo WORDS`, with the test's environment and these variables.

    Args:
        said: What is piped into it.
        largest_file_bytes: The system refuses larger files, as it does on a disk that is full.
    """

    process = subprocess.Popen(
        [sys.executable, "-m", "prefect_nemovideo.cli", *words],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL if said is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if said is not None and process.stdin is not None:
        process.stdin.write(said)
        process.stdin.flush()
    if largest_file_bytes is not None:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest_file_bytes, largest_file_bytes))
    return process


def end(process: subprocess.Popen[str]) -> Ended:
    """Waits for a command to end."""
    with process:
        try:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"It did not end. It said:\n{out}\n{err}") from None
    return Ended(process.returncode, out, err)


def run(*words: str, largest_file_bytes: int | None = None, **environment: str) -> Ended:
    """Runs `prefect-nemovideo WORDS` to its end."""
    return end(begin(*words, largest_file_bytes=largest_file_bytes, **environment))
