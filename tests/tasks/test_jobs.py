"""Which jobs are the same, and what their videos are called."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.tasks.archive import manifest_name, video_name
from prefect_nemovideo.tasks.jobs import Job, job_key
from prefect_nemovideo.tasks.renders import render_id

WISHES: dict[str, Any] = {
    "sources": ["sha256:1"],
    "instructions": ["sharpen"],
    "profile": "video-4k",
    "output": OutputSpec(),
    "account": "token-1",
}


def test_the_same_wishes_are_the_same_job_on_every_machine_and_in_every_version() -> None:
    """Written down here, because a key that changes makes everybody pay again for what was under way."""
    assert job_key(**WISHES) == "aec4fd0065fa276c18e2c55a2b201b8f"


@pytest.mark.parametrize(
    "other",
    [
        {"sources": ["sha256:2"]},
        {"sources": ["sha256:1", "sha256:2"]},
        {"instructions": ["sharpen", "sharpen"]},
        {"profile": "4k-with-session"},
        {"output": OutputSpec(resolution="720p")},
        {"output": OutputSpec(fps=30)},
        {"account": "token-2"},
        {"salt": "again"},
    ],
)
def test_other_wishes_are_another_job(other: dict[str, Any]) -> None:
    assert job_key(**WISHES) != job_key(**{**WISHES, **other})


def test_a_render_has_the_same_id_whoever_asks_and_another_one_each_try() -> None:
    job = Job(key="k")
    assert render_id(job, "session", 0) == render_id(job, "session", 0)
    ids = {render_id(job, session, number) for session in ("session", "other") for number in (0, 1)}
    assert len(ids) == 4


def test_a_render_without_a_job_has_an_id_of_its_own() -> None:
    assert render_id(Job(), "session", 0) != render_id(Job(), "session", 0)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("clip.mp4", "clip-0123abcd.mp4"),
        ("holiday clip (1).MOV", "holiday clip (1)-0123abcd.mp4"),
        ("视频.mp4", "视频-0123abcd.mp4"),
        ("a?b*c:d.mp4", "a_b_c_d-0123abcd.mp4"),
        (".mp4", "mp4-0123abcd.mp4"),
        ("....mp4", "video-0123abcd.mp4"),
        ("x" * 200 + ".mp4", "x" * 80 + "-0123abcd.mp4"),
    ],
)
def test_a_videos_name_is_its_sources_and_fits_every_archive(source: str, name: str) -> None:
    assert video_name(source, "0123abcd4567", "mp4") == name


def test_the_record_lies_beside_the_video() -> None:
    assert manifest_name("s3://films/clip.v2-0123abcd.mp4") == "s3://films/clip.v2-0123abcd.manifest.json"
