"""`sessions`: the saved ones; `sessions --delete NAME` forgets one."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from prefect_nemovideo.blocks.session import NemoVideoSession, all_sessions, delete_session
from prefect_nemovideo.cli.running import show


async def run(chosen: argparse.Namespace) -> int:
    """Lists the saved sessions, or deletes one of them here (the backend keeps what it has)."""
    if chosen.delete:
        await delete_session(chosen.delete)
        show(
            {"deleted": chosen.delete},
            chosen,
            [f"Forgotten: {chosen.delete}. What was delivered stays in the archive."],
        )
        return 0
    found = await all_sessions()
    # Prefect adds what it knows of a block.
    own = set(NemoVideoSession.model_fields)
    documents = [{"name": name, **block.model_dump(mode="json", include=own)} for name, block in found]
    lines = [
        f"{name}: {', '.join(file.name for file in block.files) or 'no files'}; edits: {len(block.edits)}; "
        f"last used {_moment(block.used_at)}" + (f"; {block.last_render.uri}" if block.last_render else "")
        for name, block in found
    ]
    show({"sessions": documents}, chosen, lines or ["No saved sessions. Make one with: edit … --session NAME"])
    return 0


def _moment(used_at: str) -> str:
    """As in `2026-11-25 14:03 UTC`."""
    return f"{datetime.fromisoformat(used_at).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if used_at else "at an unknown time"
