"""Sentences that put an export off, and sentences in traditional Chinese."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.requests import Kind, route


@pytest.mark.parametrize(
    "sentence",
    [
        "don't export yet",
        "do not export",
        "先别导出",
        "先不要导出",
        "暂时不要导出",
        "不用导出",
        "不要再导出",
        "先別匯出",
        "make it black and white, but don't export yet",
        "Export? No, not yet.",
    ],
)
def test_what_is_not_to_be_exported_yet_is_said(sentence: str) -> None:
    request = route(sentence)
    assert (request.kind, request.edit) == (Kind.EDIT, sentence)
    assert (request.no_export, request.then_export) == (True, False)


def test_an_upload_that_is_not_to_be_exported_is_no_edit() -> None:
    request = route("upload clip.mp4 and don't export yet")
    assert (request.kind, request.edit, request.no_export) == (Kind.UPLOAD, "", True)


def test_a_name_says_nothing_of_the_export() -> None:
    assert route("upload 導演4k.mp4, trim to 5 s, then export").resolution is None


@pytest.mark.parametrize(
    "sentence", ["export", "trim to 5 s and export it", "要不要导出", "add a title saying don't export"]
)
def test_other_sentences_put_nothing_off(sentence: str) -> None:
    assert not route(sentence).no_export


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("導出", "export"),
        ("匯出", "export"),
        ("下載", "export"),
        ("請把影片發給我", "export"),
        ("上傳", "upload"),
        ("積分", "credits"),
        ("餘額", "credits"),
        ("我還有多少積分？", "credits"),
        ("狀態", "state"),
        ("顯示軌道", "state"),
        ("時間線", "state"),
    ],
)
def test_traditional_characters_are_read_as_simplified_ones(sentence: str, kind: str) -> None:
    assert route(sentence).kind == kind
