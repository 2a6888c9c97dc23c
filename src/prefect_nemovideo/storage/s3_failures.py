"""The border to S3: what botocore raises becomes one of our errors, in a sentence.

Only codes and names are taken over, never the foreign text, which may quote keys or signed addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from prefect_nemovideo.storage.errors import (
    AccessDenied,
    ChecksumMismatch,
    Conflict,
    DiskFull,
    NoCredentials,
    NoSuchBucket,
    NotThere,
    StorageError,
    Unreachable,
)
from prefect_nemovideo.storage.failures import explained

NO_BUCKET = {"NoSuchBucket"}
GONE_UPLOAD = {"NoSuchUpload"}
NO_OBJECT = {"NoSuchKey", "NoSuchVersion", "404", "NotFound"} | GONE_UPLOAD
AT_THE_SAME_TIME = {"ConditionalRequestConflict", "OperationAborted", "409"}
TAKEN = {"PreconditionFailed", "412"} | AT_THE_SAME_TIME
BAD_BYTES = {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"}
FULL = {"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "507"}
BAD_SECRET = {"SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "AuthorizationHeaderMalformed"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
DENIED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "Unauthorized", "401", "403"}
BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling", "TooManyRequests"}
FIRST_SERVER_ERROR_STATUS = 500
#: What systems say of a name that leads nowhere.
NO_HOST = ("not known", "name resolution", "nodename", "no address associated", "failed to resolve")


@contextmanager
def explained_s3(action: str, uri: str | None = None) -> Iterator[None]:
    """Run one step against a place; whatever foreign error it ends with leaves as a StorageError.

    Args:
        action: what was tried, as the end of "Could not …", such as "store clip.mp4".
        uri: where; shown in the sentence and kept as `StorageError.uri`.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    with explained(action, uri):
        # First of all: some of botocore's errors are OSErrors as well, and no disk has anything to do with them.
        try:
            yield
        except ClientError as exc:
            raise from_reply(exc, action, uri) from exc
        except BotoCoreError as exc:
            raise _from_botocore(exc, action, uri) from exc


@contextmanager
def none_if_missing() -> Iterator[None]:
    """Around a read of an object that may not be there: leaves without an error where the server says that it isn't.

    Raises:
        StorageError: A file of this machine is missing, such as one with credentials: that tells nothing of the object.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except NotThere as error:
        if not isinstance(error.__cause__, ClientError):
            raise StorageError(str(error), uri=error.uri) from error


def code_of(exc: Any) -> str:
    """The S3 error code of a ClientError; the HTTP status as text when the reply had no body (HEAD)."""
    return str(exc.response.get("Error", {}).get("Code", ""))


def from_reply(exc: Any, action: str, uri: str | None) -> StorageError:
    """What an S3 server answered, as one of our errors."""
    code = code_of(exc)
    status = int(exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    start = f"Could not {action}" + (f" at {uri}" if uri else "")
    if code in NO_BUCKET:
        return NoSuchBucket(f"{start}: the bucket does not exist. Create it, or correct its name.", uri=uri)
    if code in NO_OBJECT:
        return NotThere(f"{start}: nothing is stored there. Check the bucket and the key.", uri=uri)
    if code in TAKEN:
        return Conflict(
            f"{start}: another object already has this key. Nothing was overwritten. Use another name or archive.",
            uri=uri,
            # Two writers at the same instant: the next try finds out who won.
            retryable=code in AT_THE_SAME_TIME,
        )
    if code in BAD_BYTES:
        return ChecksumMismatch(
            f"{start}: the bytes that arrived do not match their checksum ({code}), and were refused. "
            "Try again; if it happens again, the file changed while it was sent.",
            uri=uri,
            retryable=True,
        )
    if code in FULL:
        return DiskFull(f"{start}: the server has no room left ({code}). Free some space there.", uri=uri)
    if code in EXPIRED:
        return AccessDenied(f"{start}: the S3 credentials have expired. Log in again.", uri=uri)
    if code in BAD_SECRET:
        return AccessDenied(
            f"{start}: the server does not accept these S3 credentials ({code}). "
            "Check the access key, the secret key, the region and the endpoint.",
            uri=uri,
        )
    if code in DENIED or status in (401, 403):
        return AccessDenied(
            f"{start}: access denied. The S3 credentials need s3:PutObject, s3:GetObject and "
            "s3:AbortMultipartUpload on the objects, and s3:ListBucket on the bucket.",
            uri=uri,
        )
    if code in BUSY or status >= FIRST_SERVER_ERROR_STATUS:
        return Unreachable(
            f"{start}: the server is in trouble (HTTP {status}, {code}), after several tries. Try later.",
            uri=uri,
            retryable=True,
        )
    return StorageError(f"{start}: the server refused (HTTP {status}, {code}). Check its settings.", uri=uri)


def _from_botocore(exc: Exception, action: str, uri: str | None) -> StorageError:
    from botocore import exceptions as boto

    start = f"Could not {action}" + (f" at {uri}" if uri else "")
    if isinstance(exc, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError):
        return NoCredentials(
            f"{start}: no complete S3 credentials were found. Set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, or log in.",
            uri=uri,
        )
    if isinstance(exc, boto.SSOError | boto.LoginError | boto.TokenRetrievalError):
        return NoCredentials(f"{start}: the AWS login is missing or has expired. Log in again.", uri=uri)
    if isinstance(exc, boto.ProfileNotFound):
        return NoCredentials(f"{start}: the AWS profile does not exist. Check AWS_PROFILE.", uri=uri)
    if isinstance(exc, boto.SSLError):
        return Unreachable(
            f"{start}: {_why_broken(exc)}. Check AWS_ENDPOINT_URL_S3; AWS_CA_BUNDLE names the certificates to trust.",
            uri=uri,
            retryable=True,
        )
    if isinstance(exc, boto.HTTPClientError | boto.ConnectionError | boto.IncompleteReadError):
        return Unreachable(
            f"{start}: {_why_broken(exc)}. Check AWS_ENDPOINT_URL_S3, the network and the server.",
            uri=uri,
            retryable=True,
        )
    if isinstance(exc, boto.FlexibleChecksumError):
        return ChecksumMismatch(
            f"{start}: the bytes received do not match their checksum. Try again.", uri=uri, retryable=True
        )
    if isinstance(exc, boto.NoRegionError | boto.UnknownRegionError | boto.InvalidRegionError):
        return StorageError(f"{start}: the region is missing, or is none. Check AWS_REGION.", uri=uri)
    if isinstance(exc, boto.ConfigParseError | boto.ConfigNotFound):
        return StorageError(f"{start}: boto3 can't read its settings. Check ~/.aws/config.", uri=uri)
    return StorageError(
        f"{start}: boto3 could not make a request of it. Check the bucket, the region, the endpoint and ~/.aws/config.",
        uri=uri,
    )


def _why_broken(exc: Exception) -> str:
    """Why a server could not be spoken to, in words; of its address no more than the host and the port."""
    from botocore import exceptions as boto

    facts: dict[str, Any] = getattr(exc, "kwargs", {})
    url = urlsplit(str(facts.get("endpoint_url") or ""))
    server = f"{url.scheme}://{url.netloc.rpartition('@')[2]}" if url.netloc else "the S3 server"
    said = str(facts.get("error") or "").casefold()
    if isinstance(exc, boto.ConnectTimeoutError | boto.ReadTimeoutError):
        return f"no answer of {server} came in time"
    if isinstance(exc, boto.SSLError):
        return f"the certificate of {server} is not trusted" if "certificate" in said else f"{server} speaks no HTTPS"
    if isinstance(exc, boto.ProxyConnectionError):
        return f"the proxy did not let a request to {server} through"
    if isinstance(exc, boto.EndpointConnectionError):
        is_unknown = any(words in said for words in NO_HOST)
        return f"there is no such host as {url.hostname}" if is_unknown else f"nobody answers at {server}"
    return f"the connection to {server} broke off"
