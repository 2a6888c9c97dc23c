"""Which size an instruction asks for."""

from __future__ import annotations

import pytest

from prefect_nemovideo.api.models import OutputSpec
from prefect_nemovideo.api.sizes import named_size


@pytest.mark.parametrize(
    ("instruction", "size"),
    [
        ("upscale this video to 4K and sharpen the details", "4k"),
        ("convert this 1080p clip to 4K", "4k"),
        ("make it 720p", "720p"),
        ("export at 1440p", "1440p"),
        ("Full HD please", "1080p"),
        ("in UHD", "4k"),
        ("2160p", "4k"),
        ("resize to 1080x1920", "1080x1920"),
        ("resize to 1080 × 1920", "1080x1920"),
        ("把视频升级到4K", "4k"),
        ("my 4k footage: trim the first 3 seconds", None),
        ("trim the first 3 seconds", None),
        ('add the title "Now in 4K"', None),
        ("add the title 「4K」", None),
        ("a 14k run", None),
        ("clip4k.mp4 first", None),
        ("at 000x000", None),
        ("", None),
    ],
)
def test_the_size_that_an_instruction_names(instruction: str, size: str | None) -> None:
    """What it is to become counts; what it is now, and what is quoted, doesn't."""
    assert named_size([instruction]) == size
    if size is not None:
        assert OutputSpec(resolution=size).resolution == size


def test_the_last_word_counts() -> None:
    assert named_size(["upscale to 4K", "no, export at 1080p"]) == "1080p"
    assert named_size(["upscale to 4K", "add a title"]) == "4k"


def test_a_target_goes_before_a_mention() -> None:
    assert named_size(["scale to 720p", "the 1080p look is nice"]) == "720p"


def test_long_nonsense_is_read_in_one_pass() -> None:
    """A megabyte without a size is read well within the time that any test has."""
    assert named_size(["a" * 1_000_000]) is None
    assert named_size(["ab " * 300_000]) is None
    assert named_size([" " * 1_000_000]) is None
