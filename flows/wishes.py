"""What is to be delivered, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass, field

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.flows.stopping import OnFailure
from prefect_nemovideo.tasks.sources import Source


@dataclass(frozen=True)
class Wishes:
    """What is to be made, and where it is to be.

    Args:
        sources: Footage to upload, in order.
        instructions: What to do, one after another.
        answers: What to say when the editor asks something, one after another.
        output: What the file is to be.
        archive: Where it is to be, as `open_archive` takes it.
        name: The object's name there.
        max_credits: The most that the edits may cost.
        strict: A file that is not as requested is a failure.
        resend: Sends an instruction again whose outcome an earlier run could not find out.
        restart: Starts anew where the session is gone, with what an earlier run had edited in it.
        on_failure: What to do with a render at work when the job fails for good: `leave` it to the next run, or
            `cancel` it.
        measured: Whether the balance tells the price of each edit: not while others spend from the same account.
        pictured: Whether pictures for a gallery are put beside the video.
        alone: The video is to hold nothing of the other videos of its session.
        language: ISO code of the language in which the editor answers; told from the instructions by default.
    """

    sources: list[Source]
    instructions: list[str]
    output: OutputSpec
    archive: str | None
    name: str
    answers: list[str] = field(default_factory=list)
    max_credits: float | None = None
    strict: bool = False
    resend: bool = False
    restart: bool = False
    on_failure: OnFailure = "leave"
    measured: bool = True
    pictured: bool = False
    alone: bool = False
    language: str | None = None
