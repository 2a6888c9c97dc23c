"""The account: whose token goes with the calls."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Literal

from prefect.blocks.abstract import CredentialsBlock
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, model_validator

from prefect_nemovideo.api import NemoVideo, Settings
from prefect_nemovideo.api.auth import AnonymousToken
from prefect_nemovideo.api.errors import BadInput

DOCUMENTATION = HttpUrl("https://github.com/prefect-nemovideo/prefect-nemovideo#readme")
LOGO = HttpUrl("https://raw.githubusercontent.com/prefect-nemovideo/prefect-nemovideo/main/docs/logo.png")


def refuse_unknown(values: Any, known: set[str], block: str) -> Any:
    """Blocks take any keyword silently; a misspelt one would be found out only when a job fails."""
    if isinstance(values, dict):
        unknown = set(values) - known - {"block_type_slug"}
        if unknown:
            raise ValueError(f"{block} has no field {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}.")
    return values


class NemoVideoCredentials(CredentialsBlock):
    """Stores a NemoVideo API token.

    Attributes:
        token: The API token (NEMO_TOKEN).
        anonymous: Use an anonymous account.
        api_url: Address of the API.
        web_url: Address of the website.
        client_id: Client id of an anonymous account.

    Example:
        Load stored credentials:
        ```python
        from prefect_nemovideo.blocks import NemoVideoCredentials

        credentials = NemoVideoCredentials.load("BLOCK_NAME")
        ```
    """

    # What a wrong field was given may be a secret in the wrong place: errors don't quote it.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "NemoVideo Credentials"
    _block_type_slug = "nemovideo-credentials"
    _documentation_url = DOCUMENTATION
    _logo_url = LOGO

    token: SecretStr | None = Field(
        default=None,
        title="API token",
        description="The token of a registered account. Without one: NEMO_TOKEN of the worker's environment, else an "
        "anonymous account.",
    )
    anonymous: bool = Field(
        default=False,
        description="Always use an anonymous account (100 credits, 7 days), whatever the environment says.",
    )
    api_url: str | None = Field(
        default=None, title="API address", description="Address of the API. NEMO_API_URL or the cloud's by default."
    )
    web_url: str | None = Field(
        default=None, title="Web address", description="Address of the website, for links. NEMO_WEB_URL by default."
    )
    client_id: str | None = Field(
        default=None,
        title="Client id",
        description="Identifies the client of an anonymous account. Made once and kept by default.",
    )

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, values: Any) -> Any:
        return refuse_unknown(values, set(cls.model_fields), cls.__name__)

    def get_client(self, profile: Literal["video-4k", "4k-with-session"] | str = "video-4k") -> NemoVideo:
        """A client of this account, for one event loop.

        Args:
            profile: The skill that the calls are attributed to.

        Example:
            ```python
            async with credentials.get_client() as nemo:
                print(await nemo.credits.balance())
            ```
        """
        given = {
            "nemo_api_url": self.api_url,
            "nemo_web_url": self.web_url,
            "nemo_client_id": self.client_id,
        }
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        if self.anonymous:
            settings = settings.model_copy(update={"nemo_token": None})
        return NemoVideo(None if self.anonymous else self.token, profile=profile, settings=settings)

    def account(self) -> str:
        """A name for the account and its API that is the same on every machine and gives nothing of the token away."""
        client = self.get_client()
        return f"{client.settings.realm} {client.token.account()}"

    def uses_anonymous_account(self) -> bool:
        """Whether an anonymous account will be used."""
        return isinstance(self.get_client().token, AnonymousToken)


_remembered: ContextVar[dict[str, NemoVideoCredentials] | None] = ContextVar("credentials", default=None)


@contextlib.contextmanager
def remembering_credentials() -> Iterator[None]:
    """Asks the server for each block once in this context: a thousand videos need not ask a thousand times."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


async def load_credentials(name: str) -> NemoVideoCredentials:
    """The saved block of this name; for `default` without one, the environment's token, else an anonymous account.

    `environment` is never a block: it is the environment's token or an anonymous account.

    Raises:
        BadInput: No block of another name than `default` is saved under this name.
    """
    remembered = _remembered.get()
    if remembered is None:
        return await _loaded(name)
    if name not in remembered:
        remembered[name] = await _loaded(name)
    return remembered[name]


async def _loaded(name: str) -> NemoVideoCredentials:
    if name == "environment":
        return NemoVideoCredentials()
    try:
        loaded = await NemoVideoCredentials.aload(name)
    except ValueError:
        if name != "default":
            raise BadInput(
                f"There is no saved NemoVideoCredentials block “{name}”.",
                next_step="Save one in the Prefect UI, or leave the name out to use NEMO_TOKEN.",
            ) from None
        return NemoVideoCredentials()
    assert isinstance(loaded, NemoVideoCredentials)
    return loaded
