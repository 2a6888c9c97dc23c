"""`batch`: many videos by a manifest."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from prefect_nemovideo.api.errors import BadInput, BudgetReached, OutOfCredits
from prefect_nemovideo.cli.edit import summary
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.cli.server import server_at_hand
from prefect_nemovideo.flows import edit_batch
from prefect_nemovideo.flows.edit_batch import listed_in
from prefect_nemovideo.flows.plan_batch import BatchPlan, plan_batch
from prefect_nemovideo.problems import CREDITS, DONE, PARTLY
from prefect_nemovideo.reports import batch_summary
from prefect_nemovideo.results import BatchResult, FailedVideo, VideoResult
from prefect_nemovideo.words import a_size, videos

#: A batch with more videos than this shows of each only where it is; all of it is in its report, and under --json.
SHOWN_WHOLE = 20


async def run(chosen: argparse.Namespace) -> int:
    """Runs the flow and shows its result, or shows what the flow would do."""
    if chosen.local and chosen.deployment:
        raise BadInput(
            "Workers don't see the embedded emulator of --local.",
            next_step="Serve one with: prefect-nemovideo emulator, and set NEMO_API_URL here and at the workers.",
        )
    # The flow reads it too: here a faulty one is known before a temporary Prefect server is started.
    await listed_in(chosen.manifest, chosen.instructions, chosen.archive)
    await server_at_hand()
    if chosen.dry_run:
        plan = await plan_batch(
            chosen.manifest,
            chosen.archive,
            instructions=chosen.instructions,
            credentials=chosen.credentials,
            profile=chosen.profile,
            concurrency=chosen.concurrency,
        )
        show(plan.model_dump(mode="json"), chosen, _planned(plan))
        return DONE
    result = await edit_batch(
        chosen.manifest,
        chosen.archive,
        instructions=chosen.instructions or None,
        credentials=chosen.credentials,
        profile=chosen.profile,
        mode=chosen.mode,
        concurrency=chosen.concurrency,
        max_credits=chosen.max_credits,
        max_credits_per_video=chosen.max_credits_per_video,
        deployment=chosen.deployment,
        chunk=chosen.chunk,
        retry_failed=chosen.retry_failed,
        answers=chosen.answers,
        strict=chosen.strict,
        resend=chosen.resend,
        restart=chosen.restart,
        on_failure=chosen.on_failure,
        force=chosen.force,
    )
    show(result.model_dump(mode="json"), chosen, _lines(result))
    return _exit_code(result)


def _exit_code(result: BatchResult) -> int:
    """0 if all are done; 5 if the others wait for nothing but credits."""
    if result.failed + result.deferred == 0:
        return DONE
    codes = {item.error.code for item in result.items if isinstance(item, FailedVideo)}
    return CREDITS if result.failed == 0 and codes <= {OutOfCredits.code, BudgetReached.code} else PARTLY


def _lines(result: BatchResult) -> Iterator[str]:
    for item in result.items:
        if isinstance(item, VideoResult):
            yield from summary(item) if result.total <= SHOWN_WHOLE else [item.uri]
        else:
            yield f"{item.source}: {item.status}: {item.error.message} {item.error.next_step}"
    yield batch_summary(result)


def _planned(plan: BatchPlan) -> Iterator[str]:
    for row in plan.rows:
        where = "" if row.place == row.source else f"{row.place}: "
        match row.status:
            case "to do":
                size = f"{a_size(row.bytes)}, " if row.bytes else ""
                yield f"{where}{row.source}: {size}about {row.estimated_credits:g} credits"
            case "done":
                yield f"{where}{row.source}: done before: {row.uri}"
            case "same":
                yield f"{where}{row.source}: the same job as another row: done once"
            case "failed":
                assert row.error is not None
                yield f"{where}{row.source}: will fail: {row.error.message} {row.error.next_step}"
    has = "" if plan.available_credits is None else f" of {plan.available_credits:,.0f} available"
    yield (
        f"{videos(plan.total)}: {plan.to_do} to do ({a_size(plan.bytes)}), {plan.done} done before, "
        f"{plan.failed} will fail; about {plan.estimated_credits:,.0f} credits{has}, "
        f"about {_minutes(plan.estimated_seconds)}. Nothing was sent."
    )


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
