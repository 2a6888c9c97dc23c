"""What an error says of money: the one place that adds what was spent before it, and what of that is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prefect_nemovideo.api.errors import EditNotApplied, EditUnknown, NemoVideoError, SessionGone
from prefect_nemovideo.flows.editing import Story
from prefect_nemovideo.problems import is_known


@contextlib.contextmanager
def telling_costs(story: Story) -> Iterator[None]:
    """Whatever ends the work in this context tells what was spent until then, in words and as a fact."""
    try:
        yield
    except Exception as error:
        if isinstance(error, NemoVideoError):
            error.facts.setdefault("credits_spent", story.spent)
        sentence = cost_sentence(error, story)
        if sentence and is_known(error):
            told = f"{str(error).rstrip()} {sentence}"
            error.args = (told, *error.args[1:])
            if isinstance(error, NemoVideoError):
                error.message = told
        raise


def cost_sentence(error: Exception, story: Story) -> str:
    """What was spent before an error, and that it is not lost; "" where nothing was.

    Example:
        `50 credits were spent; the edit made is kept.`
    """
    made = sum(edit.outcome == "applied" for edit in story.edits)
    if not (made or story.spent):
        return ""
    spent = "What was spent could not be read" if story.spent is None else f"{story.spent:,.0f} credits were spent"
    if isinstance(error, SessionGone):
        return f"{spent} on what is lost."
    if not made:
        return f"{spent}."
    before = " before it" if isinstance(error, EditNotApplied | EditUnknown) else ""
    return f"{spent}; the edit{'s' if made > 1 else ''} made{before} {'are' if made > 1 else 'is'} kept."
