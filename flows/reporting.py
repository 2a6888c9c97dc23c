"""A batch where people look: a progress bar and a table in Prefect's UI, and a page in the archive.

None of it can fail a run: videos that are made are made, whoever can't be told.
"""

from __future__ import annotations

import logging
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, acreate_table_artifact, aupdate_progress_artifact
from prefect.runtime import flow_run

from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.progress import tell
from prefect_nemovideo.reports import batch_rows, batch_summary, batch_troubles, gallery_page, is_gallery
from prefect_nemovideo.results import BatchResult
from prefect_nemovideo.tasks.archive import not_ours, open_archive

#: Each update is a row in Prefect's database, so that a batch of thousands makes no more of them than a clock does.
SECONDS_BETWEEN_UPDATES = 2.0


class BatchProgress:
    """How far a batch is, as a progress artifact of its run.

    Args:
        total: Videos in all.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._artifact: UUID | None = None
        self._next_update = 0.0

    async def one_more(self) -> None:
        """Another video has come to an end, well or not."""
        self._done += 1
        now = time.monotonic()
        if now >= self._next_update or self._done == self._total:
            self._next_update = now + SECONDS_BETWEEN_UPDATES
            await self._show()

    async def _show(self) -> None:
        if flow_run.get_id() is None:
            return
        percent = 100 * self._done / self._total
        text = f"{self._done} of {self._total} videos"
        with unimportant("The progress can't be shown"):
            if self._artifact is None:
                shown = await acreate_progress_artifact(progress=percent, description=text)
                self._artifact = shown if isinstance(shown, UUID) else shown.id
            else:
                await aupdate_progress_artifact(self._artifact, progress=percent, description=text)


async def report_batch(result: BatchResult, name: str, archive: str | None) -> str | None:
    """Shows what became of a batch; returns the address of its page in the archive.

    Args:
        name: What the batch is called; the same name makes the next version of the same table and page.
        archive: See `edit_video`.
    """
    address = None
    with unimportant("The gallery can't be archived"):
        address = await _archive_gallery(result, name, archive)
        tell(f"Gallery: {address}")
    if flow_run.get_id() is not None:
        with unimportant("The table of the batch can't be shown"):
            await acreate_table_artifact(
                table=batch_rows(result),
                key=artifact_key(name),
                description="\n\n".join(
                    filter(None, (batch_summary(result), batch_troubles(result), f"Gallery: `{address}`"))
                ),
            )
    return address


def artifact_key(name: str) -> str:
    """The key under which Prefect keeps the versions of a batch's table: lower-case letters, digits and dashes."""
    return f"nemovideo-batch-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-') or 'rows'}"


@contextmanager
def unimportant(what: str) -> Iterator[None]:
    """Has an error told, and nothing more."""
    try:
        yield
    except Exception as error:
        tell(f"{what}: {error}", level=logging.WARNING)
        logging.getLogger(__name__).debug(what, exc_info=True)


async def _archive_gallery(result: BatchResult, name: str, archive: str | None) -> str:
    place = await open_archive(archive)
    page, key = gallery_page(result, name, place.uri, datetime.now(UTC)), f"{name}.html"

    def put() -> str:
        there = place.read_bytes(key)
        if there is not None and not is_gallery(there):
            raise not_ours(place, key)
        with tempfile.TemporaryDirectory(prefix="nemovideo-") as folder:
            file = Path(folder) / "gallery.html"
            file.write_text(page, encoding="utf-8")
            return place.put_file(file, key, content_type="text/html; charset=utf-8", overwrite=True).uri

    return await in_thread(put)
