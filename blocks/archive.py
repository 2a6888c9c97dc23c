"""Where results are kept: a bucket, with or without credentials of its own."""

from __future__ import annotations

from typing import Any

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, SecretStr, model_validator

from prefect_nemovideo.blocks.credentials import DOCUMENTATION, LOGO, refuse_unknown
from prefect_nemovideo.storage import Place, open_place


class S3Archive(Block):
    """Stores where results are archived: an S3 bucket.

    Attributes:
        bucket: Name of the bucket.
        prefix: Put before each key.
        endpoint_url: Address of an S3-compatible server.
        region: Region of the bucket.
        access_key_id: Access key.
        secret_access_key: Secret key.
        session_token: Token of temporary credentials.

    Example:
        Load a stored archive:
        ```python
        from prefect_nemovideo.blocks import S3Archive

        archive = S3Archive.load("BLOCK_NAME")
        ```
    """

    # What a wrong field was given may be a secret in the wrong place: errors don't quote it.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "NemoVideo S3 Archive"
    _block_type_slug = "nemovideo-s3-archive"
    _documentation_url = DOCUMENTATION
    _logo_url = LOGO

    bucket: str = Field(default=..., description="Name of the bucket.")
    prefix: str = Field(default="", description="Put before each key, as in videos/2026.")
    endpoint_url: str | None = Field(
        default=None,
        title="Endpoint",
        description="Address of an S3-compatible server. AWS_ENDPOINT_URL_S3 or Amazon's own by default.",
    )
    region: str | None = Field(default=None, description="Region of the bucket. The environment's by default.")
    access_key_id: str | None = Field(
        default=None,
        title="Access key id",
        description="Access key. Without one, boto3's own chain is used (environment, profile, role).",
    )
    secret_access_key: SecretStr | None = Field(
        default=None, title="Secret access key", description="Secret key that belongs to the access key."
    )
    session_token: SecretStr | None = Field(
        default=None, title="Session token", description="Token of temporary credentials, where they have one."
    )

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, values: Any) -> Any:
        return refuse_unknown(values, set(cls.model_fields), cls.__name__)

    def get_client(self) -> Place:
        """The bucket as a place to put files.

        Example:
            ```python
            archive.get_client().put_file(Path("clip.mp4"), "clip.mp4", content_type="video/mp4")
            ```
        """
        from prefect_nemovideo.storage.client import make_client

        client = make_client(
            self.endpoint_url,
            self.region,
            access_key=self.access_key_id,
            secret_key=self.secret_access_key.get_secret_value() if self.secret_access_key else None,
            session_token=self.session_token.get_secret_value() if self.session_token else None,
        )
        return open_place(self.address, client=client)

    @property
    def address(self) -> str:
        """The bucket and prefix as `s3://…`."""
        return f"s3://{self.bucket}/{self.prefix.strip('/')}".rstrip("/")
