"""Results as flows give them, and a page as a browser reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from prefect_nemovideo.results import BatchResult, EditRecord, FailedVideo, Failure, Pictures, VideoResult

#: What a browser follows or loads without being asked twice.
ADDRESSES = ("href", "src", "poster", "action", "data")


@dataclass
class Page(HTMLParser):
    """A page's elements, its text, and every address in it."""

    text: str = ""
    tags: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._silent = self._in_article = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ADDRESSES]
        self._silent = tag in ("style", "script")
        if tag == "article":
            self._in_article = True
            self.articles.append("")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        self._in_article = self._in_article and tag != "article"

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words and not self._silent:
            self.text += words + "\n"
            if self._in_article:
                self.articles[-1] += words + "\n"


@pytest.fixture
def read() -> Callable[[str], Page]:
    """Reads a page."""

    def parse(html: str) -> Page:
        page = Page()
        page.feed(html)
        page.close()
        return page

    return parse


@pytest.fixture
def a_video() -> Callable[..., VideoResult]:
    """A delivered video, with whatever is to be different."""

    def make(**changes: Any) -> VideoResult:
        facts: dict[str, Any] = {
            "job_key": "1081c1ac3591d86f",
            "uri": "s3://films/tonight/my clip-1081c1ac.mp4",
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
            "workspace_url": "https://nemovideo.com/workspace/claim?ct=clm_x",
            "edits": [EditRecord(instruction="sharpen it", outcome="applied", changes=["sharpen 0.8"])],
            "credits_spent": 50.0,
            "pictures": Pictures(after="my clip-1081c1ac.jpg", before="my clip-1081c1ac.before.jpg"),
        }
        return VideoResult.model_validate({**facts, **changes})

    return make


@pytest.fixture
def a_failure() -> Callable[..., FailedVideo]:
    """A video that came to nothing."""

    def make(status: str = "failed", message: str = "It is text, not a film.") -> FailedVideo:
        failure = Failure(code="bad_input", message=message, next_step="Export it again.")
        return FailedVideo.model_validate({"status": status, "source": "in/interview.mp4", "error": failure})

    return make


@pytest.fixture
def a_batch() -> Callable[..., BatchResult]:
    """A batch of these, all of them worked on now."""

    def make(*items: VideoResult | FailedVideo) -> BatchResult:
        return BatchResult.of(list(items), started=set(range(len(items))), credits_spent=50.0)

    return make
