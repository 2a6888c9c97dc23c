"""Renders as they are remembered: what was asked for, how far it is, what came out."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row
from typing import Any

from prefect_nemovideo.emulator.clock import Clock
from prefect_nemovideo.emulator.refusals import NO_RENDER, RENDER_ID_TAKEN, RENDER_UNDER_WAY, Refusal
from prefect_nemovideo.emulator.store import Store

PENDING_PROGRESS = 5.0
"""NemoVideo shows a render that nobody has begun as 5 % done."""

UNFINISHED = "('pending', 'processing')"


@dataclass(frozen=True)
class Render:
    """One export. Times are milliseconds since 1970; `status` is one of pending, processing, completed,
    failed and cancelled."""

    id: str
    session_id: str
    user_id: str
    draft: dict[str, Any]
    output: dict[str, Any]
    status: str
    progress: float
    error: str | None
    owner: str
    cdn_key: str
    path: Path
    bytes: int | None
    sha256: str | None
    duration_seconds: float | None
    created_ms: int
    completed_ms: int | None

    @property
    def name(self) -> str:
        return f"{self.id}{self.path.suffix}"


class Renders:
    """All renders. Every step is one statement that only moves a render out of the state it must be in, so
    emulators that share the folder can't both take it, and nothing follows a terminal state."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def submit(
        self,
        render_id: str,
        session_id: str,
        user_id: str,
        draft: dict[str, Any],
        output: dict[str, Any],
        suffix: str,
        owner: str,
    ) -> Render:
        """Remember a new render as pending.

        Raises:
            Refusal: 4090, the id is taken; 4091, the session has a render that isn't finished.
        """
        key = secrets.token_hex(16)
        with self._store.transaction():
            if self._store.row("SELECT 1 FROM renders WHERE id = ?", render_id):
                raise Refusal(
                    RENDER_ID_TAKEN,
                    f"A render with the id {render_id} exists already. Read its status, or take a new id.",
                )
            other = self._store.row(
                f"SELECT id FROM renders WHERE session_id = ? AND status IN {UNFINISHED}", session_id
            )
            if other:
                raise Refusal(
                    RENDER_UNDER_WAY,
                    f"The session is being exported already, as {other['id']}. Wait for it or cancel it.",
                )
            self._store.change(
                "INSERT INTO renders (id, session_id, user_id, draft, output, status, progress, owner, cdn_key,"
                " stored_as, created_ms) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
                render_id,
                session_id,
                user_id,
                json.dumps(draft),
                json.dumps(output),
                PENDING_PROGRESS,
                owner,
                key,
                f"render_{key}{suffix}",
                self._clock.now_ms(),
            )
        return self.get(render_id, user_id)

    def get(self, render_id: str, user_id: str) -> Render:
        """An account's render.

        Raises:
            Refusal: 4004, when there is none of that id or it is somebody else's.
        """
        row = self._store.row("SELECT * FROM renders WHERE id = ? AND user_id = ?", render_id, user_id)
        if row is None:
            raise Refusal(NO_RENDER, f"There is no render {render_id}. Check the id, or submit it.")
        return self._render(row)

    def find(self, render_id: str) -> Render | None:
        row = self._store.row("SELECT * FROM renders WHERE id = ?", render_id)
        return None if row is None else self._render(row)

    def by_key(self, cdn_key: str) -> Render | None:
        row = self._store.row("SELECT * FROM renders WHERE cdn_key = ? AND status = 'completed'", cdn_key)
        return None if row is None else self._render(row)

    def all(self) -> list[Render]:
        return [self._render(row) for row in self._store.rows("SELECT * FROM renders ORDER BY rowid")]

    def of_session(self, session_id: str) -> list[Render]:
        """A session's renders, in the order of their submission."""
        rows = self._store.rows("SELECT * FROM renders WHERE session_id = ? ORDER BY rowid", session_id)
        return [self._render(row) for row in rows]

    def begin(self, render_id: str, owner: str) -> bool:
        """Whether this owner may start now; not if the render was cancelled while it waited."""
        return (
            self._store.change(
                "UPDATE renders SET status = 'processing' WHERE id = ? AND owner = ? AND status = 'pending'",
                render_id,
                owner,
            )
            == 1
        )

    def progress(self, render_id: str, owner: str, percent: float) -> None:
        shown = round(max(PENDING_PROGRESS, percent), 1)
        self._store.change(
            "UPDATE renders SET progress = ? WHERE id = ? AND owner = ? AND status = 'processing'",
            shown,
            render_id,
            owner,
        )

    def complete(self, render_id: str, owner: str, size: int, sha256: str, duration: float) -> bool:
        return (
            self._store.change(
                "UPDATE renders SET status = 'completed', progress = 100, bytes = ?, sha256 = ?, duration_seconds = ?,"
                " completed_ms = ? WHERE id = ? AND owner = ? AND status = 'processing'",
                size,
                sha256,
                duration,
                self._clock.now_ms(),
                render_id,
                owner,
            )
            == 1
        )

    def fail(self, render_id: str, owner: str, error: str) -> None:
        self._store.change(
            "UPDATE renders SET status = 'failed', error = ?, completed_ms = ?"
            " WHERE id = ? AND owner = ? AND status = 'processing'",
            error,
            self._clock.now_ms(),
            render_id,
            owner,
        )

    def cancel(self, render_id: str) -> None:
        """Cancel an unfinished render; a finished one stays as it is."""
        self._store.change(
            f"UPDATE renders SET status = 'cancelled', completed_ms = ? WHERE id = ? AND status IN {UNFINISHED}",
            self._clock.now_ms(),
            render_id,
        )

    def unfinished_owners(self) -> dict[str, str]:
        """Which emulator each unfinished render belongs to, the oldest render first."""
        rows = self._store.rows(f"SELECT id, owner FROM renders WHERE status IN {UNFINISHED} ORDER BY rowid")
        return {row["id"]: row["owner"] for row in rows}

    def adopt(self, render_id: str, dead_owner: str, owner: str) -> bool:
        """Take over the render of an emulator that is gone; it starts again from nothing."""
        return (
            self._store.change(
                "UPDATE renders SET status = 'pending', progress = ?, owner = ?"
                f" WHERE id = ? AND owner = ? AND status IN {UNFINISHED}",
                PENDING_PROGRESS,
                owner,
                render_id,
                dead_owner,
            )
            == 1
        )

    def _render(self, row: Row) -> Render:
        return Render(
            id=row["id"],
            session_id=row["session_id"],
            user_id=row["user_id"],
            draft=json.loads(row["draft"]),
            output=json.loads(row["output"]),
            status=row["status"],
            progress=row["progress"],
            error=row["error"],
            owner=row["owner"],
            cdn_key=row["cdn_key"],
            path=self._store.files / row["stored_as"],
            bytes=row["bytes"],
            sha256=row["sha256"],
            duration_seconds=row["duration_seconds"],
            created_ms=row["created_ms"],
            completed_ms=row["completed_ms"],
        )
