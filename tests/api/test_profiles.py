"""The two profiles, and where a skill is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_nemovideo.api import NemoVideo
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.profiles import EXTENSIONS, PROFILES, platform

ATTRIBUTION = {"x-skill-source", "x-skill-version", "x-skill-platform"}


@pytest.mark.conformance("skill-platform")
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (".clawhub/skills/video-4k", "clawhub"),
        (".cursor/skills/video-4k", "cursor"),
        (".cursor/extensions", "unknown"),
        ("projects/.clawhub", "unknown"),
        (".clawhub-old", "unknown"),
    ],
)
def test_the_platform_is_told_from_the_place_of_installation(place: str, name: str) -> None:
    assert platform(Path.home() / place) == name


@pytest.mark.conformance("skill-platform")
def test_skill_source_goes_before_the_place_of_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_SOURCE", "my-platform")
    nemo = NemoVideo("t")

    assert nemo.profile.headers(nemo.settings.skill_source)["X-Skill-Platform"] == "my-platform"
    assert nemo.profile.headers()["X-Skill-Platform"] == "unknown"


def test_a_profile_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="There is no profile “8k”") as caught:
        NemoVideo(profile="8k")

    assert caught.value.next_step == "Use one of: video-4k, 4k-with-session."


@pytest.mark.conformance("every-call", "skill-source", "skill-version")
@pytest.mark.parametrize("profile", PROFILES)
async def test_every_call_carries_all_three_attribution_headers(
    emulate: Callable[..., Any], connect: Callable[..., Any], profile: str
) -> None:
    """The anonymous token's, the session's, the state's, the balance's: none without."""
    backend = emulate()
    nemo = connect(backend.url, None, profile=profile)
    session = await nemo.sessions.create()
    await nemo.sessions.state(session.session_id)
    await nemo.sessions.claim(session)
    await nemo.credits.balance()

    sent = backend.requests()
    assert [request["endpoint"] for request in sent] == ["token", "create_session", "state", "claim_token", "credits"]
    assert all(request["headers"].keys() >= ATTRIBUTION for request in sent)
    assert {request["headers"]["x-skill-source"] for request in sent} == {profile}


@pytest.mark.conformance("session-request", "create-session")
@pytest.mark.parametrize(("profile", "language"), [("video-4k", "zh"), ("4k-with-session", None)])
async def test_only_the_first_profile_tells_the_language(
    emulate: Callable[..., Any], connect: Callable[..., Any], profile: str, language: str | None
) -> None:
    backend = emulate()
    await connect(backend.url, profile=profile).sessions.create(language="zh")
    [request] = backend.requests("create_session")

    assert request["body"]["task_name"] == "project"
    assert request["body"].get("language") == language


@pytest.mark.conformance("supported-formats")
def test_the_formats_are_those_of_the_documentation() -> None:
    assert " ".join(EXTENSIONS) == "mp4 mov avi webm mkv jpg png gif webp mp3 wav m4a aac"
