"""A batch as a table, for the artifact that Prefect's UI shows."""

from __future__ import annotations

import re

from prefect_nemovideo.reports.cards import card_of
from prefect_nemovideo.results import BatchResult, VideoResult
from prefect_nemovideo.words import videos

#: The UI shows a table whole: beyond this many rows only those that need somebody are of use there.
MOST_ROWS = 200
#: Told above the table as well, in whole sentences: the UI cuts off what is wide.
MOST_TROUBLES = 10


def batch_rows(result: BatchResult) -> list[dict[str, str]]:
    """A row for each video, those that need attention first.

    Example:
        >>> batch_rows(result)[0]
        {'video': 'clip.mp4', 'state': 'failed', 'size': '', 'credits': '', 'where': 'clip.mp4', 'to do': 'Check …'}
    """
    rows = []
    for item in sorted(result.items, key=lambda item: isinstance(item, VideoResult) and item.as_requested):
        card = card_of(item, "")
        if isinstance(item, VideoResult):
            state = "made" if item.as_requested else "not as requested"
            spent = "" if item.credits_spent is None else f"{item.credits_spent:g}"
            rows.append(_row(card.title, state, f"{item.width}×{item.height}", spent, item.uri, " ".join(card.notes)))
        else:
            rows.append(_row(card.title, item.status, "", "", item.source, f"{card.message} {card.next_step}".strip()))
    return rows[:MOST_ROWS]


def batch_summary(result: BatchResult) -> str:
    """The numbers in a sentence.

    Example:
        >>> batch_summary(result)
        '6 videos: 4 made, 1 done before, 1 failed, 0 deferred; 200 credits spent.'
    """
    spent = "unknown" if result.credits_spent is None else f"{result.credits_spent:,.0f}"
    return (
        f"{videos(result.total)}: {result.completed} made, {result.skipped} done before, {result.failed} failed, "
        f"{result.deferred} deferred; {spent} credits spent."
    )


def batch_troubles(result: BatchResult) -> str:
    """What was not made and why, as a list in Markdown; "" where all were.

    Example:
        >>> batch_troubles(result)
        '- **clip.mp4** failed: There is no file clip.mp4. Check the path.'
    """
    found = [item for item in result.items if not isinstance(item, VideoResult)]
    lines = []
    for item in found[:MOST_TROUBLES]:
        card = card_of(item, "")
        lines.append(f"- **{_plain(card.title)}** {item.status}: {_plain(f'{card.message} {card.next_step}'.strip())}")
    if len(found) > MOST_TROUBLES:
        lines.append(f"- … and {len(found) - MOST_TROUBLES} more, in the table.")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A text without meaning in Markdown, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _row(video: str, state: str, size: str, spent: str, where: str, to_do: str) -> dict[str, str]:
    return {"video": video, "state": state, "size": size, "credits": spent, "where": where, "to do": to_do}
