"""The page that says which test proves which sentence is whole and true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPORT = Path(__file__).parent / "report.py"


def test_every_sentence_has_a_proof_and_the_page_is_up_to_date() -> None:
    """Each row has a test, each mark a row, and docs/conformance.md says what the marks say."""
    said = subprocess.run([sys.executable, str(REPORT), "--check"], capture_output=True, text=True)
    assert (said.stdout, said.returncode) == ("", 0), said.stderr
