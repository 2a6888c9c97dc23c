"""Writes docs/conformance.md: every row of `rows.py` and the tests whose marks say that they prove it.

python tests/conformance/report.py            writes it
python tests/conformance/report.py --check    only says whether it is up to date (exit code 1 if not)
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
PAGE = TESTS.parent / "docs" / "conformance.md"

sys.path.insert(0, str(Path(__file__).parent))

from row import Row  # noqa: E402 - found by the line above
from rows import ABOUT_THE_SERVICE, ROWS  # noqa: E402

HEAD = """\
# Conformance

Every sentence of the two skills' documentation, *Video 4K* and *4K With Session*, that states behaviour, and the
tests that prove it. Written by `make conformance` from the marks on the tests; a test fails when a row has no proof,
when a mark names no row, or when this page is not up to date.
"""

TAIL = """\
## Not held here

What is said of the service's own machines and speed; nothing that this project does makes it true or false.
"""


class Marks:
    """Collects, as a pytest plugin, which tests are marked with which rows."""

    def __init__(self) -> None:
        self.proofs: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("conformance"):
                for row in mark.args:
                    self.proofs[row].add((item.path.relative_to(TESTS).as_posix(), _name(item)))


def collect() -> dict[str, set[tuple[str, str]]]:
    """Row → the tests that prove it, each as its file under tests/ and its name.

    Raises:
        RuntimeError: The tests could not be collected; says why.
    """
    marks = Marks()
    said = io.StringIO()
    arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", "--rootdir", str(TESTS.parent), str(TESTS)]
    with contextlib.redirect_stdout(said):
        code = pytest.main(arguments, plugins=[marks])
    if code:
        raise RuntimeError(f"The tests could not be collected:\n{said.getvalue()}")
    return marks.proofs


def faults(proofs: dict[str, set[tuple[str, str]]]) -> list[str]:
    """What is wrong with the marks, in sentences."""
    known = {row.id for row in ROWS}
    missing = [f"No test proves “{row.id}”." for row in ROWS if row.id not in proofs]
    stray = [
        f"{file} marks {test} with “{row}”, and there is no such row."
        for row in sorted(set(proofs) - known)
        for file, test in sorted(proofs[row])
    ]
    return missing + stray


def page(proofs: dict[str, set[tuple[str, str]]]) -> str:
    """The page, as Markdown."""
    parts = [HEAD]
    for section, rows in groupby(ROWS, key=lambda row: row.section):
        parts.append(f"## {section}\n")
        parts.append("| | Video 4K | 4K With Session | Proved by |\n|---|---|---|---|")
        parts += [_line(row, proofs.get(row.id, set())) for row in rows]
        parts.append("")
    parts.append(TAIL)
    parts += [f"- {sentence}" for sentence in ABOUT_THE_SERVICE]
    return "\n".join(parts) + "\n"


def _line(row: Row, tests: set[tuple[str, str]]) -> str:
    same = row.video_4k == row.with_session
    note = f"<br>*{row.note}*" if row.note else ""
    cells = [f"`{row.id}`", (row.video_4k or "—") + note, "the same" if same else row.with_session or "—"]
    proof = "<br>".join(f"[{_sentence(test)}](../tests/{file})" for file, test in sorted(tests))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in [*cells, proof]) + " |"


def _name(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name


def _sentence(test: str) -> str:
    """A test's name as people read it."""
    return test.removeprefix("test_").replace("_", " ")


def main(arguments: Sequence[str]) -> int:
    """Writes the page, or checks it; returns the exit code."""
    # Collecting imports Prefect, which must not ask or tell anybody anything on the way.
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    proofs = collect()
    problems = faults(proofs)
    text = page(proofs)
    if "--check" in arguments:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            problems.append("docs/conformance.md is not up to date. Write it with: make conformance")
    else:
        PAGE.write_text(text, encoding="utf-8")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
