"""docs/reliability.md: which parts of it are made, and how they are put in their place."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- {0}: made by make reliability -->", "<!-- end of {0} -->"


def replace(name: str, content: str) -> None:
    """Puts new content into a made part of the page."""
    text = PAGE.read_text()
    begin, end = BEGIN.format(name), END.format(name)
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise LookupError(f"{PAGE.name} has no part {name}.")
    PAGE.write_text(f"{before}{begin}\n\n{content.strip()}\n\n{end}{after}")


def part(name: str) -> str:
    """A made part of the page, as it stands."""
    text = PAGE.read_text()
    return text.partition(BEGIN.format(name))[2].partition(END.format(name))[0].strip()


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines)


def rows_of(text: str) -> list[list[str]]:
    """The rows of all tables in a text, without heads."""
    rows = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and re.fullmatch(r"(\| --- )+\|", lines[number + 1])
        if line.startswith("| ") and not is_head and not line.startswith("| ---"):
            rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows
