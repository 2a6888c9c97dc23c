"""Sessions with their drafts, and the files uploaded into them."""

from __future__ import annotations

import dataclasses
import json
import math
import secrets
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row
from typing import Any
from uuid import uuid4

from prefect_nemovideo.emulator.clock import Clock
from prefect_nemovideo.emulator.editor import UploadedFile, add_upload, new_draft
from prefect_nemovideo.emulator.refusals import NO_SESSION, Refusal
from prefect_nemovideo.emulator.renderer import ProbedFile
from prefect_nemovideo.emulator.store import Store

MS_PER_SECOND = 1000


@dataclass(frozen=True)
class Session:
    """One project: a task, its timeline, and how often that timeline has changed."""

    id: str
    task_id: str
    user_id: str
    task_name: str
    draft: dict[str, Any]
    version: int


@dataclass(frozen=True)
class StoredFile:
    """An uploaded file. `cdn_key` is the part of its address that can't be guessed."""

    id: str
    name: str
    bytes: int
    sha256: str
    probe: ProbedFile
    cdn_key: str
    path: Path

    def for_editor(self) -> UploadedFile:
        probe = self.probe
        return UploadedFile(
            id=self.id,
            name=self.name,
            file_type=probe.file_type,
            duration_ms=round(probe.duration * MS_PER_SECOND),
            width=probe.width or None,
            height=probe.height or None,
            fps=probe.fps or None,
            has_audio=probe.has_audio,
        )


class Sessions:
    """The projects of all accounts; each is visible to its own account only."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, user_id: str, task_name: str, language: str | None) -> Session:
        # NemoVideo's session ids are long numbers in a string: too long for a float, so a client that
        # parses them as numbers is found out here.
        session_id = str(secrets.randbelow(9 * 10**18) + 10**18)
        session = Session(session_id, f"task_{uuid4().hex}", user_id, task_name, new_draft(task_name), 0)
        self._store.change(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
            session.id,
            session.task_id,
            user_id,
            task_name,
            language,
            json.dumps(session.draft),
            self._clock.now(),
        )
        return session

    def get(self, session_id: str, user_id: str) -> Session:
        """An account's session.

        Raises:
            Refusal: 1002, when there is none of that id or it is somebody else's.
        """
        row = self._store.row("SELECT * FROM sessions WHERE id = ? AND user_id = ?", session_id, user_id)
        if row is None:
            raise Refusal(NO_SESSION, f"There is no session {session_id}. Create a new one.")
        return Session(
            row["id"], row["task_id"], row["user_id"], row["task_name"], json.loads(row["draft"]), row["version"]
        )

    def save_draft(self, session_id: str, draft: dict[str, Any]) -> None:
        # What was there stays known for as long as a state that lags may show it.
        self._store.change(
            "INSERT INTO replaced_drafts SELECT id, draft, ? FROM sessions WHERE id = ?", self._clock.now(), session_id
        )
        self._store.change(
            "UPDATE sessions SET draft = ?, version = version + 1 WHERE id = ?", json.dumps(draft), session_id
        )

    def shown(self, session: Session, lag_seconds: float) -> tuple[dict[str, Any], list[StoredFile]]:
        """The draft and the files that a session's state shows: those of a moment ago, where it lags."""
        if not lag_seconds:
            return session.draft, self.files(session.id)
        then = self._clock.now() - lag_seconds
        was = self._store.row(
            "SELECT draft FROM replaced_drafts WHERE session_id = ? AND until > ? ORDER BY until LIMIT 1",
            session.id,
            then,
        )
        return session.draft if was is None else json.loads(was["draft"]), self.files(session.id, until=then)

    def files(self, session_id: str, *, until: float = math.inf) -> list[StoredFile]:
        """A session's files, in the order of their upload; those that it had at some moment."""
        rows = self._store.rows("SELECT * FROM files WHERE session_id = ? ORDER BY rowid", session_id)
        return [self._stored(row) for row in rows if row["created_at"] <= until]

    def add_file(
        self, session: Session, name: str, size: int, sha256: str, probe: ProbedFile, incoming: Path
    ) -> StoredFile:
        """Take a received file into a session: the file moves into the store, the draft learns of it."""
        file_id, key = f"file_{uuid4().hex}", secrets.token_hex(16)
        stored_as = file_id + Path(name).suffix.lower()
        incoming.rename(self._store.files / stored_as)
        stored = StoredFile(file_id, name, size, sha256, probe, key, self._store.files / stored_as)
        with self._store.transaction():
            draft = self.get(session.id, session.user_id).draft
            self._store.change(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                file_id,
                session.id,
                name,
                size,
                sha256,
                json.dumps(dataclasses.asdict(probe)),
                key,
                stored_as,
                self._clock.now(),
            )
            self.save_draft(session.id, add_upload(draft, stored.for_editor()))
        return stored

    def file_by_key(self, cdn_key: str) -> StoredFile | None:
        row = self._store.row("SELECT * FROM files WHERE cdn_key = ?", cdn_key)
        return None if row is None else self._stored(row)

    def _stored(self, row: Row) -> StoredFile:
        return StoredFile(
            row["id"],
            row["name"],
            row["bytes"],
            row["sha256"],
            ProbedFile(**json.loads(row["probe"])),
            row["cdn_key"],
            self._store.files / row["stored_as"],
        )
