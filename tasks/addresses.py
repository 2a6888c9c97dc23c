"""Addresses on the web: what lies there, and what of an address says which file it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from prefect_nemovideo.api.numbers import CONNECT_SECONDS

#: Seconds before each further look, after the first was not answered. A look that fails once and succeeds the next
#: time would give one job two keys, and have it made and paid for twice.
LOOK_AGAIN_SECONDS = (1.0, 2.0)
#: A link that was signed for GET refuses a look by HEAD, and some servers don't know that one, or find nothing by it.
GET_ONLY = {400, 401, 403, 404, 405, 501}
#: Parts of an address that let somebody in for a while and don't say to what: of S3 and Google, of CloudFront and the
#: older S3, and of Azure (these are short words, so only beside its `sig`).
SIGNED_PREFIXES = ("x-amz-", "x-goog-")
SIGNED = {"awsaccesskeyid", "googleaccessid", "signature", "expires", "key-pair-id", "policy"}
AZURE_SIGNED = {"sig", "se", "st", "sp", "sv", "sr", "spr", "sip", "ske", "skt", "sks", "skv", "skoid", "sktid"}


@dataclass(frozen=True)
class Seen:
    """What a look at an address found.

    Args:
        status: The HTTP status; None where nobody answered.
        bytes: The file's length, where it is told.
        tag: Tells its content from what lay there before; "" where it isn't told.
    """

    status: int | None = None
    bytes: int | None = None
    tag: str = ""


async def look_at(where: str) -> Seen:
    """Looks at what lies at an address; reads nothing of the file itself."""
    async with httpx.AsyncClient(follow_redirects=True, timeout=CONNECT_SECONDS) as client:
        seen = Seen()
        for seconds in (0.0, *LOOK_AGAIN_SECONDS):
            await asyncio.sleep(seconds)
            try:
                seen = await _look(client, where, "HEAD")
                if seen.status in GET_ONLY:
                    seen = await _look(client, where, "GET")
            except httpx.HTTPError:
                continue
            if seen.status is not None and seen.status < 500:
                break
        return seen


async def _look(client: httpx.AsyncClient, where: str, method: str) -> Seen:
    async with client.stream(method, where, headers={"Accept-Encoding": "identity"}) as answer:
        if not answer.is_success:
            return Seen(answer.status_code)
        length = answer.headers.get("content-length", "")
        tag = answer.headers.get("etag") or answer.headers.get("last-modified") or ""
        return Seen(answer.status_code, int(length) if length.isdigit() else None, tag)


def lasting(where: str) -> str:
    """An address without what signs it for a while: the same file signed anew has the same.

    Example:
        `https://b.s3.amazonaws.com/a.mp4?versionId=3&X-Amz-Signature=…` → `https://b.s3.amazonaws.com/a.mp4?versionId=3`
    """
    parts = urlsplit(where)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    passing = SIGNED | (AZURE_SIGNED if any(name == "sig" for name, _ in asked) else set())
    kept = [
        (name, value)
        for name, value in asked
        if name.lower() not in passing and not name.lower().startswith(SIGNED_PREFIXES)
    ]
    # As it was, letter for letter, where nothing is taken away.
    query = parts.query if len(kept) == len(asked) else urlencode(kept)
    return urlunsplit(parts._replace(query=query, fragment=""))
