"""What became of each job, as events that automations can be set on.

    nemovideo.job.completed    a video was made and archived
    nemovideo.job.failed       it came to nothing; the payload says why and what to do
    nemovideo.job.deferred     it was not started, for the budget

The event's resource is the job (`nemovideo.job.…`); related are the run with its deployment, work pool and queue, and
the batch if there is one (`nemovideo.batch.…`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prefect.events import emit_event

from prefect_nemovideo.problems import describe, is_deferred, is_known
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.words import shown_address

COMPLETED, FAILED, DEFERRED = "nemovideo.job.completed", "nemovideo.job.failed", "nemovideo.job.deferred"
#: An event may not be larger than 1.5 MB; a sentence that is longer than this is none.
LONGEST_TEXT = 2000


@contextmanager
def announcing(source: str, batch: str | None = None) -> Iterator[Callable[[VideoResult], None]]:
    """Tells what becomes of the job inside; call its value with the video that was made.

    Nobody need listen: where there is no Prefect server, nothing is sent.

    Args:
        source: The footage, as it was given.
        batch: The batch that the job belongs to.

    Example:
        ```python
        with announcing("clip.mp4") as delivered:
            delivered(await make_video(order))
        ```
    """
    # A job that failed early has no key yet; its footage tells it apart.
    name = hashlib.sha256(source.encode()).hexdigest()[:32]
    source = shown_address(source)
    try:
        yield lambda video: _completed(video, source, batch)
    except Exception as error:
        if is_known(error):
            failure = describe(error)
            event = DEFERRED if is_deferred(error) else FAILED
            facts = {"code": failure.code, "message": failure.message, "next_step": failure.next_step}
            _emit(event, name, source, batch, facts)
        raise


def _completed(video: VideoResult, source: str, batch: str | None) -> None:
    facts = video.model_dump(mode="json", include={"uri", "bytes", "width", "height", "fps", "duration_seconds"})
    spent = {"credits_spent": video.credits_spent, "as_requested": video.as_requested}
    _emit(COMPLETED, video.job_key, source, batch, {**facts, **spent, "differences": " ".join(video.differences)})


def _emit(event: str, job: str, source: str, batch: str | None, facts: dict[str, Any]) -> None:
    # Prefect itself adds the run, its deployment, and its work pool and queue.
    related = [{"prefect.resource.id": f"nemovideo.batch.{batch}", "prefect.resource.role": "batch"}] if batch else []
    resource = {"prefect.resource.id": f"nemovideo.job.{job}", "prefect.resource.name": source[:LONGEST_TEXT]}
    payload = {"source": source, **facts}
    emit_event(
        event=event,
        resource=resource,
        related=related,
        payload={word: fact[:LONGEST_TEXT] if isinstance(fact, str) else fact for word, fact in payload.items()},
    )
