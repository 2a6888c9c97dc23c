"""`retry_failed`: of a batch that ran before, only what failed then."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.flows.batch_work import Work, together
from prefect_nemovideo.results import FailedVideo, Failure, VideoResult
from prefect_nemovideo.tasks.archive import find_delivered, open_archive, report_name

#: Looks into the archive at a time.
LOOKS = 16
#: The code of a row that is not done, and did not fail either. One that waits for credits keeps the code of that.
LEFT_ALONE = "deferred"


async def only_failed(work: Work) -> list[int]:
    """The rows that failed the last time; each of the others gets its result here, and no work.

    What the report calls completed is looked for in the archive: the object there and its record decide.

    Raises:
        BadInput: No report of an earlier run is in the archive.
    """
    if not work.earlier:
        raise BadInput(
            f"There is no report of an earlier run in the archive ({report_name(work.manifest.name)}).",
            next_step="Run the batch without --retry-failed; what is done is skipped.",
        )
    failed = []
    gate = asyncio.Semaphore(LOOKS)

    async def look(number: int, found: VideoResult) -> None:
        async with gate:
            place = await open_archive(work.orders[number].archive)
            delivered = await find_delivered(place, unquote(found.uri.rpartition("/")[2]), found.job_key)
        if delivered is None:
            why = f"{found.uri} was delivered and is not there any more."
            await work.ended(number, _left_alone(work, number, why))
        else:
            await work.ended(number, delivered.model_copy(update={"resumed": True}))

    async with together() as group:
        for number, row in enumerate(work.manifest.rows):
            last = work.earlier.get(row.digest)
            if isinstance(last, VideoResult):
                group.create_task(look(number, last))
            elif last is not None and last.status == "failed":
                failed.append(number)
            else:
                why = last.error.message if last else "This row is new since then."
                await work.ended(number, _left_alone(work, number, why, last.error.code if last else LEFT_ALONE))
    return failed


def _left_alone(work: Work, number: int, why: str, code: str = LEFT_ALONE) -> FailedVideo:
    return FailedVideo(
        status="deferred",
        source=work.manifest.rows[number].shown_source,
        error=Failure(
            code=code,
            message=f"Not among what failed the last time: {why}",
            next_step="Run the batch without --retry-failed.",
        ),
    )
