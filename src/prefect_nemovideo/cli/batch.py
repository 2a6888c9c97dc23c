"""`batch`: many videos by a manifest."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from prefect_nemovideo.cli.edit import summary
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.problems import CREDITS, DONE, PARTLY
from prefect_nemovideo.results import BatchResult, VideoResult


async def run(chosen: argparse.Namespace) -> int:
    """Runs the flow and shows its result."""
    result = await edit_batch(
        chosen.manifest,
        chosen.archive,
        credentials=chosen.credentials,
        profile=chosen.profile,
        mode=chosen.mode,
        concurrency=chosen.concurrency,
        max_credits=chosen.max_credits,
        force=chosen.force,
    )
    show(result.model_dump(mode="json"), chosen, _lines(result))
    if result.failed:
        return PARTLY
    return CREDITS if result.deferred else DONE


def _lines(result: BatchResult) -> Iterator[str]:
    for item in result.items:
        if isinstance(item, VideoResult):
            yield from summary(item)
        else:
            yield f"{item.source}: {item.status}: {item.error.message} {item.error.next_step}"
    yield (
        f"{result.total} videos: {result.completed} made, {result.skipped} done before, {result.failed} failed, "
        f"{result.deferred} deferred"
    )
