"""A machine's reason, in words for people."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from prefect_nemovideo.api.frames import Fault
from prefect_nemovideo.api.reasons import LONGEST_REASON, in_words, why_broken


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("The model is overloaded.", "The model is overloaded."),
        ("ValueError: no clip", "no clip"),
        ("google.genai.errors.ServerError: 503 UNAVAILABLE. {'error': {'code': 503, 'message': 'Busy.'}}", "Busy."),
        ('{"code": 503, "message": "The model \\"flash\\" is busy"}', 'The model \\"flash\\" is busy'),
        ("[Errno 111] Connection refused", "Connection refused"),
        ("OSError: [Errno 28] No space left on device", "No space left on device"),
        ("TimeoutError: ", "it gave no reason"),
        ("TimeoutError", "it gave no reason"),
        ('{"a": 1}', "it gave no reason"),
        ("", "it gave no reason"),
        ("first\nTraceback (most recent call last):\n  …", "first"),
        ("No [mp5] here", "No [mp5] here"),
        ("No. [{'loc': 1}]", "No."),
        ("Error in the second clip", "Error in the second clip"),
        ("503 clips are too many", "503 clips are too many"),
        ("429 RESOURCE_EXHAUSTED", "resource exhausted"),
        ("503 UNAVAILABLE. The model is busy.", "The model is busy."),
        ("ResourceExhausted: 429 You have used your quota.", "You have used your quota."),
        ("SAFETY filters stopped it", "SAFETY filters stopped it"),
        ("KeyError: 'segment'", "an error of its own, “segment”"),
        ("x" * 1000, "x" * LONGEST_REASON),
    ],
)
def test_a_reason_is_words(reason: str, words: str) -> None:
    assert in_words(reason) == words


def test_a_code_that_comes_without_words_is_put_into_words() -> None:
    assert Fault("SAFETY", "SAFETY").reason == "its safety filter stopped the answer"
    assert Fault("blocked", "SAFETY").reason == "blocked"


GET = httpx.Request("GET", "https://there.example/clip.mp4?X-Amz-Signature=secret")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ReadError(""), "the connection broke off"),
        (httpx.WriteError("[Errno 32] Broken pipe"), "the connection broke off"),
        (httpcore.ReadError(), "the connection broke off"),
        (httpx.ReadTimeout(""), "no answer came in time"),
        (httpx.ConnectTimeout("timed out"), "no answer came in time"),
        (httpx.ConnectError("All connection attempts failed"), "nobody answers there"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "nobody answers there"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "there is no such host"),
        (httpx.ConnectError("[Errno -3] Temporary failure in name resolution"), "there is no such host"),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
            "its certificate is not trusted",
        ),
        (
            httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
            "it does not speak HTTPS",
        ),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "the connection broke off"),
        (httpx.RemoteProtocolError("peer closed connection (incomplete chunked read)"), "the connection broke off"),
        (httpx.RemoteProtocolError("illegal status line: bytearray(b'x')"), "what came is not HTTP"),
        (httpx.UnsupportedProtocol("Request URL has an unsupported protocol 'ftp://'."), "its address can't be used"),
        (httpx.TooManyRedirects("Exceeded maximum allowed redirects."), "it redirects without end"),
        (
            httpx.HTTPStatusError("…", request=GET, response=httpx.Response(403, request=GET)),
            "it answered with HTTP 403",
        ),
        (httpx.StreamClosed(), "the connection broke off"),
    ],
    ids=repr,
)
def test_what_broke_a_connection_is_told_without_the_words_of_machines(error: Exception, words: str) -> None:
    assert why_broken(error) == words
