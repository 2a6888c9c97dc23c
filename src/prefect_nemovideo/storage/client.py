"""The one place where an S3 client is made, so that every transfer has the same, measured settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

# To say hello. A bucket farther away than this is down.
CONNECT_TIMEOUT_SECONDS = 10
# Between two bytes of an answer. Servers may check a whole object before they answer its last byte.
READ_TIMEOUT_SECONDS = 300
# The first try and four more, with boto3's own exponential pauses: rides out a restart of a small server.
TOTAL_ATTEMPTS = 5
# Parts of one upload in flight, and a spare connection for the call that ends it.
CONNECTIONS = 8
AMAZON_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def make_client(
    endpoint_url: str | None = None,
    region: str | None = None,
    *,
    access_key: str | None = None,
    secret_key: str | None = None,
    session_token: str | None = None,
    profile: str | None = None,
) -> Any:
    """A boto3 S3 client. Whatever is not given comes from boto3's own chain.

    That chain reads `AWS_ENDPOINT_URL_S3`, `AWS_PROFILE`, `~/.aws`, instance roles and the rest.

    Raises:
        StorageError: when the settings themselves can't be used (a malformed endpoint, an unknown profile).

    Example:
        >>> client = make_client("http://127.0.0.1:9000", "us-east-1", access_key="a", secret_key="b")
    """
    import boto3

    from prefect_nemovideo.storage.errors import StorageError
    from prefect_nemovideo.storage.s3_failures import explained_s3

    with explained_s3("make an S3 client"):
        session = boto3.Session(
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=session_token,
            region_name=region,
            profile_name=profile,
        )
        try:
            # boto3 alone knows which of its sources names the endpoint; so ask it, then set up for what it is.
            found = str(session.client("s3", endpoint_url=endpoint_url).meta.endpoint_url)
            return session.client("s3", endpoint_url=endpoint_url, config=_settings_for(found))
        except ValueError as exc:
            raise StorageError(
                "The S3 endpoint or region is not well formed. Write the endpoint like "
                "https://s3.example.org, and check AWS_ENDPOINT_URL_S3."
            ) from exc


def _settings_for(endpoint_url: str) -> Any:
    from botocore.config import Config

    url = urlsplit(endpoint_url)
    is_amazon = (url.hostname or "").endswith(AMAZON_DOMAINS)
    s3: dict[str, Any] = {}
    if url.scheme == "https":
        # Every upload here carries its SHA-256 in a signed header and TLS guards the bytes: hashing them a
        # second time for the signature would only double the work. Over plain http that signature is the one
        # checksum that each server verifies, so there it stays.
        s3["payload_signing_enabled"] = False
    if not is_amazon:
        # bucket.localhost and bucket.minio.internal rarely resolve.
        s3["addressing_style"] = "path"
    return Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS},
        max_pool_connections=CONNECTIONS,
        # boto3 still signs shared links for us-east-1 in the old way, which newer servers refuse.
        signature_version="s3v4",
        # We send our own checksums. boto3's automatic ones travel as trailers, which Ceph and rclone
        # refuse (HTTP 411) and which others have stored as part of the object.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_supported" if is_amazon else "when_required",
        s3=s3,
    )
