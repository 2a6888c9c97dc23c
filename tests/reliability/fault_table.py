"""The fault matrix as tables: one for the requests and what happens to each, one for what has no place in it."""

from __future__ import annotations

import pages
from fault_cases import FAULTS, STEPS
from fault_streams import CODES, REFUSABLE
from faults import Verdict

#: Columns that fit on a page.
PARTS = (
    ("Before the message", ("token", "create_session", "credits", "upload", "state")),
    ("The message and what is read after it", ("run_sse", "state_after", "state_render", "claim_token")),
    ("The render and its file", ("render_submit", "render_status", "cdn", "download")),
)


def table(verdicts: list[Verdict], seconds: float) -> str:
    """All cases, each in one cell."""
    failed = sum(bool(verdict.problems) for verdict in verdicts)
    done = sum(verdict.case.must.code == 0 for verdict in verdicts)
    left = {(verdict.case.step.title, verdict.case.fault, verdict.case.lasting): verdict for verdict in verdicts}
    parts = [
        f"{len(verdicts)} cases: {len(verdicts) - failed} as promised, {failed} not. In {done} of them the job is done "
        f"in spite of the fault; the others end with the error that is named. It took {seconds / 60:.0f} minutes."
    ]
    for title, names in PARTS:
        lines = [[fault, *(_cell(left, STEPS[name].title, fault) for name in names)] for fault in FAULTS]
        shown = [line for line in lines if any(line[1:])]
        parts.append(f"### {title}\n\n" + pages.table(["fault", *(STEPS[name].title for name in names)], shown))
    codes = [
        [f"{code}", *(_cell(left, STEPS[name].title, f"an envelope with code {code}") for name in REFUSABLE)]
        for code in CODES
    ]
    head = ["code, with HTTP 200", *(STEPS[name].title for name in REFUSABLE)]
    parts.append("### Each code of the contract\n\n" + pages.table(head, [line for line in codes if any(line[1:])]))
    others = [[f"{title}: {fault}", _shown(verdict)] for (title, fault, _), verdict in left.items()]
    parts.append("### Streams, other accounts, a job that is cancelled\n\n" + pages.table(["case", "outcome"], others))
    return "\n\n".join(parts)


def _cell(left: dict[tuple[str, str, bool], Verdict], title: str, fault: str) -> str:
    """Once, and for as long as the command runs; one where both are the same."""
    found = [left.pop((title, fault, lasting), None) for lasting in (False, True)]
    words = [_shown(verdict) for verdict in found if verdict is not None]
    return " · ".join(dict.fromkeys(words))


def _shown(verdict: Verdict) -> str:
    if verdict.problems:
        return "✗ " + verdict.problems[0].replace("|", "/").replace("\n", " ")[:120]
    return "✓" if str(verdict.case.must) == "done" else str(verdict.case.must)
