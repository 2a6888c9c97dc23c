"""`refine`: come back to a saved session and go on editing."""

from __future__ import annotations

import argparse

from prefect_nemovideo.cli.edit import output_of, summary
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.cli.server import server_at_hand
from prefect_nemovideo.flows import refine_session


async def run(chosen: argparse.Namespace) -> int:
    """Runs the flow and shows its result."""
    await server_at_hand()
    result = await refine_session(
        chosen.session,
        chosen.instructions,
        chosen.archive,
        credentials=chosen.credentials,
        output=output_of(chosen),
        max_credits=chosen.max_credits,
        answers=chosen.answers,
        strict=chosen.strict,
        resend=chosen.resend,
        on_failure=chosen.on_failure,
        force=chosen.force,
    )
    show(result.model_dump(mode="json"), chosen, summary(result))
    return 0
