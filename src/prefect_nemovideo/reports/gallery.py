"""The page of a batch: every video with its pictures, its facts, and what to do about those that failed."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from prefect_nemovideo.reports.cards import card_of
from prefect_nemovideo.results import BatchResult, VideoResult
from prefect_nemovideo.words import a_length, a_size, videos

if TYPE_CHECKING:
    import jinja2


#: What each page says of who made it.
GENERATOR = "prefect-nemovideo"


def is_gallery(page: bytes) -> bool:
    """Whether a page is one of these, as an earlier run made it, and not something else of the same name."""
    return f'<meta name="generator" content="{GENERATOR}">'.encode() in page


def gallery_page(result: BatchResult, name: str, place: str, made_at: datetime) -> str:
    """The page as HTML: complete in itself but for the pictures and videos beside it, and nothing from elsewhere.

    Args:
        name: What the batch is called.
        place: Address of the place where the page is going to lie, as in `s3://films/tonight`: what lies there too
            is linked relatively, so that a copy of the whole place works as well.
        made_at: When, with a time zone.

    Example:
        >>> page = gallery_page(result, "tonight", "s3://films/tonight", datetime.now(UTC))
    """
    made = [item for item in result.items if isinstance(item, VideoResult)]
    cards = [card_of(item, place) for item in result.items]
    spent = "unknown" if result.credits_spent is None else f"{result.credits_spent:,.0f}"
    numbers = [
        ("Made", f"{result.completed:,}", "good"),
        ("Done before", f"{result.skipped:,}", ""),
        ("Failed", f"{result.failed:,}", "bad" if result.failed else ""),
        ("Deferred", f"{result.deferred:,}", "late" if result.deferred else ""),
        ("Credits spent", spent, ""),
        ("Playing time", a_length(sum(video.duration_seconds for video in made)), ""),
        ("Archived", a_size(sum(video.bytes for video in made)), ""),
    ]
    kinds = {card.kind for card in cards}
    return _template().render(
        generator=GENERATOR,
        name=name,
        videos=videos(result.total),
        numbers=numbers,
        waiting=[card for card in cards if card.kind in ("failed", "deferred")],
        made=[card for card in cards if card.kind in ("made", "differs")],
        filters=[(kind, label) for kind, label in FILTERS if kind in kinds] if len(kinds) > 1 else [],
        place=place,
        made_at=made_at,
    )


#: What the page can be narrowed down to.
FILTERS = (("made", "As requested"), ("differs", "Not as requested"), ("failed", "Failed"), ("deferred", "Deferred"))


@cache
def _template() -> jinja2.Template:
    # Imported only now: whoever edits one video should not wait for it.
    import jinja2

    # Everything is escaped unless the template says otherwise, and it never does.
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("prefect_nemovideo.reports", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("gallery.html")
