"""A manifest → many videos: side by side, in one session, or over the workers of a deployment."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Literal

from prefect import flow
from prefect.runtime import flow_run

from prefect_nemovideo.api import NemoVideoError
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.blocks.credentials import load_credentials, remembering_credentials
from prefect_nemovideo.flows.batch_work import Policies, Work, orders_of
from prefect_nemovideo.flows.books import Books
from prefect_nemovideo.flows.cancelling import heeding_cancellation
from prefect_nemovideo.flows.in_session import in_session
from prefect_nemovideo.flows.making import check_archive, instructions_of
from prefect_nemovideo.flows.once_more import ended_once_more, salt_once_more
from prefect_nemovideo.flows.over_workers import over_workers
from prefect_nemovideo.flows.reporting import report_batch, unimportant
from prefect_nemovideo.flows.retry_failed import only_failed
from prefect_nemovideo.flows.side_by_side import side_by_side
from prefect_nemovideo.flows.stopping import OnFailure
from prefect_nemovideo.manifests import Manifest, name_of, read_manifest, rows_given
from prefect_nemovideo.progress import log, tell
from prefect_nemovideo.reports import batch_summary
from prefect_nemovideo.results import BatchResult
from prefect_nemovideo.tasks.archive import open_archive, read_report
from prefect_nemovideo.tasks.jobs import KEY_CHARACTERS

#: Videos worked on side by side. Each waits most of its time, for an edit or a render.
CONCURRENCY = 8
#: Videos of one run on a worker: its start costs some 3 s of CPU, which ten videos share.
CHUNK = 10
#: For the report of a batch that is stopped: on a worker, Prefect kills a run that has not ended after 30 s.
LAST_REPORT_SECONDS = 10.0


def _name_of_run() -> str:
    """As people look for it in the UI: by the manifest. A chunk has been named already, after its batch."""
    given = flow_run.parameters
    if given["part_of"] is not None:
        return str(flow_run.name)
    manifest = given["manifest"]
    return f"batch {name_of(manifest)}" if isinstance(manifest, str) else f"batch of {len(manifest)}"


@flow(name="edit-batch", flow_run_name=_name_of_run, persist_result=True, result_serializer="json")
async def edit_batch(
    manifest: str | list[dict[str, Any]],
    archive: str | None = None,
    *,
    instructions: str | list[str] | None = None,
    credentials: str = "default",
    profile: str = "video-4k",
    mode: Literal["fan-out", "session"] = "fan-out",
    concurrency: int = CONCURRENCY,
    max_credits: float | None = None,
    max_credits_per_video: float | None = None,
    deployment: str | None = None,
    chunk: int = CHUNK,
    retry_failed: bool = False,
    answers: list[str] | None = None,
    strict: bool = False,
    resend: bool = False,
    restart: bool = False,
    on_failure: OnFailure = "leave",
    force: bool = False,
    part_of: str | None = None,
    once_more: str = "",
) -> BatchResult:
    """Edits many videos. A failure stays in its row; what was delivered before is skipped.

    Args:
        manifest: A CSV, JSON or JSONL file with a row for each video (see `manifests.Row`), a folder, a pattern, an
            `s3://bucket/prefix/`, or the rows themselves.
        archive: See `edit_video`. The batch's report goes there too, as `<name of the manifest>.batch.json`.
        instructions: What to do with videos of rows that don't say it, and of folders, patterns and prefixes.
        credentials: See `edit_video`.
        profile: The skill of rows that name none.
        mode: `fan-out`: each video in a session of its own, side by side. `session`: all in one session, one after
            another, each with its own instructions and its own render.
        concurrency: How many videos side by side, in each run.
        max_credits: Videos that would cross this line are not started, and reported as deferred.
        max_credits_per_video: A video that would cost more is not started, and reported as deferred.
        deployment: `flow/name` of a deployment of this flow: chunks of the batch are runs of it, on its work pool.
        chunk: How many videos a run of the deployment has.
        retry_failed: Only what failed the last time, as the report in the archive says.
        answers: What to say when the editor asks something about any of the videos; several are used one after another.
        strict: Whether a video that is not as requested is a failure.
        resend: Send an instruction again whose outcome an earlier run could not find out.
        restart: Start a video anew whose session is gone, where an earlier run had edited in it.
        on_failure: See `edit_video`.
        force: Make all of them anew; until all are made, the same command goes on with that.
        part_of: The batch that this run has a chunk of; such a run leaves the report to it.
        once_more: Tells the jobs of a batch that is made anew from those before; given to its chunks.

    Returns:
        In numbers and row by row. `credits_spent` is what the balance moved by; of each row only where that is borne
        out by the documented price.

    Raises:
        BadInput: The manifest or the archive won't do; nothing was sent.
        StorageError: The archive can't be used; nothing was sent.

    Example:
        ```python
        result = await edit_batch("tonight.csv", "s3://films/tonight")
        print(result.completed, result.failed)
        ```
    """
    _check(mode, concurrency, chunk, deployment)
    policies: Policies = {
        "answers": answers or [],
        "strict": strict,
        "resend": resend,
        "restart": restart,
        "on_failure": on_failure,
    }
    listed = await listed_in(manifest, instructions, archive)
    digests = "".join(row.digest for row in listed.rows)
    whole = hashlib.sha256(f"{listed.name} {part_of} {archive} {digests}".encode()).hexdigest()[:KEY_CHARACTERS]
    salt = await salt_once_more(whole) if force else once_more
    orders = orders_of(
        listed,
        batch=part_of,
        archive=archive,
        credentials=credentials,
        profile=profile,
        measured=mode == "session",
        salt=salt,
        policies=policies,
    )
    await asyncio.gather(*(check_archive(place) for place in {archive, *(order.archive for order in orders)}))
    work = Work(listed, orders, Books(max_credits, max_credits_per_video), archive, reports=part_of is None)
    numbers = list(range(len(orders)))
    with remembering_credentials():
        if work.reports:
            report = await read_report(archive, listed.name)
            work.earlier = report.by_digest() if report else {}
        await work.remember()
        if retry_failed:
            numbers = await only_failed(work)
        before = await _owned(credentials)
        try:
            async with heeding_cancellation():
                if deployment is not None:
                    wishes = {**policies, "once_more": salt, "profile": profile, "concurrency": concurrency}
                    await over_workers(work, numbers, deployment, chunk, wishes)
                elif mode == "session":
                    await in_session(work, numbers, credentials, profile)
                else:
                    await side_by_side(work, numbers, concurrency)
        except BaseException:
            # Stopped, or a defect: what has ended until now is in the report all the same, where the archive answers.
            if work.reports and work.items:
                await asyncio.wait([asyncio.ensure_future(_last_report(work))], timeout=LAST_REPORT_SECONDS)
            raise
        after = await _owned(credentials)
    spent = before - after if before is not None and after is not None else None
    work.price_rows(spent)
    result = work.result(spent)
    if work.reports:
        await work.report(spent)
        await report_batch(result, listed.name, archive)
    # A person who typed the command reads it with the result.
    log(batch_summary(result))
    if force and result.completed + result.skipped == len(orders):
        # What is left is gone on with: what was made of it is not made, and paid, once more.
        await ended_once_more(whole, salt)
    return result


async def _last_report(work: Work) -> None:
    with unimportant("The report of the batch can't be made"):
        await work.report(None)


def _check(mode: str, concurrency: int, chunk: int, deployment: str | None) -> None:
    if concurrency < 1:
        raise BadInput(f"A concurrency of {concurrency} is none.", next_step="Use 1 or more.")
    if chunk < 1:
        raise BadInput(f"A chunk of {chunk} videos is none.", next_step="Use 1 or more.")
    if deployment is not None and mode == "session":
        raise BadInput(
            "One session can't be spread over workers: its videos come one after another.",
            next_step="Leave out the deployment, or use the mode fan-out.",
        )


async def listed_in(
    manifest: str | list[dict[str, Any]], instructions: str | list[str] | None, archive: str | None
) -> Manifest:
    """The manifest that `edit_batch` is given, right in every row.

    Raises:
        BadInput: It can't be read, or has faulty rows.
    """
    words = instructions_of(instructions) if instructions else None
    if isinstance(manifest, str):
        if manifest.startswith("s3://") and archive is not None:
            # A saved block's name leads to its bucket, whose results are no sources.
            archive = (await open_archive(archive)).uri
        return await in_thread(read_manifest, manifest, words, archive)
    return rows_given(manifest, words)


async def _owned(credentials: str) -> float | None:
    """The account's balance, or None where it can't be read: that alone stops no batch."""
    async with (await load_credentials(credentials)).get_client() as nemo:
        try:
            return (await nemo.credits.balance()).owned
        except NemoVideoError as error:
            tell(f"The balance could not be read: {error}")
            return None
