"""What an error says of money: the one place that adds what was spent before it, and what of that is kept."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from prefect_nemovideo.api import NemoVideo
from prefect_nemovideo.api.errors import EditNotApplied, EditUnknown, NemoVideoError, SessionGone
from prefect_nemovideo.api.reasons import with_full_stop
from prefect_nemovideo.flows.editing import Story
from prefect_nemovideo.problems import is_interruption, is_known, note_stop, says_cost
from prefect_nemovideo.progress import log


@contextlib.contextmanager
def telling_costs(story: Story) -> Iterator[None]:
    """Whatever ends the work in this context tells what was spent until then, in words and as a fact."""
    try:
        yield
    except Exception as error:
        if isinstance(error, NemoVideoError):
            error.facts.setdefault("credits_spent", story.spent)
        sentence = cost_sentence(error, story)
        vars(error)["costs"] = sentence
        if sentence and is_known(error):
            told = f"{with_full_stop(str(error))} {sentence}"
            error.args = (told, *error.args[1:])
            if isinstance(error, NemoVideoError):
                # Whoever tells others of the error leaves out what it cost here.
                error.facts["without_costs"] = error.message
                error.message = told
        raise
    except BaseException as error:
        # Prefect and asyncio make errors of their own of it on the way up: it is told here.
        if is_interruption(error):
            note_stop(error, costs := _until_the_stop(story))
            log(f"Stopped. {costs} Run again, it goes on from here.", level=logging.WARNING)
        raise


async def look_again(nemo: NemoVideo, story: Story) -> None:
    """Reads the balance once more before a result tells what was spent: a service may show a charge late.

    What an earlier run of the job has begun is left as it was found: others may have spent in between.
    """
    if story.resumed or story.owned is None or story.spent is None:
        return
    try:
        now = (await nemo.credits.balance()).owned
    except NemoVideoError as error:
        log(f"The balance could not be read: {error}")
        return
    story.spent = max(story.spent, story.owned - now)
    if story.spent == 0 and any(edit.outcome == "applied" for edit in story.edits):
        # Free, or charged and not shown yet: nobody can tell.
        story.spent = None


def _until_the_stop(story: Story) -> str:
    """What was spent until somebody stopped the run."""
    made = sum(edit.outcome == "applied" for edit in story.edits)
    if story.spent is None or (made and not story.spent):
        spent = "What was spent can't be told"
    else:
        spent = f"{story.spent:,.0f} credits were spent" if story.spent else "Nothing was spent"
    kept = f"; the edit{'s' if made > 1 else ''} made {'are' if made > 1 else 'is'} kept" if made else ""
    flight = f" “{story.at_work}” was being carried out and may be charged too." if story.at_work else ""
    return f"{spent}{kept}.{flight}"


def cost_sentence(error: Exception, story: Story) -> str:
    """What was spent before an error, and that it is not lost; "" where the error says by itself what it cost.

    Example:
        `50 credits were spent; the edit made is kept.`
    """
    made = sum(edit.outcome == "applied" for edit in story.edits)
    if not (story.edits or story.spent):
        return "" if says_cost(str(error)) else f"Nothing {'more ' if story.resumed else ''}was charged."
    # A charge may show late: edits that were made and cost nothing so far may have cost something.
    is_told = story.spent is not None and not (made and not story.spent)
    spent = f"{story.spent:,.0f} credits were spent" if is_told else "What was spent can't be told"
    if isinstance(error, SessionGone):
        return f"{spent} on what is lost."
    if not made:
        if story.spent == 0:
            return "" if says_cost(str(error)) else "Nothing was charged."
        return f"{spent}."
    before = " before it" if isinstance(error, EditNotApplied | EditUnknown) else ""
    return f"{spent}; the edit{'s' if made > 1 else ''} made{before} {'are' if made > 1 else 'is'} kept."
