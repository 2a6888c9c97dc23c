"""A reply's bytes: its data, or the error that it means."""

from __future__ import annotations

import json

import pytest

from prefect_nemovideo.api import errors
from prefect_nemovideo.api.envelope import (
    ACCOUNT,
    CREDITS,
    EDITOR,
    EXPORT,
    SESSION,
    UPLOAD,
    decode,
    parse,
    without_secrets,
)
from prefect_nemovideo.api.models import Balance, Session, SessionState, UploadedFile

TABLE = [
    (1001, errors.TokenRefused, "The token was refused: it is wrong or has expired", "Set NEMO_TOKEN"),
    (1010, errors.TokenRefused, "The token was refused", "Set NEMO_TOKEN"),
    (1011, errors.TokenRefused, "The token was refused", "Set NEMO_TOKEN"),
    (401, errors.TokenRefused, "The token was refused", "Set NEMO_TOKEN"),
    (1002, errors.SessionGone, "The session does not exist any more, and its uploads and timeline", "--restart"),
    (2001, errors.OutOfCredits, "The account has no credits left for this", "Top up"),
    (4001, errors.RequestRefused, "refused the thing with code 4001: what was sent is of a kind", "report it"),
    (4002, errors.RequestRefused, "refused the thing with code 4002: what was sent is too large for it", "report it"),
    (402, errors.PlanRefused, "Your plan does not allow this", "Upgrade your plan"),
    (403, errors.RequestRefused, "The service refused the thing with", "please report it"),
    (404, errors.NotFound, r"The service found nothing for the thing \(404\)", "Run the same command again"),
    (429, errors.RateLimited, "Too many requests", "Wait a while"),
    (500, errors.ServiceTrouble, "The service is in trouble: it answered the thing with", "later"),
    (503, errors.ServiceTrouble, "The service is in trouble", "later"),
    (4999, errors.RequestRefused, "The service refused the thing with code 4999", "please report it"),
    (400, errors.RequestRefused, "The service refused the thing with", "please report it"),
]


def body(code: int) -> bytes:
    return json.dumps({"code": code, "message": "Because.", "data": None}).encode()


@pytest.mark.parametrize(("code", "kind", "sentence", "next_step"), TABLE)
def test_each_code_in_a_200_is_its_error(
    code: int, kind: type[errors.CallFailed], sentence: str, next_step: str
) -> None:
    with pytest.raises(errors.CallFailed, match=sentence) as caught:
        decode("the thing", 200, body(code))

    assert type(caught.value) is kind
    assert "The service says: Because." in str(caught.value)
    assert next_step in caught.value.next_step
    assert caught.value.facts == {"endpoint": "the thing", "status": 200, "api_code": code}


@pytest.mark.parametrize(("code", "kind", "sentence", "next_step"), [row for row in TABLE if row[0] < 600])
@pytest.mark.parametrize("content", [b"", b"<html>gateway</html>", b'{"message": "No."}', b'{"code": 77777}'])
def test_each_http_status_is_its_error_whatever_comes_with_it(
    code: int, kind: type[errors.CallFailed], sentence: str, next_step: str, content: bytes
) -> None:
    """Nothing, an error page, a message without a code, a code that nobody knows."""
    with pytest.raises(errors.CallFailed, match=sentence) as caught:
        decode("the thing", code, content)

    assert type(caught.value) is kind
    assert next_step in caught.value.next_step
    assert "<html>" not in str(caught.value)


@pytest.mark.parametrize(
    ("codes", "sentence", "next_step"),
    [
        ((4001, 415), "The service does not take this kind of file", "Use one of: mp4, mov, avi, webm"),
        ((4002, 413), "The file is too large for the service", "Compress it, trim it"),
    ],
)
def test_a_file_that_is_refused_is_told_as_one(codes: tuple[int, ...], sentence: str, next_step: str) -> None:
    for code in codes:
        with pytest.raises(errors.FileRefused, match=sentence) as caught:
            decode(UPLOAD, 200, body(code))
        assert next_step in caught.value.next_step


@pytest.mark.parametrize("endpoint", [ACCOUNT, SESSION, CREDITS])
def test_where_the_first_calls_find_nothing_the_address_is_in_doubt(endpoint: str) -> None:
    with pytest.raises(errors.NotFound) as caught:
        decode(endpoint, 404, b"")
    assert caught.value.next_step == "Check that NEMO_API_URL points to a NemoVideo API."


def test_a_known_code_says_more_than_the_status_beside_it() -> None:
    with pytest.raises(errors.OutOfCredits):
        decode("the thing", 403, body(2001))
    with pytest.raises(errors.TokenRefused):
        decode("the thing", 500, body(1001))


@pytest.mark.conformance("code-402")
def test_402_is_never_called_a_matter_of_credits() -> None:
    with pytest.raises(errors.PlanRefused, match="This is not a matter of credits") as caught:
        decode(EXPORT, 402, body(402))
    assert "Register or upgrade your plan to unlock export" in caught.value.next_step


@pytest.mark.parametrize("endpoint", [EDITOR, SESSION, UPLOAD, CREDITS])
def test_402_speaks_of_an_export_only_where_one_was_asked_for(endpoint: str) -> None:
    with pytest.raises(errors.PlanRefused) as caught:
        decode(endpoint, 402, body(402))
    said = f"{caught.value} {caught.value.next_step}"
    assert str(caught.value).startswith(f"Your plan does not allow this: the service refused {endpoint}. ")
    assert "not a matter of credits" in said
    assert "export" not in said
    assert "edits are kept" not in said


@pytest.mark.parametrize("status", [413, 415])
def test_413_and_415_speak_of_a_file_only_where_one_was_uploaded(status: int) -> None:
    with pytest.raises(errors.FileRefused):
        decode(UPLOAD, status, b"")
    with pytest.raises(errors.RequestRefused) as caught:
        decode(EDITOR, status, b"")
    assert "file" not in str(caught.value)
    assert "MB" not in caught.value.next_step
    if status == 413:
        assert "too large" in str(caught.value)
        assert "Make the instruction shorter" in caught.value.next_step
        with pytest.raises(errors.RequestRefused, match="refused the export with HTTP 413: what was sent is too large"):
            decode(EXPORT, status, b"")


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b'{"code": 0, "data": {"tok'),
        (200, b'[{"token": 1}]'),
        (200, b"null"),
        (200, b""),
        (200, b"<html>hello</html>"),
        (500, b'{"code": 5, "message": "x'),
        (503, b'[{"loc": ["body"]}]'),
        (400, b'{"detail": [{"loc": ["body", "id"], "msg": "field required"}]}'),
        (400, b'{"message": "ValueError: {\'clip\': 1}"}'),
        (500, b'{"message": "OSError: [Errno 28] No space left on device"}'),
    ],
    ids=str,
)
def test_no_error_shows_json_or_the_name_of_an_exception(status: int, content: bytes) -> None:
    with pytest.raises(errors.CallFailed) as caught:
        decode("the thing", status, content)
    assert not set("{}[]") & set(str(caught.value))
    assert "Errno" not in str(caught.value)
    assert "JSON" not in str(caught.value)
    assert "ValueError" not in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize("detail", ["Session not found", "Session not found: 123"])
def test_an_agent_servers_404_for_a_session_is_a_session_that_is_gone(detail: str) -> None:
    with pytest.raises(errors.SessionGone):
        decode(EDITOR, 404, json.dumps({"detail": detail}).encode())


@pytest.mark.conformance("code-0")
@pytest.mark.parametrize(
    ("content", "data"),
    [
        (b'{"code": 0, "message": "ok", "data": {"a": 1}}', {"a": 1}),
        (b'{"code": "0", "data": {"a": 1}}', {"a": 1}),
        (b'{"success": true, "data": {"a": 1}}', {"a": 1}),
        (b'{"a": 1}', {"a": 1}),
        (b'{"code": 0, "session_id": "7", "data": {"a": 1}}', {"session_id": "7", "a": 1}),
        (b'{"code": 0, "a": 2, "data": {"a": 1}}', {"a": 1}),
    ],
)
def test_every_envelope_is_unwrapped(content: bytes, data: dict[str, object]) -> None:
    assert decode("the thing", 200, content) == data


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b"[]", b"null", b"7", b'"text"', b'{"a": ', b"\xff\xfe", b"[" * 100_000, b"9" * 10_000],
)
def test_what_is_not_an_object_is_told_with_endpoint_and_status(content: bytes) -> None:
    """Never a JSONDecodeError, never a RecursionError."""
    with pytest.raises(errors.UnexpectedReply, match="answered the thing with HTTP 200 and"):
        decode("the thing", 200, content)


def test_a_success_that_is_none_is_a_refusal() -> None:
    with pytest.raises(errors.RequestRefused, match="The service says: no such draft"):
        decode(EXPORT, 200, b'{"success": false, "error": {"message": "no such draft"}}')


def test_a_redirect_that_is_not_followed_says_where_to_look() -> None:
    with pytest.raises(errors.UnexpectedReply, match="HTTP 301, a redirect") as caught:
        decode("the session", 301, b"")

    assert "NEMO_API_URL" in caught.value.next_step


def test_a_missing_field_is_named_with_endpoint_and_status() -> None:
    """Never a KeyError, never a ValidationError."""
    with pytest.raises(errors.UnexpectedReply, match="the session with HTTP 201, but without `session_id`") as caught:
        parse(Session, {"task_id": "1"}, "the session", 201)

    assert caught.value.facts == {"endpoint": "the session", "status": 201, "field": "session_id"}
    with pytest.raises(errors.UnexpectedReply, match="with an unexpected `session_id`"):
        parse(Session, {"session_id": ["1"]}, "the session")
    with pytest.raises(errors.UnexpectedReply, match="without `state`"):
        parse(SessionState, {"session_id": "1"}, "the state")
    with pytest.raises(errors.UnexpectedReply, match="with an unexpected `available`"):
        parse(Balance, {"available": "many"}, "the credits")


def test_what_is_only_told_may_be_anything() -> None:
    """A strange value of a field that nothing depends on fails no job."""
    odd = {"filename": None, "fps": "25/1", "width": {}, "duration": "9.97", "hash": 7, "size": "unknown"}
    file = parse(UploadedFile, odd, "the upload")

    assert (file.filename, file.fps, file.width, file.duration, file.hash) == ("", None, None, 9.97, "7")
    assert parse(Balance, {"available": "50.5", "frozen": None, "total": []}, "the credits").owned == 50.5
    assert parse(Session, {"session_id": 12345678901234567890, "task_id": ""}, "the session").session_id == (
        "12345678901234567890"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The token nmv_usr_a-B_1 is bad", "The token nmv_… is bad"),
        ("clm_abc.", "clm_…."),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer …"),
        ('{"data":{"token":"abc', '{"data":{"token":"…'),
        ("GET https://h/p/f.mp4?X-Amz-Signature=1&x=2 failed", "GET https://h/p/f.mp4?… failed"),
        ("Invalid token: expired", "Invalid token: expired"),
    ],
)
def test_no_secret_is_quoted(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_a_refusal_that_quotes_a_secret_does_not_pass_it_on() -> None:
    said = json.dumps({"code": 1001, "message": "Bad token nmv_usr_secret."}).encode()
    with pytest.raises(errors.TokenRefused) as caught:
        decode("the thing", 401, said)

    assert "secret" not in str(caught.value)


def test_every_error_has_a_word_of_its_own_and_is_drawn_in_the_tree() -> None:
    """`code` tells each class from every other, and the picture at the top of the file shows them all."""
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.NemoVideoError)
    ]

    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(f"─ {kind.__name__} " in f"{errors.__doc__}" for kind in kinds if kind is not errors.NemoVideoError)
