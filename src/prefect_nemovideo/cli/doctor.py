"""`doctor`: looks at everything that a job needs before it begins. Edits nothing, charges nothing."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.numbers import MAX_UPLOAD_BYTES
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.flows.making import check_archive
from prefect_nemovideo.problems import DONE, describe, exit_code, is_known
from prefect_nemovideo.results import Failure
from prefect_nemovideo.storage import DiskFull
from prefect_nemovideo.tasks.archive import open_archive

#: Room for the largest source that is fetched, and for a video of that size that arrives, in bytes.
LEAST_ROOM_BYTES = 2 * MAX_UPLOAD_BYTES
#: What every delivered file is decoded by.
CODECS = ("h264", "aac", "vp9", "opus")

Check = Callable[[argparse.Namespace], Awaitable[str]]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, or what is wrong with it."""

    name: str
    text: str = ""
    error: Exception | None = None

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"name": self.name.lower(), "ok": self.error is None}
        if self.error is None:
            return {**document, "text": self.text}
        return {**document, "error": describe(self.error).model_dump(mode="json")}


async def run(chosen: argparse.Namespace) -> int:
    """Looks at one thing after another; the exit code is that of the first trouble."""
    findings = [await _found(name, check, chosen) for name, check in CHECKS.items()]
    troubles = [finding.error for finding in findings if finding.error is not None]
    document = {
        "status": "failed" if troubles else "completed",
        "checks": [finding.document() for finding in findings],
    }
    show(document, chosen, _lines(findings))
    return exit_code(troubles[0]) if troubles else DONE


def _lines(findings: list[Finding]) -> Iterator[str]:
    told: list[Failure] = []
    for finding in findings:
        if finding.error is None:
            yield f"{finding.name}: {finding.text}"
            continue
        failure = describe(finding.error)
        if failure in told:
            yield f"{finding.name}: can't be looked at for the same reason."
            continue
        told.append(failure)
        yield f"{finding.name}: trouble. {failure.message}"
        if failure.next_step:
            yield f"  Next: {failure.next_step}"
    things = f"{len(told)} thing{'' if len(told) == 1 else 's'}"
    yield f"Not ready yet: {things} to put right." if told else "All is well."


async def _found(name: str, check: Check, chosen: argparse.Namespace) -> Finding:
    try:
        return Finding(name, await check(chosen))
    except Exception as error:
        if not is_known(error):
            raise
        return Finding(name, error=error)


async def _prefect(chosen: argparse.Namespace) -> str:
    del chosen
    async with get_client() as client:
        if trouble := await client.api_healthcheck():
            raise trouble
        served = await client.api_version()
    where = PREFECT_API_URL.value() or "a temporary server of this command's"
    return f"{version('prefect')} here, {served} at {where}"


async def _account(chosen: argparse.Namespace) -> str:
    async with (await load_credentials(chosen.credentials)).get_client(chosen.profile) as nemo:
        balance = await nemo.credits.balance()
        kind = "anonymous account" if nemo.token.is_anonymous else "registered account"
        return f"{nemo.settings.api_url} answers: {balance} ({kind})"


async def _archive(chosen: argparse.Namespace) -> str:
    await check_archive(chosen.archive)
    return f"{(await open_archive(chosen.archive)).uri} can be written to"


async def _video(chosen: argparse.Namespace) -> str:
    del chosen
    import av

    if missing := [codec for codec in CODECS if codec not in av.codecs_available]:
        raise BadInput(
            f"The installed PyAV can't read {', '.join(missing)}: what is delivered could not be checked.",
            next_step="Install it anew from its wheel: pip install --force-reinstall --only-binary av av",
        )
    return f"PyAV {version('av')} reads {', '.join(CODECS)}"


async def _disk(chosen: argparse.Namespace) -> str:
    del chosen
    folder = tempfile.gettempdir()
    free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    if free < LEAST_ROOM_BYTES:
        raise DiskFull(
            f"Only {free / 1e6:,.0f} MB are free in {folder}; a job may need {LEAST_ROOM_BYTES / 1e6:,.0f} MB. "
            "Free some space, or set TMPDIR to another folder.",
        )
    return f"{free / 1e9:,.1f} GB free for temporary files in {folder}"


CHECKS: dict[str, Check] = {
    "Prefect": _prefect,
    "Account": _account,
    "Archive": _archive,
    "Video": _video,
    "Disk": _disk,
}
