"""Several videos in one session: each result holds its own video, or says that it does not."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.blocks.session import NemoVideoSession, SavedFile
from prefect_nemovideo.flows.delivery import of_other_videos
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.tasks.sources import Source


@pytest.mark.parametrize(
    ("clips", "alone", "told"),
    [
        (["b"], True, []),
        (["B.mp4", "b"], True, []),
        (["b", "a.mp4"], True, ["It is to hold b.mp4 alone, and holds a.mp4 too."]),
        (["a", "b", "a", "c"], True, ["It is to hold b.mp4 alone, and holds a, c too."]),
        (["clip made by the editor", "b"], True, []),
        (["a", "b"], False, []),
    ],
)
def test_a_video_that_holds_others_of_its_session_says_so(clips: list[str], alone: bool, told: list[str]) -> None:
    """An editor may overlook that the next video is to be alone: the file that comes is sound, and another one."""
    files = [SavedFile(name=f"{name}.mp4", where=name, identity=name) for name in "abc"]
    block = NemoVideoSession(session_id="1", account="me", profile="video-4k", files=files)
    source = Source(where="b.mp4", kind="file", name="b.mp4", bytes=1, identity="b")
    wishes = Wishes([source], ["sharpen"], OutputSpec(), None, "b-1.mp4", alone=alone)

    assert of_other_videos(clips, wishes, Saved(None, block, "me", "video-4k")) == told
