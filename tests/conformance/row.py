"""One statement of the documentation."""

from __future__ import annotations

from dataclasses import dataclass

#: The note of both promises about the size.
BOTH_SIZES = "The two promises contradict each other: the file is measured, and told from what was asked for."


@dataclass(frozen=True)
class Row:
    """One statement, as each of the two skills words it.

    Args:
        id: What marks call it.
        section: The heading that it stands under in the table.
        video_4k: The words of "Video 4K"; "" where it does not say it.
        with_session: The words of "4K With Session"; "" where it does not say it.
        note: How it is kept where the words leave that open, or contradict others.
    """

    id: str
    section: str
    video_4k: str
    with_session: str
    note: str = ""


def section(name: str, *rows: tuple[str, ...]) -> tuple[Row, ...]:
    """Rows of one section: id, words, the other skill's words, note. One wording is of both skills."""
    made = []
    for identity, video_4k, *rest in rows:
        with_session, note = (*rest, "", "")[:2] if rest else (video_4k, "")
        made.append(Row(identity, name, video_4k, with_session, note))
    return tuple(made)
