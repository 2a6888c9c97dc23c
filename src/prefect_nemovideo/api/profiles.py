"""The two skills whose API this is, and the attribution that each sends with every call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ProfileName = Literal["video-4k", "4k-with-session"]

#: What the API takes, by extension.
VIDEO_EXTENSIONS = ("mp4", "mov", "avi", "webm", "mkv")
IMAGE_EXTENSIONS = ("jpg", "png", "gif", "webp")
AUDIO_EXTENSIONS = ("mp3", "wav", "m4a", "aac")
EXTENSIONS = VIDEO_EXTENSIONS + IMAGE_EXTENSIONS + AUDIO_EXTENSIONS


@dataclass(frozen=True)
class Profile:
    """A skill: whom the calls are attributed to, and what it does where nobody says otherwise.

    Args:
        source: The value of `X-Skill-Source`.
        version: The value of `X-Skill-Version`.
        title: The skill's own name.
        smoothest: The formats that the skill recommends.
        sends_language: Whether a session is made with the language of the instruction.
    """

    source: ProfileName
    version: str
    title: str
    smoothest: tuple[str, ...]
    sends_language: bool
    resolution: str = "4k"

    def headers(self, skill_source: str | None = None) -> dict[str, str]:
        """The attribution headers. Without any one of them the service refuses to export (402).

        Args:
            skill_source: What `SKILL_SOURCE` says; goes before the place of installation.
        """
        return {
            "X-Skill-Source": self.source,
            "X-Skill-Version": self.version,
            "X-Skill-Platform": skill_source or platform(),
        }


PROFILES: dict[str, Profile] = {
    profile.source: profile
    for profile in (
        Profile("video-4k", "1.0.0", "Video 4K", ("MP4", "MOV", "AVI", "MKV"), sends_language=True),
        Profile("4k-with-session", "1.0.0", "4K With Session", ("MP4", "MOV", "AVI", "WebM"), sends_language=False),
    )
}


def platform(installed_at: Path | None = None) -> str:
    """Where this is installed, as `X-Skill-Platform` wants it: `clawhub`, `cursor` or `unknown`.

    Args:
        installed_at: The folder to judge by; the package's own by default.
    """
    place = (installed_at or Path(__file__)).resolve()
    for folder, name in ((".clawhub", "clawhub"), (".cursor/skills", "cursor")):
        if place.is_relative_to((Path.home() / folder).resolve()):
            return name
    return "unknown"
