"""The crash matrix as a table."""

from __future__ import annotations

from collections import defaultdict

import pages
from crashes import WAYS, Row, Way

WHENS = ("before", "unanswered", "answered", "during")
TITLES: dict[Way, str] = {
    "again": "Resumed by the same command",
    "retry": "Resumed by a retry of the flow run",
    "elsewhere": "Resumed on another machine: a new home, another Prefect server; steps and archive in S3",
}
HEAD = ["request", "not sent yet", "carried out, reply lost", "reply received", "while the editor works"]


def table(rows: list[Row], seconds: float) -> str:
    """All three ways, one row a request."""
    failed = sum(bool(row.problems) for row in rows)
    unknown = sum(len(row.story) == 3 for row in rows)
    parts = [
        f"{len(rows)} points: {len(rows) - failed} as promised, {failed} not. {unknown} of them end as unknown (exit "
        f"code 7) with nothing sent, and are finished by a person's `--resend`. It took {seconds / 60:.0f} minutes."
    ]
    for way in WAYS:
        cells: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
        for row in rows:
            if row.way == way:
                cells[row.point.request, row.point.number][row.point.when] = _cell(row)
        if cells:
            lines = [
                [f"{name} {number}", *(found.get(when, "") for when in WHENS)]
                for (name, number), found in cells.items()
            ]
            parts.append(f"### {TITLES[way]}\n\n" + pages.table(HEAD, lines))
    return "\n\n".join(parts)


def _cell(row: Row) -> str:
    if row.problems:
        return "✗ " + row.problems[0].replace("|", "/").replace("\n", " ")[:120]
    notes = "".join((" ¹" * bool(row.more_sessions), " ²" * bool(row.trials), " ³" * bool(row.part_files)))
    return ("7, then ✓" if len(row.story) == 3 else "✓") + notes
