"""What a new user sees and what is kept, with no account and nothing set up."""

from __future__ import annotations

import json
import re
import stat
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

WORDS = ("edit", "small.mp4", "-i", "sharpen the details", "--resolution", "320x180")


@pytest.mark.conformance(
    "connect-first",
    "setting-up",
    "brief-setup",
    "no-tokens-no-json",
    "free-token",
    "free-credits",
    "text-events",
    "code-2001-anonymous",
)
def test_a_new_user_is_connected_in_a_few_plain_words(
    nemo: Callable[..., Any], command: Callable[..., Any], small_clip: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    """No token is needed: an account is made, said in one line, kept for its owner only, and used again."""
    service = nemo(instant_renders=True, credits_per_edit=100)
    monkeypatch.delenv("NEMO_TOKEN")
    (tmp_path / "small.mp4").write_bytes(small_clip.read_bytes())

    first = command(*WORDS)
    assert first.code == 0, first.err
    lines = first.err.splitlines()
    assert lines[0] == "Setting up…"
    assert lines.count("Setting up…") == 1
    assert lines.count("Connected: the session is open.") == 1
    until = (datetime.now(UTC) + timedelta(days=7)).date()
    assert lines.count(f"Using an anonymous account with 100 credits until {until}. NEMO_TOKEN uses your own.") == 1, (
        first.err
    )
    assert "The editor says: Done: sharpening 0.8." in lines

    kept = Path.home() / ".config" / "nemovideo"
    (account,) = json.loads((kept / "anonymous.json").read_text()).values()
    said = first.out + first.err
    assert account["token"] not in said
    assert "Bearer" not in said
    assert not re.search(r'[{}]|\\u|"data"|Traceback', said)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept.iterdir()} == {0o600}

    (asked,) = service.requests("token")
    assert (asked["method"], asked["path"]) == ("POST", "/api/auth/anonymous-token")
    client_id = asked["headers"]["x-client-id"]
    assert str(uuid.UUID(client_id)) == client_id == (kept / "client_id").read_text().strip()

    spent = command(*WORDS, "--force")
    assert len(service.requests("token")) == 1
    assert spent.code == 5
    link = f"https://nemovideo.com/register?bind={account['user_id']}"
    assert spent.err.splitlines()[-2:] == [
        "Error: The account has no credits left. Nothing was uploaded or charged.",
        f"Next: Register to get more and keep this project: {link}",
    ]
