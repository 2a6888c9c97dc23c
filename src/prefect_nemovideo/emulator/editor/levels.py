"""How much louder or quieter: what music and the clip's own sound have in common."""

from __future__ import annotations

from prefect_nemovideo.emulator.editor.clause import words
from prefect_nemovideo.emulator.editor.numbers import PERCENT

# What "louder" does, in per cent of now: a bit, nothing said, a lot; and "quieter" the other way.
LOUDER, QUIETER = (125.0, 150.0, 200.0), (75.0, 50.0, 25.0)
BY = words(rf"\bby\s+(?P<p>{PERCENT})|(?P<q>{PERCENT})")
TO = words(rf"\bto\s+(?P<p>{PERCENT})|[到为至]\s*(?P<q>{PERCENT})")
