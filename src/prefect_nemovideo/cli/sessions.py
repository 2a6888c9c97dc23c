"""`sessions`: the saved ones; `sessions --delete NAME` forgets one."""

from __future__ import annotations

import argparse

from prefect_nemovideo.blocks.session import all_sessions, delete_session
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
    documents = [{"name": name, **block.model_dump(mode="json", exclude={"block_type_slug"})} for name, block in found]
    lines = [
        f"{name}: {', '.join(file.name for file in block.files) or 'no files'}; edits: {len(block.edits)}; "
        f"last used {block.used_at}" + (f"; {block.last_render.uri}" if block.last_render else "")
        for name, block in found
    ]
    show({"sessions": documents}, chosen, lines or ["No saved sessions. Make one with: edit … --session NAME"])
    return 0
