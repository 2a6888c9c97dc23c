"""`edit`: one video by plain-language instructions."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from pydantic import ValidationError

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.models import OutputSpec
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.cli.server import server_at_hand
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.flows.making import Order, check_at_once
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.words import a_size


async def run(chosen: argparse.Namespace) -> int:
    """Runs the flow and shows its result."""
    source = chosen.source if len(chosen.source) > 1 else chosen.source[0]
    # The flow checks the same: here it is known before a temporary Prefect server is started.
    output = output_of(chosen)
    check_at_once(Order(source, chosen.instructions, chosen.archive, profile=chosen.profile, output=output))
    await server_at_hand()
    result = await edit_video(
        source,
        chosen.instructions,
        chosen.archive,
        credentials=chosen.credentials,
        profile=chosen.profile,
        session=chosen.session,
        output=output,
        max_credits=chosen.max_credits,
        answers=chosen.answers,
        strict=chosen.strict,
        resend=chosen.resend,
        on_failure=chosen.on_failure,
        force=chosen.force,
        restart=chosen.restart,
    )
    show(result.model_dump(mode="json"), chosen, summary(result))
    return 0


def output_of(chosen: argparse.Namespace) -> OutputSpec:
    """The output that was typed.

    Raises:
        BadInput: The resolution is none.
    """
    resolution = chosen.resolution.lower().replace("×", "x") if chosen.resolution else None
    quality = "preview" if chosen.preview else "high"
    try:
        return OutputSpec.model_validate({"format": chosen.format, "resolution": resolution, "quality": quality})
    except ValidationError as error:
        raise BadInput(
            f"“{chosen.resolution}” is not a resolution.",
            next_step="Use 4k, 1440p, 1080p, 720p or WIDTHxHEIGHT in pixels.",
        ) from error


def summary(result: VideoResult) -> Iterator[str]:
    """What a person wants to know of a result."""
    if result.resumed:
        yield "Done before or resumed; finished steps were not repeated."
    yield result.uri
    sound = "sound" if result.has_audio else "no sound"
    yield (
        f"  {result.width}×{result.height}, {result.fps:g} frames a second, {result.duration_seconds:g} s, "
        f"{result.video_codec}, {sound}, {a_size(result.bytes)}"
    )
    yield f"  SHA-256 {result.sha256}"
    for edit in result.edits:
        yield f"  “{edit.instruction}”: {what_became(edit.outcome, edit.changes, edit.reply)}"
    yield f"  {result.timeline}"
    yield f"  {_price(result)}"
    if result.workspace_url:
        yield f"  {link(result.workspace_url)}"
    yield from (f"  Not as requested: {difference}" for difference in result.differences)
    yield from (f"  Note: {warning}" for warning in result.warnings if warning not in result.differences)


def _price(result: VideoResult) -> str:
    spent = result.credits_spent
    if spent is None:
        return "What it cost could not be told from the balance"
    earlier = " on it in all, earlier runs included" if result.resumed else ""
    return f"{spent:,.0f} credit{'' if spent == 1 else 's'} spent{earlier}"


def what_became(outcome: str, changes: list[str], reply: str = "") -> str:
    """What an instruction came to: what changed, or why nothing did."""
    if changes:
        return "; ".join(changes)
    said = " ".join(reply.split())
    match outcome:
        case "applied":
            return "done"
        case "question":
            return f"the editor asked: {said}" if said else "the editor asked something"
        case "unchanged":
            return f"changed nothing; the editor said: {said}" if said else "changed nothing"
        case "refused" | "failed":
            return "not done"
        case _:
            return "it is not known what came of it"


def link(url: str) -> str:
    """How to open a project in a browser; the embedded emulator's only while somebody serves it."""
    if url.startswith("http://127.0.0.1:"):
        return f"Open it in a browser while `prefect-nemovideo emulator` runs: {url}"
    return f"Open it in a browser: {url}"
