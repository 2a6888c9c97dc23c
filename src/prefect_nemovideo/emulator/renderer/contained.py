"""One child process that can't outlive, outgrow or look around its caller."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from prefect_nemovideo.emulator.renderer import leash
from prefect_nemovideo.emulator.renderer.limits import Limits

# Files, pipes and sockets of one child: a timeline's inputs and some of its own.
MAX_OPEN_FILES = 512


@contextlib.asynccontextmanager
async def contained_process(
    command: Sequence[str], *, work_dir: Path, limits: Limits, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command in its own process group, under limits, with an empty environment; kill it on the way out.

    `command` begins with a program's full path. Stdin is empty, stdout and stderr are pipes. Leaving the block -
    normally, by an error, or because the task was cancelled - sends SIGKILL to the whole group if the child still
    runs. (SIGTERM would let an encoder flush its look-ahead first, for up to ten seconds.) If this process is
    killed, or the thread of its event loop ends, the kernel kills the child.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid())),
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=work_dir,
        env=dict(environment or {}),
        start_new_session=True,
    )
    try:
        # After the start rather than by preexec_fn, which isn't safe in a process with threads.
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limits.output_bytes, limits.output_bytes))
            resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
