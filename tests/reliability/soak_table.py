"""The soak as a table."""

from __future__ import annotations

import pages
from soak import JOBS, SETTLED_JOB, Soaked, growth


def table(soaked: Soaked, problems: list[str], seconds: float) -> str:
    """What happened, how the commands ended, and the memory."""
    commands = soaked.outcomes.total()
    ended = ", ".join(f"{count} × {'✓' if name == 'done' else name}" for name, count in soaked.outcomes.most_common())
    rows = [
        ["jobs", f"{JOBS}"],
        ["requests, and how many of them were struck", f"{soaked.requests:,}, {soaked.struck:.1%}"],
        ["commands until all jobs were done", f"{commands}: {ended}"],
        ["lost, doubled, charged in vain, not explained", "✗ " + problems[0] if problems else "none"],
        [f"peak memory at job {SETTLED_JOB}", f"{soaked.peaks_kib[SETTLED_JOB - 1] / 1024:.0f} MiB"],
        [f"peak memory at job {JOBS}", f"{soaked.peaks_kib[-1] / 1024:.0f} MiB (+{growth(soaked):.1%})"],
    ]
    return f"It took {seconds / 60:.0f} minutes.\n\n" + pages.table(["", ""], rows)
