"""What a measured program in Python uses: the figures of one call, without the start of Python around it."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path

#: Written to the kernel's own file: the high-water mark of memory starts anew (Documentation/filesystems/proc).
RESET_PEAK = "5"


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def megabytes(what: str, process: str = "self") -> float:
    """What the kernel says of a process's memory: `VmRSS` is now, `VmHWM` the most; 0.0 once it is gone."""
    try:
        found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) * 1024 / 1e6 if found else 0.0


@contextlib.contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Measures what is done inside, and prints it as the line of JSON that the harness reads.

    Processes that the program starts and waits for count in `cpu`; memory is the program's own.

    Example:
        ```python
        with measured() as figures:
            send(path)
            figures["requests"] = 3
        ```
    """
    more: dict[str, float] = {}
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    idle, cpu, wall = megabytes("VmRSS"), _cpu_seconds(), time.monotonic()
    yield more
    figures = {"wall": time.monotonic() - wall, "cpu": _cpu_seconds() - cpu, "peak": megabytes("VmHWM")}
    print(json.dumps({**figures, "above_idle": figures["peak"] - idle, **more}), flush=True)
