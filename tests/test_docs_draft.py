"""The page of the draft's format tells what the renderer reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from prefect_nemovideo.emulator.renderer import draft

PAGE = (Path(__file__).parent.parent / "docs" / "draft.md").read_text()
PARTS = (
    draft.Draft,
    draft.Canvas,
    draft.TrackSettings,
    draft.VideoSegment,
    draft.AudioSegment,
    draft.TextSegment,
    draft.VideoSettings,
    draft.AudioSettings,
    draft.TextSettings,
)


def test_the_example_is_a_draft() -> None:
    """The renderer reads the page's example, and it is as long as it says."""
    example = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]
    read = draft.Draft.model_validate(json.loads(example.replace("…", "")))
    written = read.model_dump(by_alias=True)
    assert [track["tt"] for track in written["t"]] == [0, 1, 7]
    assert written["d"] == max(segment["s"] + segment["d"] for track in written["t"] for segment in track["sg"])


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_is_told(part: type[draft.Part]) -> None:
    """The page names every key that the renderer knows."""
    keys = [field.alias or name for name, field in part.model_fields.items()]
    assert [key for key in keys if not re.search(rf"[`.\"]{key}[`\"]", PAGE)] == []
