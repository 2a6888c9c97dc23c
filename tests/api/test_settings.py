"""Which setting goes before which, and what is said of one that can't be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from prefect_nemovideo.api import NemoVideo, Settings
from prefect_nemovideo.api.auth import AnonymousToken
from prefect_nemovideo.api.errors import BadInput


@pytest.fixture
def settings_file() -> Path:
    """`~/.config/nemovideo/settings.env` of the test's own home."""
    file = Path(os.environ["HOME"]) / ".config" / "nemovideo" / "settings.env"
    file.parent.mkdir(parents=True)
    return file


def token_in_use(given: str | None = None) -> str | None:
    return NemoVideo(given).token.known_token()


def test_a_token_is_taken_from_argument_then_environment_then_file(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Argument, NEMO_TOKEN, NEMOVIDEO_API_KEY, settings.env, anonymous: each goes before the ones after it."""
    assert isinstance(NemoVideo().token, AnonymousToken)
    settings_file.write_text("NEMO_TOKEN=of_the_file\n")
    assert token_in_use() == "of_the_file"
    monkeypatch.setenv("NEMOVIDEO_API_KEY", "of_the_key")
    assert token_in_use() == "of_the_key"
    monkeypatch.setenv("NEMO_TOKEN", "of_the_environment")
    assert token_in_use() == "of_the_environment"
    assert token_in_use("of_the_argument") == "of_the_argument"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "")
    monkeypatch.setenv("NEMO_API_URL", "")

    assert isinstance(NemoVideo().token, AnonymousToken)
    assert Settings().api_url == "https://mega-api-prod.nemovideo.ai"


def test_settings_are_moved_with_xdg_config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nemovideo").mkdir()
    (tmp_path / "nemovideo" / "settings.env").write_text("NEMO_WEB_URL=https://web.example/\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert Settings().web_url == "https://web.example"


def test_recovery_delays_are_a_list_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().nemo_recovery_delays_seconds == (30, 60, 60, 60, 60)
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "1, 2.5;3")
    assert Settings().nemo_recovery_delays_seconds == (1, 2.5, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEMO_POLL_INTERVAL_SECONDS", "soon"),
        ("NEMO_RENDER_TIMEOUT_SECONDS", "0"),
        ("NEMO_EDIT_TIMEOUT_SECONDS", "nan"),
        ("NEMO_RECOVERY_DELAYS_SECONDS", "30,then 60"),
        ("NEMO_RECOVERY_DELAYS_SECONDS", "30,-1"),
        ("NEMO_RECOVERY_DELAYS_SECONDS", ","),
        ("NEMO_API_URL", "api.example"),
        ("NEMO_API_URL", "ftp://api.example"),
        ("NEMO_API_URL", "http://"),
        ("NEMO_API_URL", "http://host:no_port"),
        ("SKILL_SOURCE", "two words"),
    ],
)
def test_a_value_that_cant_be_used_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable, and is one of our own."""
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=f"{name} has a value that can't be used") as caught:
        NemoVideo()

    assert "settings.env" in caught.value.next_step


def test_a_settings_file_that_is_no_text_is_named(settings_file: Path) -> None:
    settings_file.write_bytes(b"NEMO_TOKEN=\xff\xfe\n")
    with pytest.raises(BadInput, match=r"settings\.env can't be read"):
        Settings()


@pytest.mark.parametrize("token", ["", " ", "nmv usr", "nmv_usr_\n2", "nmv_usr_é"])
def test_a_token_that_no_header_can_hold_is_refused_and_not_shown(token: str) -> None:
    """An empty one is none; any other is refused before anything is sent."""
    if not token:
        assert isinstance(NemoVideo(token).token, AnonymousToken)
        return
    with pytest.raises(BadInput, match="The NemoVideo token is empty or has characters that no token has") as caught:
        NemoVideo(token)

    assert not token.strip() or token not in str(caught.value)


def test_the_token_shows_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_secret")

    assert "nmv_usr_secret" not in repr(Settings())
    assert "nmv_usr_secret" not in repr(vars(NemoVideo()))
    assert "nmv_usr_secret" not in repr(vars(NemoVideo().token))
