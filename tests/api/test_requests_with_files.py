"""Which words of a sentence are files to upload, and which are the edit."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.requests import Kind, route


@pytest.mark.conformance("route-upload")
@pytest.mark.parametrize(
    ("sentence", "files", "edit"),
    [
        ("clip.mp4", ("clip.mp4",), ""),
        ("./a b.mp4", ("./a b.mp4",), ""),
        ("/data/raw/My Clip.MOV", ("/data/raw/My Clip.MOV",), ""),
        ('"a b.mp4"', ("a b.mp4",), ""),
        ("upload 'a b.mp4' please", ("a b.mp4",), ""),
        ("a\\ b.mp4", ("a b.mp4",), ""),
        ("upload clip.mp4 and upscale it to 4K", ("clip.mp4",), "upscale it to 4K"),
        ("Please upload my video ./clip.mp4, then sharpen it.", ("./clip.mp4",), "sharpen it."),
        ("clip.mp4: upscale it to 4K", ("clip.mp4",), "upscale it to 4K"),
        ("clip.mp4 upscale it", ("clip.mp4",), "upscale it"),
        ("上传clip.mp4并升级到4K", ("clip.mp4",), "升级到4K"),
        ("上传“我的 视频.mp4”，然后加字幕", ("我的 视频.mp4",), "加字幕"),
        ("upload a.mp4, b.mov and c.png", ("a.mp4", "b.mov", "c.png"), ""),
        ("upscale clip.mp4 to 4K", ("clip.mp4",), "upscale clip.mp4 to 4K"),
        ("https://example.com/v.mp4?sig=1", ("https://example.com/v.mp4?sig=1",), ""),
        ("use s3://bucket/raw/clip.mp4.", ("s3://bucket/raw/clip.mp4",), ""),
        ("upload https://example.com/watch?v=1", ("https://example.com/watch?v=1",), ""),
        ("replace the music with new.mp3", ("new.mp3",), "replace the music with new.mp3"),
        ("上传clip.mp4", ("clip.mp4",), ""),
        ("夏天.mp4", ("夏天.mp4",), ""),
        ("上传clip.mp4，然后加字幕", ("clip.mp4",), "加字幕"),
        ("upload", (), ""),
        ("上传一个视频", (), ""),
    ],
)
def test_files_are_uploaded_and_the_rest_is_the_edit(sentence: str, files: tuple[str, ...], edit: str) -> None:
    request = route(sentence)
    assert request.kind is Kind.UPLOAD
    assert (request.files, request.edit) == (files, edit)


@pytest.mark.parametrize(
    "sentence",
    [
        "export as final.mp4",
        "add a title saying 'clip.mp4'",
        "remove clip.mp4 from the timeline",
        "delete the clip old.mov",
        "mute music.mp3",
        "rename it to out.mp4 called best.mp4",
        "put https://nemo.example on the end card",
        "删除clip.mp4",
        "use only clip2.mp4",
        "Use only the file 'clip2.mp4'. Upscale it to 4K",
        "only use clip2.mp4 and mute it",
        "switch to clip2.mp4",
        "start a new timeline with clip2.mp4",
        "start over with clip2.mp4",
        "只用clip2.mp4",
        "切换到clip2.mp4，静音",
    ],
)
def test_a_name_that_brings_no_file_uploads_nothing(sentence: str) -> None:
    assert route(sentence).kind is not Kind.UPLOAD
