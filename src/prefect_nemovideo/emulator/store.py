"""Everything the emulator knows, in one SQLite file beside the media files: a restart loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_TIMEOUT_SECONDS = 10.0
"""Another emulator on the same folder may hold the write lock, never for longer than one small transaction."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    user_id TEXT PRIMARY KEY, client_id TEXT UNIQUE, credits INTEGER NOT NULL, plan TEXT, anonymous INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY, user_id TEXT NOT NULL, peer TEXT, created_at REAL NOT NULL, expires_at REAL);
CREATE TABLE IF NOT EXISTS holds (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, credits INTEGER NOT NULL, owner TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS charges (
    seq INTEGER PRIMARY KEY, user_id TEXT NOT NULL, session_id TEXT NOT NULL, instruction TEXT NOT NULL,
    credits INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL, user_id TEXT NOT NULL, task_name TEXT NOT NULL, language TEXT,
    draft TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS replaced_drafts (session_id TEXT NOT NULL, draft TEXT NOT NULL, until REAL NOT NULL);
CREATE INDEX IF NOT EXISTS replaced_drafts_of_session ON replaced_drafts (session_id, until);
CREATE TABLE IF NOT EXISTS claims (
    digest TEXT PRIMARY KEY, session_id TEXT NOT NULL, user_id TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
    probe TEXT NOT NULL, cdn_key TEXT NOT NULL UNIQUE, stored_as TEXT NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS files_of_session ON files (session_id);
CREATE TABLE IF NOT EXISTS renders (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, user_id TEXT NOT NULL, draft TEXT NOT NULL, output TEXT NOT NULL,
    status TEXT NOT NULL, progress REAL NOT NULL, error TEXT, owner TEXT NOT NULL, cdn_key TEXT NOT NULL UNIQUE,
    stored_as TEXT NOT NULL, bytes INTEGER, sha256 TEXT, duration_seconds REAL, width INTEGER, height INTEGER,
    created_ms INTEGER NOT NULL, completed_ms INTEGER);
CREATE INDEX IF NOT EXISTS renders_of_session ON renders (session_id);
CREATE INDEX IF NOT EXISTS renders_by_status ON renders (status);
"""

TABLES = ("meta", "accounts", "tokens", "holds", "charges", "sessions", "replaced_drafts", "claims", "files", "renders")


class Store:
    """One connection to the data folder's database, used by the thread that opened it.

    Calls don't wait for anything but the disk, so they are made on the event loop's thread: each is a small,
    indexed statement.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "emulator.db", isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A crash of the process loses nothing in this mode; only a power cut could lose the last moments.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def number(self, sql: str, *values: object) -> int:
        """The single number that a query such as `SELECT COUNT(*)` gives; 0 where it gives nothing."""
        found = self.row(sql, *values)
        return int(found[0] or 0) if found is not None else 0

    def change(self, sql: str, *values: object) -> int:
        """Run one statement that changes something; the number of rows that it changed."""
        return self._connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, and nobody else writes meanwhile. Don't await inside."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def note(self, key: str) -> str | None:
        """A single remembered value."""
        found = self.row("SELECT value FROM meta WHERE key = ?", key)
        return None if found is None else str(found["value"])

    def remember(self, key: str, value: str) -> None:
        self.change("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)

    def empty(self) -> None:
        """Forget everything, files included."""
        with self.transaction():
            for table in TABLES:
                self.change(f"DELETE FROM {table}")
        for path in self.files.iterdir():
            path.unlink(missing_ok=True)
