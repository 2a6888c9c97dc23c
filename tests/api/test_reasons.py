"""A machine's reason, in words for people."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.frames import Fault
from prefect_nemovideo.api.reasons import LONGEST_REASON, in_words


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
        ("Error in the second clip", "Error in the second clip"),
        ("503 clips are too many", "503 clips are too many"),
        ("x" * 1000, "x" * LONGEST_REASON),
    ],
)
def test_a_reason_is_words(reason: str, words: str) -> None:
    assert in_words(reason) == words


def test_a_code_that_comes_without_words_is_put_into_words() -> None:
    assert Fault("SAFETY", "SAFETY").reason == "its safety filter stopped the answer"
    assert Fault("blocked", "SAFETY").reason == "blocked"
