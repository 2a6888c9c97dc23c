"""`status`: a session's timeline, the account's credits, the link into the browser."""

from __future__ import annotations

import argparse

from prefect_nemovideo.api.models import Session
from prefect_nemovideo.api.timeline import Timeline
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.cli.running import show


async def run(chosen: argparse.Namespace) -> int:
    """Reads the session and shows it."""
    async with (await load_credentials(chosen.credentials)).get_client(chosen.profile) as nemo:
        state = await nemo.sessions.state(chosen.session)
        link = await nemo.sessions.claim(Session(session_id=chosen.session, task_id=state.task_id))
        balance = await nemo.credits.balance()
    timeline = Timeline.from_state(state.state).summary()
    document = {
        "session_id": chosen.session,
        "timeline": timeline,
        "files": [file.filename for file in state.files],
        "workspace_url": link,
        "credits_available": balance.available,
    }
    lines = [timeline, f"Files: {', '.join(file.filename for file in state.files) or 'none'}"]
    if link:
        lines.append(f"Open it in a browser: {link}")
    show(document, chosen, [*lines, f"{balance.available:g} credits available"])
    return 0
