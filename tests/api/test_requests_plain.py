"""Plain requests in other words than the table's, which cost nothing when they are understood."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.requests import route

SENTENCES: dict[str, list[str]] = {
    "export": [
        "Export please 🙏",
        "👍 export",
        "export plz",
        "export pls :)",
        "re-export",
        "start the export",
        "do the export",
        "confirm export",
        "export my edited footage",
        "download my footage",
        "how do I download it?",
        "where can I download it?",
        "立即导出",
        "开始导出",
        "确认导出",
        "重新导出",
        "再导出一次",
        "导出一份",
        "导出最终版",
        "我需要导出视频",
        "把视频发我",
        "麻烦您导出成片",
    ],
    "credits": ["我想知道我的余额", "麻烦查下积分"],
    "state": ["导出状态", "导出进度", "看下状态"],
    "edit": ["balance left and right", "don't upload clip.mp4", "do not use clip.mp4", "先别上传clip.mp4"],
}


@pytest.mark.parametrize(
    ("sentence", "kind"), [(sentence, kind) for kind, sentences in SENTENCES.items() for sentence in sentences]
)
def test_a_plain_request_is_understood(sentence: str, kind: str) -> None:
    assert (route(sentence).kind, route(sentence).files) == (kind, ())
