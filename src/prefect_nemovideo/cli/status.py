"""`status`: a session's timeline, its edits, the account's credits, the link into the browser."""

from __future__ import annotations

import argparse

from prefect_nemovideo.api.errors import BadInput, SessionGone
from prefect_nemovideo.api.models import Session
from prefect_nemovideo.api.timeline import Timeline
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.blocks.session import checked_name, find_session
from prefect_nemovideo.cli.edit import link, what_became
from prefect_nemovideo.cli.running import show


async def run(chosen: argparse.Namespace) -> int:
    """Reads the session and shows it."""
    saved = None if chosen.session.isdigit() else await find_session(checked_name(chosen.session))
    session = saved.get_client() if saved else Session(session_id=chosen.session)
    async with (await load_credentials(chosen.credentials)).get_client(chosen.profile) as nemo:
        try:
            state = await nemo.sessions.state(session.session_id)
        except SessionGone as error:
            if saved:
                raise
            raise BadInput(
                f"There is no saved session “{chosen.session}”, and the service knows none of that id.",
                next_step="See the saved ones with: prefect-nemovideo sessions",
            ) from error
        session = session.model_copy(update={"task_id": session.task_id or state.task_id})
        url = await nemo.sessions.claim(session)
        balance = await nemo.credits.balance()
    timeline = Timeline.from_state(state.state).summary()
    files = [file.filename for file in state.files]
    document = {
        "session_id": session.session_id,
        "timeline": timeline,
        "files": files,
        "edits": [edit.model_dump(include={"instruction", "outcome", "changes"}) for edit in saved.edits]
        if saved
        else [],
        "last_render": saved.last_render.model_dump() if saved and saved.last_render else None,
        "workspace_url": url,
        "credits_available": balance.available,
    }
    lines = [timeline, f"Files: {', '.join(files) or 'none'}"]
    if saved:
        lines += [f"Edited: “{edit.instruction}” ({what_became(edit.outcome, edit.changes)})" for edit in saved.edits]
    if saved and saved.last_render:
        lines.append(f"Delivered last: {saved.last_render.uri}")
    if url:
        lines.append(link(url))
    show(document, chosen, [*lines, str(balance)])
    return 0
