"""The command line as a person has it: a process of its own, its exit code, and both its outputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
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


def begin(*words: str, **environment: str) -> subprocess.Popen[str]:
    """Starts `prefect-nemovideo WORDS`, with the test's environment and these variables."""
    return subprocess.Popen(
        [sys.executable, "-m", "prefect_nemovideo.cli", *words],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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


def run(*words: str, **environment: str) -> Ended:
    """Runs `prefect-nemovideo WORDS` to its end."""
    return end(begin(*words, **environment))


def settings(*several: Mapping[str, str]) -> dict[str, str]:
    """Several sets of variables as one."""
    return {name: value for variables in several for name, value in variables.items()}
