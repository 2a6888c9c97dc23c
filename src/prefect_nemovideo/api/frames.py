"""One frame of `/run_sse`, taken apart: which keys, which errors, which noise. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from prefect_nemovideo.api.reasons import in_words
from prefect_nemovideo.api.text import read_json, whole

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""The largest event that is read. Real ones with a whole draft stay under 8 MB; more is a broken server."""

HEARTBEAT_WORDS = frozenset({"", "heartbeat", "ping", "pong", "keepalive", "keep-alive", "keep_alive"})

OK_CODES = frozenset({"0", "200"})
"""Values of an envelope's `code` that mean success."""

SILENT_CODES = frozenset({"MODEL_RETURNED_NO_CONTENT", "STOP"})
"""`errorCode`s that only say that the model added no words: a silent edit, not a failed one."""

_STOPPED = {
    "SAFETY": "its safety filter stopped the answer",
    "PROHIBITED_CONTENT": "its safety filter stopped the answer",
    "BLOCKLIST": "its safety filter stopped the answer",
    "IMAGE_SAFETY": "its safety filter stopped the answer",
    "RECITATION": "its answer would have repeated protected material",
    "MAX_TOKENS": "its answer grew too long",
    "MALFORMED_FUNCTION_CALL": "it made a mistake of its own",
    "INVOCATION_ABORTED": "it was stopped",
    "RESOURCE_EXHAUSTED": "its model has more to do than it can",
    "SPII": "its safety filter stopped the answer",
    "MODEL_ARMOR": "its safety filter stopped the answer",
    "OTHER": "its model stopped without a reason",
}
"""`errorCode`s that come without words, in words: what the editor says of itself."""

ABORTED_CODE = "INVOCATION_ABORTED"
TOO_LARGE_CODE = "EVENT_TOO_LARGE"

_NO_MESSAGE = "The server reported an error without a message."

# Agent kits up to 1.22 write the message between quotes without escaping it, so quotes and line ends in it
# make invalid JSON: everything after the key is the message.
_UNESCAPED_ERROR = re.compile(r'\s*\{\s*"error"\s*:\s*"(?P<message>.*?)"?\s*\}?\s*\Z', re.DOTALL)

# The backend's known tail: an apology, a plea to try again, and nothing else. An issue *with* something
# ("a temporary issue with the music, so I used Lo-fi") is content and doesn't match.
_NOISE = re.compile(
    r"""(?:^|(?<=[\s.!?。！？…]))[^\w\s"“]*\s*
    (?:(?:(?:(?:i['’]m[ ]|i[ ]am[ ])?(?:(?:so|very)[ ])?sorry|apologies
          |i[ ]apologi[sz]e|unfortunately|but|however|oops)\W+){0,4}
       (?:it[ ](?:seems|looks[ ]like)[ ])?(?:i|we)(?:['’]ve|[ ]have)?[ ](?:encountered|ran[ ]into|hit)
       [ ]a[ ]temporary[ ](?:issue|problem|error)
       (?:[ ](?:(?:while|when|in)[ ])?processing[ ](?:your|the|this)[ ]request)?
       (?:\W*$|[\s.,;!:–—-]+(?:(?:so|and|but)[ ])?
          (?:please|kindly|try|retry|(?:could|can)[ ]you|you[ ]can|let['’]s|let[ ]me)\b
          [^\n]*$)
    |(?:很|非常|十分)?(?:抱歉|对不起|不好意思)?[，,。]?\s*
       (?:(?:我|系统)?遇到(?:了)?(?:一个|一些|点)?(?:临时|暂时)(?:性)?(?:的)?问题|系统(?:暂时|临时)出现(?:了)?问题)
       (?:\W*$|[，,。！!\s]*请[^\n]*$)
    )\s*\Z""",
    re.IGNORECASE | re.VERBOSE,
)


_NOISE_CHARACTERS = 400
"""The tail is two or three short sentences; looking for it any farther from the end would only cost time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that a stream reported. `api_code` is set when the code is one of the API's numbers."""

    message: str
    code: str = ""

    @property
    def api_code(self) -> int | None:
        """The code as the number in the API's error table (2001: no credits), else None."""
        return int(self.code) if self.code.isascii() and self.code.isdigit() and len(self.code) < 10 else None

    @property
    def reason(self) -> str:
        """The message in words for people."""
        if self.code in _STOPPED and self.message in ("", self.code):
            return _STOPPED[self.code]
        return in_words(self.message)


@lru_cache(maxsize=64)
def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match.group().lower(), name)


def field(mapping: Mapping[str, Any], name: str) -> Any:
    """The value under the camelCase `name` or its snake_case twin; camelCase wins, as on the server."""
    value = mapping.get(name)
    return mapping.get(_snake(name)) if value is None else value


def section(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`, or an empty one when it is missing or something else."""
    value = field(mapping, name)
    return value if isinstance(value, Mapping) else {}


def word(mapping: Mapping[str, Any], name: str) -> str:
    """The string under `name`, or an empty one."""
    value = field(mapping, name)
    return value if isinstance(value, str) else ""


def decode(data: str) -> Any:
    """One payload as JSON. A heartbeat in words is None; an unescaped error frame is repaired.

    Raises:
        ValueError: It is no JSON: a frame of which something is lost, or of a kind nobody knows.
    """
    bare = whole(data.strip().lstrip("\ufeff"))
    if bare.casefold() in HEARTBEAT_WORDS:
        return None
    try:
        return read_json(bare)
    except RecursionError as error:
        raise ValueError("the event is nested too deeply") from error
    except ValueError:
        if match := _UNESCAPED_ERROR.match(bare):
            return {"error": match["message"]}
        raise


def fault_in(event: Mapping[str, Any]) -> Fault | None:
    """The error that a frame reports in any of the known shapes, else None.

    Shapes: `errorCode`/`errorMessage` on an agent event; `{"error": "…"}` with or without `error_details`;
    `{"error": {"code", "message"}}`; `{"type": "error", "content": "…"}`; an API envelope
    `{"code": 2001, "message": "…"}`; `{"success": false, …}`; `{"detail": "…"}`.
    """
    if (code := _code(field(event, "errorCode"))) and code not in OK_CODES:
        return None if code in SILENT_CODES else Fault(word(event, "errorMessage") or code, code)
    kind = word(event, "type").casefold()
    if kind not in {"", "error"}:
        # A tool's result may hold an error of its own, which is the agent's to handle.
        return None
    error, code, said = event.get("error"), _code(event.get("code")), _message(event)
    if isinstance(error, str) and (error.strip() or not event.keys() & {"author", "content"}):
        error_type = word(section(event, "errorDetails"), "errorType")
        return Fault(error.strip() or _NO_MESSAGE, error_type or code)
    if isinstance(error, Mapping):
        return Fault(_message(error) or _NO_MESSAGE, _code(error.get("code")))
    if kind == "error":
        return Fault(said or _NO_MESSAGE, code)
    if code and code not in OK_CODES and "content" not in event:
        return Fault(said or f"The server reported error {code}.", code)
    if event.get("success") is False:
        return Fault(said or _NO_MESSAGE, code)
    if len(event) == 1 and said and "detail" in event:
        return Fault(said)
    return None


def is_heartbeat(event: Any) -> bool:
    """A decoded payload that only says that the other side lives."""
    if event is None or event == {}:
        return True
    if isinstance(event, str):
        return event.casefold() in HEARTBEAT_WORDS
    return isinstance(event, Mapping) and word(event, "type").casefold() in HEARTBEAT_WORDS - {""}


def _code(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int) else value.strip() if isinstance(value, str) else ""


def _message(event: Mapping[str, Any]) -> str:
    for key in ("message", "msg", "content", "text", "error_message", "detail", "error"):
        value = event.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def split_noise(text: str) -> tuple[str, str]:
    """Cut the backend's meaningless tail off: `(answer, noise)`; either may be empty.

    Example:
        >>> split_noise("Trimmed to 4 s. I encountered a temporary issue. Please try again.")
        ('Trimmed to 4 s.', 'I encountered a temporary issue. Please try again.')
    """
    text = text.strip()
    match = _NOISE.search(text, max(0, len(text) - _NOISE_CHARACTERS))
    if match is None:
        return text, ""
    return text[: match.start()].strip(), match.group().strip()
