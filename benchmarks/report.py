"""Figures → verdicts, one JSON file a row, and the table in docs/performance.md."""

from __future__ import annotations

import json
import statistics
from types import ModuleType
from typing import Any

from benchmarks.measuring import ROOT, Figures
from benchmarks.row import Goal

RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- made by make bench: begin -->", "<!-- made by make bench: end -->"
UNITS = {"wall": "s", "cpu": "s", "peak": "MB", "above_idle": "MB"}
WORDS = {"cpu": "CPU", "above_idle": "above idle"}


def document(
    name: str, row: ModuleType, ours: list[Figures], theirs: list[Figures], around: dict[str, Any]
) -> dict[str, Any]:
    """A row as it is kept: medians, verdicts, and every round."""
    return {
        "row": name,
        "title": row.TITLE,
        "group": row.GROUP,
        "opponent": row.OPPONENT,
        **around,
        "medians": {"ours": _medians(ours), "opponent": _medians(theirs)},
        "goals": [_verdict(goal, getattr(row, "UNITS", {}), ours, theirs) for goal in row.GOALS],
        "rounds": {"ours": ours, "opponent": theirs},
    }


def _medians(rounds: list[Figures]) -> Figures:
    return {name: round(statistics.median(run[name] for run in rounds), 4) for name in (rounds[0] if rounds else {})}


def _verdict(goal: Goal, units: dict[str, str], ours: list[Figures], theirs: list[Figures]) -> dict[str, Any]:
    """What was asked, what came, and whether that is enough; compared round by round."""
    unit = units.get(goal.figure) or UNITS.get(goal.figure, "")
    word = WORDS.get(goal.figure, goal.figure)
    if goal.times is None:
        came = statistics.median(mine[goal.figure] for mine in ours)
        limit = goal.at_most or 0.0
        asked, said = f"{word} ≤ {limit:g} {unit}", f"{came:.3g} {unit}"
    else:
        pairs = zip(ours, theirs, strict=True)
        came = statistics.median((mine[goal.figure] - goal.plus) / other[goal.figure] for mine, other in pairs)
        limit = goal.times
        plus = f" + {goal.plus:g} {unit}" if goal.plus else ""
        asked, said = f"{word} ≤ {limit:g} ×{plus}", f"{came:.2f} ×{plus}"
    return {"asked": asked.strip(), "came": said.strip(), "value": round(came, 4), "met": came <= limit}


def keep(result: dict[str, Any]) -> None:
    """Writes a row's file."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1, default=str)
    (RESULTS / f"{result['row']}.json").write_text(text + "\n")


def lines(result: dict[str, Any]) -> list[str]:
    """A row in words, for the terminal."""
    if "trouble" in result:
        return [f"{result['row']}: {result['trouble']}"]
    shown = [f"{result['row']}: {result['title']}" + (f" — {result['opponent']}" if result["opponent"] else "")]
    for side, figures in result["medians"].items():
        if figures:
            shown.append(f"  {side:9}" + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    return shown + [f"  {goal['asked']}: {goal['came']}{'' if goal['met'] else '  MISSED'}" for goal in result["goals"]]


def write_page() -> None:
    """The table between its two marks, made of all files there are."""
    kept = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(kept)}\n{END}{rest.partition(END)[2]}")


def _table(kept: list[dict[str, Any]]) -> str:
    rows: list[str] = []
    for group in sorted({result["group"] for result in kept}):
        rows += [
            f"### {group}",
            "",
            "| row | beside | ours | theirs | goal | came | |",
            "|---|---|---|---|---|---|---|",
        ]
        rows += [_table_row(result) for result in kept if result["group"] == group]
        rows.append("")
    return "\n".join([*rows, *_told_of_machines(kept), ""])


def _table_row(result: dict[str, Any]) -> str:
    beside = f"`{result['opponent']}`" if result["opponent"] else "–"
    if "trouble" in result:
        return f"| {result['title']} | {beside} | | | | not measured: {result['trouble']} | – |"
    ours, theirs = (_short(result["medians"][side]) for side in ("ours", "opponent"))
    goals = result["goals"]
    asked, came = ("<br>".join(goal[key] for goal in goals) for key in ("asked", "came"))
    verdicts = "<br>".join("met" if goal["met"] else "**missed**" for goal in goals)
    return f"| {result['title']} | {beside} | {ours} | {theirs} | {asked} | {came} | {verdicts} |"


def _short(figures: Figures) -> str:
    known = [("wall", "s"), ("cpu", "CPU s"), ("peak", "MB")]
    return ", ".join(f"{figures[name]:.3g} {unit}" for name, unit in known if name in figures)


def _told_of_machines(kept: list[dict[str, Any]]) -> list[str]:
    """One sentence for each machine and day that figures come from."""
    told: dict[str, list[str]] = {}
    for result in kept:
        machine = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
        told.setdefault(f"{result['date']}, {machine}", []).append(result["row"])
    return [f"{'All rows' if len(told) == 1 else ', '.join(names)}: {where}." for where, names in told.items()]
