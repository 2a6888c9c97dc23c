"""What the environment and the settings file say. Order everywhere: argument, block, environment, file, anonymous."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import httpx
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from prefect_nemovideo.api.errors import BadInput

API_URL = "https://mega-api-prod.nemovideo.ai"
WEB_URL = "https://nemovideo.com"


def config_folder() -> Path:
    """Where the client id and the settings file are: `~/.config/nemovideo`, or under `XDG_CONFIG_HOME`."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "nemovideo"


def _seconds_list(value: object) -> object:
    if isinstance(value, str):
        return tuple(float(part) for part in value.replace(";", ",").split(",") if part.strip())
    return value


class Settings(BaseSettings):
    """The settings of the client, each named by its environment variable.

    The same names may stand in `~/.config/nemovideo/settings.env`, one `NAME=value` a line.

    Raises:
        BadInput: A value can't be used; names the setting.

    Example:
        ```python
        settings = Settings()              # from the environment and the file
        settings.nemo_render_timeout_seconds
        ```
    """

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    nemo_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("nemo_token", "NEMO_TOKEN", "NEMOVIDEO_API_KEY")
    )
    nemo_api_url: str = API_URL
    nemo_web_url: str = WEB_URL
    nemo_client_id: str | None = None
    #: Under which name the API's accounts are known: its address, unless one backend is served at changing ones.
    nemo_realm: str | None = None
    #: Where this runs, as `X-Skill-Platform` says it; told from the place of installation by default.
    skill_source: str | None = Field(None, pattern=r"^[\x21-\x7e]+$")

    #: Seconds between two looks at a render; the first of them, and the shortest.
    nemo_poll_interval_seconds: float = Field(2.0, gt=0)
    #: The longest time between two looks at a render, in seconds.
    nemo_poll_max_interval_seconds: float = Field(10.0, gt=0)
    #: Seconds to wait for a render. The documentation speaks of 30 to 90.
    nemo_render_timeout_seconds: float = Field(900.0, gt=0)
    #: Seconds that one edit may take in all: the service's own limit.
    nemo_edit_timeout_seconds: float = Field(900.0, gt=0)
    #: Seconds of nothing but heartbeats after which an edit is taken for stuck: the service's own limit.
    nemo_edit_idle_timeout_seconds: float = Field(600.0, gt=0)
    #: Seconds to wait before each look at the state after a dropped stream, as documented.
    nemo_recovery_delays_seconds: Annotated[
        tuple[Annotated[float, Field(ge=0)], ...], NoDecode, BeforeValidator(_seconds_list), Field(min_length=1)
    ] = (30.0, 60.0, 60.0, 60.0, 60.0)
    #: Seconds to wait after 429 where the service names no time, as documented.
    nemo_rate_limit_wait_seconds: float = Field(30.0, ge=0)
    #: Seconds between two "Still working…" lines, as documented.
    nemo_still_working_seconds: float = Field(120.0, gt=0)

    def __init__(self, **values: object) -> None:
        file = config_folder() / "settings.env"
        try:
            super().__init__(_env_file=file, **values)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = str(first["loc"][0]).upper() if first["loc"] else "A setting"
            raise BadInput(
                f"{name} has a value that can't be used: {first['msg']}.",
                next_step=f"Correct it in the environment or in {file}.",
            ) from None
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            raise BadInput(f"{file} can't be read: {reason}.", next_step="Correct it, or remove it.") from error

    @field_validator("nemo_api_url", "nemo_web_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        try:
            url = httpx.URL(value.strip())
        except httpx.InvalidURL as error:
            raise ValueError("it is not an address") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("an address begins with http:// or https:// and a host")
        return value.strip().rstrip("/")

    @property
    def api_url(self) -> str:
        return self.nemo_api_url

    @property
    def realm(self) -> str:
        return self.nemo_realm or self.api_url

    @property
    def web_url(self) -> str:
        return self.nemo_web_url
