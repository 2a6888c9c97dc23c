"""A session with one clip, with two clips and two songs, and a way to talk to it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from prefect_nemovideo.emulator.editor import Answer, UploadedFile, add_upload, new_draft, respond

CLIP = UploadedFile("file_1", "city timelapse.mp4", "video", 10_000, 1920, 1080, 30.0, True)
BEACH = UploadedFile("file_2", "beach.mov", "video", 4_000, 1080, 1920, 25.0, False)
PHOTO = UploadedFile("file_3", "photo.jpg", "image", 0, 4001, 3001, None, False)
SONG = UploadedFile("file_4", "Sunset Drive.mp3", "audio", 3_000, None, None, None, True)
DRUMS = UploadedFile("file_5", "drums.wav", "audio", 60_000, None, None, None, True)


class Session:
    """The uploads and the draft of a session; `say` edits it as the server does."""

    def __init__(self, *files: UploadedFile) -> None:
        self.files: Sequence[UploadedFile] = files
        self.draft: dict[str, Any] = new_draft("project")
        for file in files:
            self.draft = add_upload(self.draft, file)

    def say(self, *instructions: str) -> Answer:
        """Say sentences one after the other; the last one's answer."""
        for instruction in instructions:
            before = copy.deepcopy(self.draft)
            answer = respond(instruction, self.draft, self.files)
            assert self.draft == before, "the draft that was given is never changed"
            assert answer.changed == (answer.draft != before)
            self.draft = answer.draft
        return answer

    def segments(self, kind: int) -> list[dict[str, Any]]:
        return [segment for track in self.draft["t"] if track["tt"] == kind for segment in track["sg"]]

    @property
    def clips(self) -> list[tuple[str, int, int, int]]:
        """Source, start, length and start in the source of each clip."""
        return [(s["src"], s["s"], s["d"], s["m"]["in"]) for s in self.segments(0)]

    @property
    def titles(self) -> list[tuple[str, int, int]]:
        """Text, start and length of each title."""
        return [(s["m"]["text"], s["s"], s["d"]) for s in self.segments(7)]

    @property
    def look(self) -> dict[str, Any]:
        """The settings of the first clip."""
        settings: dict[str, Any] = self.segments(0)[0]["m"]
        return settings

    @property
    def canvas(self) -> tuple[int, int]:
        return self.draft["m"]["width"], self.draft["m"]["height"]


@pytest.fixture
def session() -> Session:
    """One clip: 10 s, 1920x1080, 30 frames a second."""
    return Session(CLIP)


@pytest.fixture
def rich() -> Session:
    """Two clips, a photo and two songs."""
    return Session(CLIP, SONG, BEACH, PHOTO, DRUMS)


@pytest.fixture
def open_session() -> Callable[..., Session]:
    return Session
