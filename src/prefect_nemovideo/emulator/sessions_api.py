"""The endpoints of a session: begin one, and read where it stands."""

from __future__ import annotations

import random
from typing import Any

from aiohttp import web

from prefect_nemovideo.emulator.files_api import cdn_path
from prefect_nemovideo.emulator.sessions import StoredFile
from prefect_nemovideo.emulator.wire import backend_of, json_object, public_url, record_of, signed_in, success

DEFAULT_TASK_NAME = "project"


async def create(request: web.Request) -> web.Response:
    """POST /api/tasks/me/with-session/nemo_agent"""
    account = signed_in(request)
    backend = backend_of(request)
    body = await json_object(request)
    name, language = body.get("task_name") or DEFAULT_TASK_NAME, body.get("language")
    session = backend.sessions.create(account.user_id, str(name), None if language is None else str(language))
    data = {"task_id": session.task_id, "user_id": account.user_id}
    if backend.options.session_id_top_level:
        return success(data, session_id=session.id)
    return success({**data, "session_id": session.id})


async def state(request: web.Request) -> web.Response:
    """GET /api/state/nemo_agent/me/{session_id}/latest"""
    account = signed_in(request)
    backend = backend_of(request)
    session = backend.sessions.get(request.match_info["session_id"], account.user_id)
    options = backend.options
    lags = random.Random(f"{options.seed}/{record_of(request).seq}").random() < options.state_lag_share
    draft, files = backend.sessions.shown(session, options.state_lag_seconds if lags else 0)
    canvas = draft.get("m", {})
    return success(
        {
            "session_id": session.id,
            "task_id": session.task_id,
            "task_name": session.task_name,
            "user_id": account.user_id,
            "state": {
                "draft": draft,
                "video_infos": [_video_info(request, file) for file in files],
                "canvas_config": {key: canvas[key] for key in ("width", "height", "fps", "fit") if key in canvas},
                "video_analyses": {},
                "generated_media": [],
            },
        }
    )


def _video_info(request: web.Request, file: StoredFile) -> dict[str, Any]:
    return {"id": file.id, "name": file.name, "size": file.bytes, **file_facts(request, file)}


def file_facts(request: web.Request, file: StoredFile) -> dict[str, Any]:
    """What both the upload's reply and the state say of a file. Seconds, pixels, frames a second, SHA-256."""
    return {
        "file_type": file.probe.file_type,
        "cdn_url": public_url(request, cdn_path(file.cdn_key, file.name)),
        "duration": round(file.probe.duration, 3),
        "width": file.probe.width,
        "height": file.probe.height,
        "fps": round(file.probe.fps, 3),
        "hash": file.sha256,
    }
