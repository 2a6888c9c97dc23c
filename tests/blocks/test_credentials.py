"""Whose token is used: argument, block, environment, file, anonymous, in that order."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect_server import PrefectServer
from pydantic import SecretStr

from prefect_nemovideo.api.auth import AnonymousToken, ConfiguredToken
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks import NemoVideoCredentials
from prefect_nemovideo.blocks.credentials import load_credentials


def token_of(block: NemoVideoCredentials) -> str | None:
    """The token that calls would carry; None where an anonymous account would be made."""
    token = block.get_client().token
    return token.known_token() if isinstance(token, ConfiguredToken) else None


@pytest.fixture
def in_file() -> None:
    """A settings file with a token."""
    file = Path.home() / ".config" / "nemovideo" / "settings.env"
    file.parent.mkdir(parents=True)
    file.write_text("NEMO_TOKEN=from-file\n")


@pytest.fixture
def in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token in the environment."""
    monkeypatch.setenv("NEMO_TOKEN", "from-environment")


@pytest.mark.usefixtures("in_file", "in_environment")
def test_a_block_goes_before_the_environment() -> None:
    assert token_of(NemoVideoCredentials(token=SecretStr("from-block"))) == "from-block"


@pytest.mark.conformance("token-of-environment")
@pytest.mark.usefixtures("in_file", "in_environment")
def test_the_environment_goes_before_the_file() -> None:
    assert token_of(NemoVideoCredentials()) == "from-environment"


@pytest.mark.usefixtures("in_file")
def test_the_file_goes_before_an_anonymous_account() -> None:
    assert token_of(NemoVideoCredentials()) == "from-file"


def test_without_any_token_the_account_is_anonymous() -> None:
    assert NemoVideoCredentials().uses_anonymous_account()


@pytest.mark.usefixtures("in_file", "in_environment")
def test_an_anonymous_block_ignores_every_token() -> None:
    assert isinstance(NemoVideoCredentials(anonymous=True).get_client().token, AnonymousToken)


def test_the_older_name_of_the_variable_works_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMOVIDEO_API_KEY", "from-older-name")
    assert token_of(NemoVideoCredentials()) == "from-older-name"


def test_addresses_of_a_block_go_before_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_API_URL", "http://environment.example")
    settings = NemoVideoCredentials(api_url="http://block.example/").get_client().settings
    assert settings.api_url == "http://block.example"


def test_the_accounts_name_tells_accounts_apart_and_nothing_of_the_token() -> None:
    one, other = (NemoVideoCredentials(token=SecretStr(f"nmv_usr_{name}")).account() for name in ("one", "other"))
    assert one != other
    assert not [name for name in (one, other) if "nmv_usr" in name]


@pytest.mark.parametrize("profile", ["video-4k", "4k-with-session"])
def test_a_client_is_of_the_profile_asked_for(profile: str) -> None:
    assert NemoVideoCredentials().get_client(profile).profile.source == profile


@pytest.mark.usefixtures("in_environment")
async def test_default_is_the_saved_block_of_that_name_else_the_environment(prefect_api: PrefectServer) -> None:
    assert token_of(await load_credentials("default")) == "from-environment"
    await NemoVideoCredentials(token=SecretStr("from-default-block")).asave("default")
    try:
        assert token_of(await load_credentials("default")) == "from-default-block"
    finally:
        await NemoVideoCredentials.adelete("default")


async def test_a_name_under_which_nothing_is_saved_is_an_error_that_names_it(prefect_api: PrefectServer) -> None:
    with pytest.raises(BadInput, match="There is no saved NemoVideoCredentials block “nobody”") as missing:
        await load_credentials("nobody")
    assert "Save one" in missing.value.next_step
