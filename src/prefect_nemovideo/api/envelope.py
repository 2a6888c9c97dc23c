"""A reply's bytes → its data, or the error that it means. Pure: no I/O.

The service wraps most replies in `{"code": 0, "message": …, "data": {…}}`, where a code other than 0 is an error
even with HTTP 200; render replies come as `{"success": true, "data": {…}}` or bare.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from prefect_nemovideo.api.errors import (
    CallFailed,
    FileRefused,
    NotFound,
    OutOfCredits,
    PlanRefused,
    RateLimited,
    RequestRefused,
    ServiceTrouble,
    SessionGone,
    TokenRefused,
    UnexpectedReply,
)
from prefect_nemovideo.api.profiles import EXTENSIONS
from prefect_nemovideo.api.reasons import NO_REASON, in_words
from prefect_nemovideo.api.text import read_json

M = TypeVar("M", bound=BaseModel)

TOKEN_CODES = {1001, 1010, 1011, 401}
#: Codes that the contract's table explains; any other says less than the HTTP status beside it.
EXPLAINED_CODES = TOKEN_CODES | {1002, 2001, 4001, 4002, 402, 404, 413, 415, 429}
LONGEST_QUOTE = 300
SHORTEST_TOKEN = 10

#: Calls by their names for people, as the object of a sentence: "the service refused the upload with HTTP 403".
UPLOAD, EDITOR, EXPORT, DOWNLOAD = "the upload", "the instruction", "the export", "the download"
ACCOUNT, SESSION = "the request for an anonymous account", "the request for a session"
STATE, CREDITS, LINK = "the request for the timeline", "the request for the credits", "the request for a link"
EXPORT_STATUS, EXPORT_CANCELLATION = "the request for the export's progress", "the cancellation of the export"

#: Where 402 is about exporting.
EXPORTS = (EXPORT, EXPORT_STATUS, DOWNLOAD)
#: What comes first: where nothing is found there, it is not NemoVideo that was asked.
FIRST_CALLS = (ACCOUNT, SESSION, CREDITS)
#: What to do where such a call was too long.
SHORTER = {
    EDITOR: "Make the instruction shorter, or say it in several.",
    EXPORT: "Shorten the video, or make it in several.",
}

REPORT = "please report it with the version of prefect-nemovideo."
CHANGED = f"The service may have changed: {REPORT}"

#: What a quoted reply may hold and an error must not show: tokens, and the signatures of links.
_SECRETS = (
    (re.compile(r"\b(nmv|clm)_[\w-]+"), r"\1_…"),
    (re.compile(r"(bearer\s+)[\w.~+/=-]+", re.IGNORECASE), r"\1…"),
    (re.compile(r'("\w*token"\s*:\s*")[^"]+', re.IGNORECASE), r"\1…"),
    (re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+"), r"\1?…"),
)


def decode(endpoint: str, status: int, body: bytes) -> dict[str, Any]:
    """The JSON object of a reply, unwrapped.

    Raises:
        CallFailed: The error that the HTTP status or the envelope's code stands for.
    """
    document = _document(body)
    code, message = _code(document), _message(document)
    if 300 <= status < 400:
        raise UnexpectedReply(
            f"The service answered {endpoint} with HTTP {status}, a redirect that is not followed.",
            next_step="Set NEMO_API_URL to the address that it redirects to.",
            endpoint=endpoint,
            status=status,
        )
    if status >= 400 or code not in (None, 0):
        raise refusal(endpoint, status, code, message or _excerpt(body))
    if document is None:
        raise UnexpectedReply(
            f"The service answered {endpoint} with HTTP {status} and {_kind(body)} instead of the expected data.",
            next_step="Check that NEMO_API_URL points to a NemoVideo API.",
            endpoint=endpoint,
            status=status,
            illegible=True,
        )
    if document.get("success") is False:
        raise refusal(endpoint, status, code, message or "the request did not succeed")
    data = document.get("data")
    if isinstance(data, dict):
        # Some replies carry a field beside `data` instead of in it.
        return {
            **{k: v for k, v in document.items() if k not in {"data", "code", "message", "success"}},
            **data,
        }
    return document


def parse(model: type[M], data: dict[str, Any], endpoint: str, status: int = 200) -> M:
    """`data` as a model.

    Raises:
        UnexpectedReply: A field is missing or of another kind; names endpoint, status and field.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise unexpected(endpoint, field, status, missing=first["type"] == "missing") from error


def unexpected(endpoint: str, field: str, status: int = 200, *, missing: bool = True) -> UnexpectedReply:
    """The error of a reply that lacks a field which the contract promises, or has another kind of value in it."""
    what = "without" if missing else "with an unexpected"
    return UnexpectedReply(
        f"The service answered {endpoint} with HTTP {status}, but {what} `{field}`.",
        next_step=CHANGED,
        endpoint=endpoint,
        status=status,
        field=field,
    )


#: What a gateway says of a call that took too long, or came too early, whatever became of it behind the gateway.
GATEWAY_TIMEOUTS = frozenset({408, 425, 499})


def refusal(endpoint: str, status: int, code: int | None, message: str) -> CallFailed:
    """The error that a status and an envelope's code stand for, as in the contract's table."""
    facts: dict[str, Any] = {"endpoint": endpoint, "status": status, "api_code": code}
    message = _shown(message)
    said = f" The service says: {message.rstrip('.')}." if message else ""
    word = code if code in EXPLAINED_CODES or (status < 400 and code is not None) else status
    if word in TOKEN_CODES:
        return TokenRefused(
            f"The token was refused: it is wrong or has expired.{said}",
            next_step="Set NEMO_TOKEN to a valid token (or save a new one in the credentials block) and run it again.",
            **facts,
        )
    # An agent server says it in words only.
    if word == 1002 or (word == 404 and "session not found" in message.casefold()):
        return SessionGone(
            f"The session does not exist any more, and its uploads and timeline with it.{said}",
            next_step="Start anew with --restart; the source is uploaded and edited again, and charged again.",
            **facts,
        )
    if word == 2001:
        return OutOfCredits(
            f"The account has no credits left for this.{said}",
            next_step="Top up credits in your account, then run the same command again.",
            **facts,
        )
    if word in (4001, 4002, 413, 415):
        return _size_or_kind_refused(endpoint, _number(status, code), said, word in (4002, 413), facts)
    if word == 402 and endpoint not in EXPORTS:
        return PlanRefused(
            f"Your plan does not allow this: the service refused {endpoint}. This is not a matter of credits.{said}",
            next_step="Upgrade your plan, then run the same command again.",
            **facts,
        )
    if word == 402:
        return PlanRefused(
            f"Your plan may not export this video. This is not a matter of credits.{said}",
            next_step="Register or upgrade your plan to unlock export, then run the same command again.",
            **facts,
        )
    if word == 429:
        return RateLimited(f"Too many requests.{said}", next_step="Wait a while and run it again.", **facts)
    if word == 404:
        again = f"Run the same command again; if it stays so, {REPORT}"
        return NotFound(
            f"The service found nothing for {endpoint} (404).{said}",
            next_step="Check that NEMO_API_URL points to a NemoVideo API." if endpoint in FIRST_CALLS else again,
            **facts,
        )
    # 501 is no trouble that passes: this service will never know that call.
    if (500 <= word < 600 and word != 501) or word in GATEWAY_TIMEOUTS:
        return ServiceTrouble(
            f"The service is in trouble: it answered {endpoint} with {_number(status, code)}.{said}",
            next_step="Run the same command again later.",
            **facts,
        )
    if word == 403:
        unsaid = f"See on the website whether your account may do this; if it may, {REPORT}"
    else:
        unsaid = f"Run the same command again later; if it stays so, {REPORT}"
    return RequestRefused(
        f"The service refused {endpoint} with {_number(status, code)}.{said}",
        next_step=f"Do as the service says; if that makes no sense, {REPORT}" if said else unsaid,
        **facts,
    )


def _size_or_kind_refused(
    endpoint: str, number: str, said: str, is_too_large: bool, facts: dict[str, Any]
) -> CallFailed:
    """4001 and 415, 4002 and 413: of a file where one was sent, of the request itself elsewhere."""
    if endpoint == UPLOAD:
        if is_too_large:
            return FileRefused(
                f"The file is too large for the service.{said}",
                next_step="Compress it, trim it, or split it into parts.",
                **facts,
            )
        return FileRefused(
            f"The service does not take this kind of file.{said}",
            next_step=f"Use one of: {', '.join(EXTENSIONS)}.",
            **facts,
        )
    what = "too large for it" if is_too_large else "of a kind that it does not take"
    return RequestRefused(
        f"The service refused {endpoint} with {number}: what was sent is {what}.{said}",
        next_step=SHORTER.get(endpoint, CHANGED) if is_too_large else CHANGED,
        **facts,
    )


def without_secrets(text: str) -> str:
    """A text of the service, fit to be shown: without tokens, and without what follows the `?` of a link."""
    for secret, shown in _SECRETS:
        text = secret.sub(shown, text)
    return text


def without_token(said: AnyStr, response: httpx.Response) -> AnyStr:
    """What a service says, without the token that it was asked with: replies are shown, kept and archived."""
    token = response.request.headers.get("authorization", "").removeprefix("Bearer ")
    if len(token) < SHORTEST_TOKEN:
        # A word that somebody's own emulator takes may stand anywhere in a reply, and be no secret.
        return said
    return said.replace(token, "…") if isinstance(said, str) else said.replace(token.encode(), "…".encode())


def _number(status: int, code: int | None) -> str:
    return f"HTTP {status}" if status >= 400 or code is None else f"code {code}"


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _code(document: dict[str, Any] | None) -> int | None:
    value = (document or {}).get("code")
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _message(document: dict[str, Any] | None) -> str:
    document = document or {}
    for name in ("message", "detail", "error", "msg"):
        value = document.get(name)
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and value:
            return value[:LONGEST_QUOTE]
    return ""


def _kind(body: bytes) -> str:
    """What came instead of a document, in words."""
    text = body[:LONGEST_QUOTE].lstrip()
    if not text:
        return "nothing"
    return "a web page" if text.startswith(b"<") else "something else"


def _excerpt(body: bytes) -> str:
    """What a reply without a message says all the same: plain text is quoted, nothing else is for people."""
    text = body[:LONGEST_QUOTE].decode("utf-8", "replace").strip()
    return "" if text.startswith(("<", "{", "[", '"')) or text == "null" else " ".join(text.split())


def _shown(message: str) -> str:
    """What the service says, fit to be shown to people."""
    words = without_secrets(in_words(message))
    return "" if words == NO_REASON else words
