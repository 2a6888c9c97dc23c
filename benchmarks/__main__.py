"""Measures rows and writes what came: `make bench`, or `make bench ROWS="upload download"`."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from datetime import UTC, datetime
from typing import Any

from benchmarks import report, rows
from benchmarks.machine import load as load_average
from benchmarks.machine import machine
from benchmarks.measuring import Failed, load, rounds_of
from benchmarks.tools import Missing

NAMES = [module.name for module in pkgutil.iter_modules(rows.__path__)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of: {', '.join(NAMES)}; all by default")
    parser.add_argument("--rounds", type=int, help="instead of each row's own number (5)")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.rows) - set(NAMES)):
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(NAMES)}")
    around = {"machine": machine(), "date": datetime.now(UTC).date().isoformat()}
    failed = False
    for name in chosen.rows or NAMES:
        row = load(name)
        result: dict[str, Any]
        try:
            was = load_average()
            ours, theirs = rounds_of(row, chosen.rounds or getattr(row, "ROUNDS", 5))
            result = report.document(name, row, ours, theirs, {**around, "load_before": was})
        except (Missing, Failed, OSError) as error:
            failed = failed or not isinstance(error, Missing)
            facts = {"row": name, "title": row.TITLE, "group": row.GROUP, "opponent": row.OPPONENT}
            result = {**facts, **around, "trouble": str(error)}
        report.keep(result)
        print("\n".join(report.lines(result)), flush=True)
    report.write_page()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
