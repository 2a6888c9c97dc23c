"""The page of a batch: what it says, where its links lead, and what it never does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from prefect_nemovideo.reports import batch_summary, gallery_page
from prefect_nemovideo.results import BatchResult, FailedVideo, VideoResult

PLACE = "s3://films/tonight"
Video, Failed, Batch = Callable[..., VideoResult], Callable[..., FailedVideo], Callable[..., BatchResult]
Read = Callable[[str], Any]


def page_of(result: BatchResult, place: str = PLACE) -> str:
    return gallery_page(result, "tonight", place, datetime(2026, 11, 25, 20, 30, tzinfo=UTC))


def test_a_video_is_shown_with_its_facts(a_video: Video, a_batch: Batch, read: Read) -> None:
    """Its name without the job's key, its size, length, rate, bytes and credits, what was asked and what was done."""
    (card,) = read(page_of(a_batch(a_video()))).articles
    for fact in ("my clip", "3840 × 2160", "4K", "9.97 s", "29.97 fps", "38.2 MB", "50 credits", "“sharpen it”"):
        assert f"{fact}\n" in card, card
    assert "sharpen 0.8" in card
    assert "As requested" in card
    assert "29a26515" * 8 in card


def test_links_work_in_any_copy_of_the_folder(a_video: Video, a_batch: Batch, read: Read) -> None:
    """Video, pictures and record are named relatively and quoted; only the project's own link leads elsewhere."""
    page = read(page_of(a_batch(a_video())))
    stem = "./my%20clip-1081c1ac"
    assert {f"{stem}.mp4", f"{stem}.jpg", f"{stem}.before.jpg", f"{stem}.manifest.json"} == {
        address for address in page.addresses if address.startswith("./")
    }
    assert [address for address in page.addresses if "//" in address] == [a_video().workspace_url]


def test_a_video_in_another_bucket_is_named_and_not_linked(a_video: Video, a_batch: Batch, read: Read) -> None:
    """A browser can't follow `s3://`, so the page shows the address as text."""
    page = read(page_of(a_batch(a_video(uri="s3://other/clip-1081c1ac.mp4", workspace_url=None))))
    assert page.addresses == []
    assert "s3://other/clip-1081c1ac.mp4" in page.articles[0]


def test_what_failed_says_why_and_what_to_do(a_video: Video, a_failure: Failed, a_batch: Batch, read: Read) -> None:
    """Failed and deferred videos come first, each with its reason and the next step."""
    page = read(page_of(a_batch(a_video(), a_failure(), a_failure("deferred", "No credits are left."))))
    failed, deferred, made = page.articles
    assert "Failed" in failed
    assert "bad_input" not in failed, "words for programs are in the report"
    assert "It is text, not a film." in failed
    assert "Export it again." in failed
    assert "Deferred" in deferred
    assert "No credits are left." in deferred
    assert "As requested" in made


def test_a_difference_is_on_the_card(a_video: Video, a_batch: Batch, read: Read) -> None:
    """A video that is not as requested says so, and how."""
    difference = "Asked for 4K (3840×2160 or its equivalent), got 1920×1080."
    (card,) = read(
        page_of(a_batch(a_video(width=1920, height=1080, as_requested=False, differences=[difference])))
    ).articles
    assert "Not as requested" in card
    assert difference in card
    assert "4K\n" not in card


def test_a_difference_that_is_a_warning_as_well_is_told_once(a_video: Video, a_batch: Batch, read: Read) -> None:
    sentence = "“make it sing” changed nothing on the timeline."
    video = a_video(as_requested=False, differences=[sentence], warnings=[sentence])
    assert read(page_of(a_batch(video))).text.count(sentence) == 1


def test_a_question_of_the_editor_is_told_as_one(a_video: Video, a_batch: Batch, read: Read) -> None:
    edit = {"instruction": "make it warm", "outcome": "question", "reply": "How warm?"}
    (card,) = read(page_of(a_batch(a_video(edits=[edit])))).articles
    assert "“make it warm”\nThe editor asked: How warm?\n" in card


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"])
def test_text_of_strangers_stays_text(evil: str, a_video: Video, a_failure: Failed, a_batch: Batch, read: Read) -> None:
    """Names, instructions, replies and errors can bring no element and no address into the page."""
    edit = {"instruction": evil, "outcome": "applied", "reply": evil}
    evils = a_batch(a_video(edits=[edit], uri=f"{PLACE}/{evil}.mp4", warnings=[evil]), a_failure(message=evil))
    plain = a_batch(a_video(edits=[{**edit, "instruction": "a", "reply": "b"}], warnings=["c"]), a_failure())
    page = read(page_of(evils))
    assert page.tags == read(page_of(plain)).tags
    assert page.articles[0].count(evil) == 1
    assert f"“{evil}”" in page.articles[1]


def test_the_page_loads_nothing_from_elsewhere(a_video: Video, a_batch: Batch) -> None:
    """Its looks and its script are in it, and its policy forbids any other."""
    html = page_of(a_batch(a_video()))
    assert "default-src 'none'" in html
    assert not re.search(r"<link|@import|<script src|url\(", html)


def test_one_video_is_one(a_video: Video, a_batch: Batch) -> None:
    html = page_of(a_batch(a_video()))
    assert "<title>tonight – 1 video</title>" in html
    assert "1 videos" not in html
    assert batch_summary(a_batch(a_video())).startswith("1 video: 1 made")


def test_the_numbers_of_the_batch_are_at_the_top(a_video: Video, a_failure: Failed, a_batch: Batch, read: Read) -> None:
    """How many were made and failed, what it cost, how long and how large all of it is."""
    text = read(page_of(a_batch(a_video(), a_video(duration_seconds=80.0), a_failure()))).text
    assert "3 videos" in text.replace("\n", " ")
    assert "25 November 2026, 20:30 UTC" in text
    for label, number in {
        "Made": "2",
        "Failed": "1",
        "Credits spent": "50",
        "Playing time": "1:30",
        "Archived": "76.4 MB",
    }.items():
        assert f"{label}\n{number}\n" in text
