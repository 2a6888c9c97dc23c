"""Where results are kept: a bucket, with or without credentials of its own."""

from __future__ import annotations

import functools
import os
from typing import Any

from prefect.filesystems import WritableFileSystem
from pydantic import ConfigDict, Field, SecretStr, model_validator

from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.blocks.credentials import DOCUMENTATION, LOGO, refuse_unknown
from prefect_nemovideo.storage import Place, S3Options, open_place


@functools.lru_cache(maxsize=8)
def _client(
    environment: tuple[tuple[str, str], ...],
    endpoint_url: str | None,
    region: str | None,
    access_key: str | None,
    secret_key: str | None,
    session_token: str | None,
) -> Any:
    """A boto3 client, made once for each of these settings: it costs more than a request.

    Args:
        environment: What boto3's own chain reads, so that a client is not used when that has changed.
    """
    del environment
    from prefect_nemovideo.storage.client import make_client

    return make_client(endpoint_url, region, access_key=access_key, secret_key=secret_key, session_token=session_token)


class S3Archive(WritableFileSystem):
    """Stores where results are archived: an S3 bucket.

    It serves as Prefect's result storage too, so that another machine finds the finished steps of a job.

    Attributes:
        bucket: Name of the bucket.
        prefix: Put before each key.
        endpoint_url: Address of an S3-compatible server.
        region: Region of the bucket.
        access_key_id: Access key.
        secret_access_key: Secret key.
        session_token: Token of temporary credentials.
        storage_class: Storage class of videos and pictures.
        kms_key_id: KMS key that everything is encrypted with.
        tags: Tags of everything that is written.
        straight: Whether videos come straight into the bucket, without touching the worker's disk.

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
    storage_class: str | None = Field(
        default=None,
        title="Storage class",
        description="Of videos and pictures, as in STANDARD_IA. Records are kept where they can be read at once.",
    )
    kms_key_id: str | None = Field(
        default=None, title="KMS key id", description="Key that everything is encrypted with. The bucket's by default."
    )
    tags: dict[str, str] = Field(default_factory=dict, description="Tags of everything that is written.")
    straight: bool = Field(
        default=False,
        title="Straight into the bucket",
        description="Videos don't touch the worker's disk: they are checked in the bucket, under a name of their own, "
        "before they get theirs.",
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
        return self._bucket()

    async def read_path(self, path: str) -> bytes:
        """An object's bytes, for Prefect's result storage.

        Raises:
            ValueError: There is no such object. Anything else that stands in the way is a StorageError: what can't be
                read is not the same as what isn't there, and an edit must not be paid for twice because of it.
        """
        content = await in_thread(lambda: self._bucket().read_bytes(path))
        if content is None:
            raise ValueError(f"There is no {self.address}/{path}.")
        return content

    async def write_path(self, path: str, content: bytes) -> None:
        """Keeps bytes, whole or not at all, for Prefect's result storage.

        Raises:
            StorageError: They could not be kept; the message says why.
        """
        await in_thread(lambda: self._bucket().put_bytes(path, content))

    def _bucket(self) -> Place:
        environment = tuple(sorted(item for item in os.environ.items() if item[0].startswith("AWS_")))
        secrets = [secret and secret.get_secret_value() for secret in (self.secret_access_key, self.session_token)]
        client = _client(environment, self.endpoint_url, self.region, self.access_key_id, *secrets)
        options = S3Options(self.storage_class, self.kms_key_id, self.tags, self.straight)
        return open_place(self.address, client=client, options=options)

    @property
    def address(self) -> str:
        """The bucket and prefix as `s3://…`."""
        return f"s3://{self.bucket}/{self.prefix.strip('/')}".rstrip("/")
