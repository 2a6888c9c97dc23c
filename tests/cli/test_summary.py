"""What a person reads of a result: each thing once, in words."""

from __future__ import annotations

from typing import Any

from prefect_nemovideo.cli.edit import summary
from prefect_nemovideo.results import EditRecord, VideoResult


def lines_of(**changes: Any) -> list[str]:
    """The lines of a result with whatever is to be different, without their indentation."""
    facts: dict[str, Any] = {
        "job_key": "1081c1ac3591d86f",
        "uri": "s3://films/clip-1081c1ac.mp4",
        "sha256": "29a26515" * 8,
        "bytes": 38_200_000,
        "width": 3840,
        "height": 2160,
        "fps": 29.97,
        "duration_seconds": 9.97,
        "video_codec": "h264",
        "has_audio": True,
        "as_requested": True,
        "session_id": "9299",
        "render_id": "render_0f4c",
        "credits_spent": 50.0,
    }
    return [line.strip() for line in summary(VideoResult.model_validate({**facts, **changes}))]


def test_an_edit_says_what_changed_and_else_why_nothing_did() -> None:
    edits = [
        EditRecord(instruction="sharpen it", outcome="applied", changes=["sharpen 0.8", "denoise 0.1"]),
        EditRecord(instruction="make it glow", outcome="applied", silent=True),
        EditRecord(instruction="make it warm", outcome="question", reply="How warm?\nA little?"),
        EditRecord(instruction="make it 4K", outcome="unchanged", reply="It is so already."),
        EditRecord(instruction="make it sing", outcome="unchanged"),
    ]
    assert [line for line in lines_of(edits=edits) if line.startswith("“")] == [
        "“sharpen it”: sharpen 0.8; denoise 0.1",
        "“make it glow”: done",
        "“make it warm”: the editor asked: How warm? A little?",
        "“make it 4K”: changed nothing; the editor said: It is so already.",
        "“make it sing”: changed nothing",
    ]


def test_what_was_spent_is_told_of_this_run_or_of_all_and_also_where_it_is_not_known() -> None:
    assert "50 credits spent" in lines_of()
    assert "1 credit spent" in lines_of(credits_spent=1.0)
    assert "50 credits spent on it in all, earlier runs included" in lines_of(resumed=True)
    assert "What it cost could not be told from the balance" in lines_of(credits_spent=None)


def test_a_difference_that_is_a_warning_as_well_is_told_once() -> None:
    sentence = "“make it sing” changed nothing on the timeline."
    lines = lines_of(as_requested=False, differences=[sentence], warnings=[sentence, "The music is faint."])
    assert [line for line in lines if line.startswith(("Not as", "Note"))] == [
        f"Not as requested: {sentence}",
        "Note: The music is faint.",
    ]
