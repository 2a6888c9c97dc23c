"""An order for one video → the video: done before, or delivered now."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import unquote, urlsplit

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import BadInput, NotAsRequested
from prefect_nemovideo.api.footage import check_file
from prefect_nemovideo.api.profiles import PROFILES
from prefect_nemovideo.api.sizes import named_size
from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.flows.announcing import announcing
from prefect_nemovideo.flows.delivery import deliver
from prefect_nemovideo.flows.homes import check_not_shared
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.flows.stopping import OnFailure
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.storage import parse_place
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.archive import find_delivered, open_archive, video_name
from prefect_nemovideo.tasks.jobs import holding_client, job_key
from prefect_nemovideo.tasks.leases import alone_at
from prefect_nemovideo.tasks.limits import account_slot
from prefect_nemovideo.tasks.sources import Source, inspect_source


@dataclass(frozen=True)
class Order:
    """One video that is to be made; the fields are those of the flow `edit_video`.

    Args:
        name: What to call the result; the first source's name by default.
        restart: See `Wishes`.
        on_failure: See `Wishes`.
        measured: Whether the balance tells the price of each edit; see `Wishes`.
        batch: The batch that it belongs to, if it does: there are pictures for that one's gallery then.
        salt: Makes another job of the same wishes.
        alone: See `Wishes`.
        use_only: What is said first where the timeline holds other videos; no part of the job.
        language: ISO code of the language in which the editor answers; told from the instructions by default.
    """

    source: str | list[str]
    instructions: list[str]
    archive: str | None = None
    credentials: str = "default"
    profile: str = "video-4k"
    output: OutputSpec = field(default_factory=OutputSpec)
    name: str | None = None
    answers: list[str] = field(default_factory=list)
    max_credits: float | None = None
    strict: bool = False
    resend: bool = False
    restart: bool = False
    on_failure: OnFailure = "leave"
    measured: bool = True
    batch: str | None = None
    salt: str = ""
    alone: bool = False
    use_only: str = ""
    language: str | None = None

    @property
    def sources(self) -> list[str]:
        return [self.source] if isinstance(self.source, str) else self.source

    @property
    def source_name(self) -> str:
        """The first source's file name."""
        first = self.sources[0]
        return PurePosixPath(unquote(urlsplit(first).path) if "://" in first else first).name


def instructions_of(given: str | list[str]) -> list[str]:
    """The instructions, without empty ones.

    Raises:
        BadInput: There is none.
    """
    words = [text.strip() for text in ([given] if isinstance(given, str) else given) if text.strip()]
    if not words:
        raise BadInput(
            "There is no instruction.", next_step='Say what to do, as in: -i "upscale this video to 4K and sharpen".'
        )
    return words


def output_for(output: OutputSpec, instructions: list[str], profile: str) -> OutputSpec:
    """The output with a size: as it was given, else as the instructions say, else the profile's own (4K).

    Raises:
        BadInput: There is no such profile.
    """
    if profile not in PROFILES:
        raise BadInput(f"There is no profile “{profile}”.", next_step=f"Use one of: {', '.join(PROFILES)}.")
    if output.resolution or output.quality == "preview":
        return output
    return output.model_copy(update={"resolution": named_size(instructions) or PROFILES[profile].resolution})


def check_at_once(order: Order) -> None:
    """Finds out what is wrong with an order by looking at it and at the files that it names; asks no server.

    Raises:
        BadInput: There is no instruction or source, no such profile, or a file won't do.
        BadPlace: The archive is no place that can be used.
    """
    instructions_of(order.instructions)
    output_for(order.output, order.instructions, order.profile)
    if not order.sources:
        raise BadInput("There is no source to edit.", next_step="Name a video file.")
    if "://" in (order.archive or ""):
        parse_place(order.archive or "")
    for where in order.sources:
        if "://" not in where:
            check_file(Path(where).expanduser())


@dataclass(frozen=True)
class Prospect:
    """An order once its footage was looked at: which job it is, and what its result is called.

    Args:
        order: What is to be made.
        output: The output with its size.
        sources: The footage, as it was found.
        account: Whose job it is.
    """

    order: Order
    output: OutputSpec
    sources: list[Source]
    account: str

    @cached_property
    def key(self) -> str:
        """The job's key."""
        return self.key_with(self.order.salt)

    def key_with(self, salt: str) -> str:
        """The key of the same wishes under another salt."""
        return job_key(
            sources=[found.identity for found in self.sources],
            instructions=self.order.instructions,
            profile=self.order.profile,
            output=self.output,
            account=self.account,
            salt=salt,
        )

    def salted(self, salt: str) -> Self:
        """The same wishes as another job."""
        return dataclasses.replace(self, order=dataclasses.replace(self.order, salt=salt))

    @property
    def name(self) -> str:
        """The result's name in the archive."""
        return video_name(self.order.name or self.sources[0].name, self.key, self.output.format)

    @property
    def job(self) -> Job:
        return Job(credentials=self.order.credentials, profile=self.order.profile, key=self.key)


async def look_at(order: Order) -> Prospect:
    """Looks at an order's footage; sends nothing.

    Raises:
        NemoVideoError: A source isn't there, or won't do.
        StorageError: An S3 source can't be read.
    """
    wanted = output_for(order.output, order.instructions, order.profile)
    sources = [await inspect_source(where) for where in order.sources]
    return Prospect(order, wanted, sources, (await load_credentials(order.credentials)).account())


async def done_before(prospect: Prospect) -> VideoResult | None:
    """What an earlier run of the same job delivered into the archive."""
    return await delivered_before(prospect.order.archive, prospect.name, prospect.key)


async def delivered_before(archive: str | None, name: str, key: str) -> VideoResult | None:
    """What an earlier run delivered into the archive, as the object there and its record prove it."""
    found = await find_delivered(await open_archive(archive), name, key)
    return found.model_copy(update={"resumed": True}) if found else None


async def make_video(order: Order) -> VideoResult:
    """Makes a video, unless the archive has it already, and announces what became of it.

    Raises:
        NemoVideoError: With what was spent so far in its facts.
        StorageError: The archive or an S3 source can't be used.
    """
    with announcing(order.sources[0], order.batch) as announce:
        return await make_of(await look_at(order), announce)


async def make_of(
    prospect: Prospect,
    announce: Callable[[VideoResult], None],
    *,
    saved: Saved | None = None,
    before_start: Callable[[], Awaitable[Saved | None]] | None = None,
) -> VideoResult:
    """`make_video` of footage that was looked at, for whoever does the announcing.

    Args:
        saved: The session to work in; a new one by default.
        before_start: Called once it is known that there is something to do; may refuse by raising, and may give the
            session to work in.
    """
    if (delivered := await done_before(prospect)) is not None:
        return already(delivered, strict=prospect.order.strict)
    order = prospect.order
    async with alone_at(prospect.key) as waited:
        # Whoever had it before has delivered it, or has left off somewhere.
        if waited and (delivered := await done_before(prospect)) is not None:
            return already(delivered, strict=order.strict)
        if (saved is None or saved.block is None) and not (order.alone or order.restart):
            await check_not_shared(prospect.job, order.source_name)
        if before_start:
            saved = await before_start() or saved
        tell("Setting up…")
        saved = saved or Saved(None, None, prospect.account, order.profile)
        async with account_slot(prospect.account), holding_client(prospect.job) as nemo:
            video = await deliver(nemo, prospect.job, _wishes(prospect), saved)
    announce(video)
    return video


def already(delivered: VideoResult, *, strict: bool) -> VideoResult:
    """The result of an earlier run, as the result of this one.

    Raises:
        NotAsRequested: It isn't, and only what is will do.
    """
    if strict and not delivered.as_requested:
        raise NotAsRequested(
            f"The video was delivered before, and is not as requested: {' '.join(delivered.differences)}",
            next_step=f"Take it as it is, at {delivered.uri}, or make it anew with --force (charged again).",
        )
    tell(f"Already done: {delivered.uri}. Use --force to make it anew.")
    return delivered


def _wishes(prospect: Prospect) -> Wishes:
    order = prospect.order
    return Wishes(
        sources=prospect.sources,
        instructions=order.instructions,
        output=prospect.output,
        archive=order.archive,
        name=prospect.name,
        answers=order.answers,
        max_credits=order.max_credits,
        strict=order.strict,
        resend=order.resend,
        restart=order.restart,
        on_failure=order.on_failure,
        measured=order.measured,
        pictured=order.batch is not None,
        alone=order.alone,
        language=order.language,
    )


async def check_archive(archive: str | None) -> None:
    """Proves that the archive can be written to, before anything is sent.

    Raises:
        StorageError: It can't; the message says why.
    """
    place = await open_archive(archive)
    await in_thread(place.check)
