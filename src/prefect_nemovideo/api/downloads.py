"""A rendered file to disk, by its link or else by the API's own route: to `.part` first, renamed when it is whole.

The file comes from a CDN: no header with the token goes there. Only the API's own download route gets it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import AccessRefused, DownloadFailed, TokenRefused
from prefect_nemovideo.api.multipart import Progress
from prefect_nemovideo.api.receiving import PartFile, Receiver
from prefect_nemovideo.api.transfer import Broken, Received, Transfer

if TYPE_CHECKING:
    from prefect_nemovideo.api.transport import Transport

logger = logging.getLogger("prefect_nemovideo.api")


@dataclass(frozen=True)
class Downloaded:
    """A file on disk, whole: its length in bytes and its SHA-256 in hexadecimal digits."""

    path: Path
    bytes: int
    sha256: str


class Downloads:
    """Fetches rendered files.

    Example:
        ```python
        file = await nemo.downloads.fetch(render.url, Path("clip.mp4"), render_id=render.render_id)
        ```
    """

    def __init__(self, transport: Transport, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._transport = transport
        self._sleep = sleep

    async def fetch(
        self,
        url: str | None,
        target: Path,
        *,
        render_id: str,
        expected_bytes: int | None = None,
        progress: Progress | None = None,
    ) -> Downloaded:
        """Downloads a render, by its link or else by the API's own route.

        Until the file is whole it is `<target>.part`; whatever happens, nothing but a whole file is left behind.

        Args:
            url: The CDN's link, where the service gave one.
            target: Where the whole file is to be.
            expected_bytes: The length that the service announced.
            progress: Told bytes so far and bytes in all, from a worker thread.

        Raises:
            DownloadFailed: Neither way gave the whole file, or the disk can't take it.
            AccessRefused: The API's own route refuses the token or the plan.
        """
        with contextlib.closing(PartFile(target)) as file:
            came = await self.stream(url, file, render_id=render_id, expected_bytes=expected_bytes, progress=progress)
            file.finish()
        return Downloaded(target, came.bytes, came.sha256)

    async def stream(
        self,
        url: str | None,
        receiver: Receiver,
        *,
        render_id: str,
        expected_bytes: int | None = None,
        progress: Progress | None = None,
    ) -> Received:
        """The same, to wherever the bytes are wanted.

        Args:
            receiver: Takes them in order, from a worker thread; told when they begin anew.

        Raises:
            DownloadFailed: Neither way gave the whole file.
            AccessRefused: The API's own route refuses the token or the plan.
        """
        left = list(numbers.NEW_FILE_LOOKS_SECONDS)
        while True:
            reasons, is_missing = [], True
            if url:
                try:
                    return await self._resumed(Transfer(self._absolute(url), {}, receiver, expected_bytes, progress))
                except Broken as broken:
                    reasons.append(f"its link: {broken}")
                    is_missing = broken.missing
                    logger.warning("The download by the link failed (%s): taking the API's own route.", broken)
            try:
                return await self._by_the_api(render_id, receiver, expected_bytes, progress)
            except Broken as broken:
                reasons.append(f"the API's own route: {broken}")
                is_missing = is_missing and broken.missing
            if not (is_missing and left):
                break
            logger.info("The render has ended, and its file is not there yet. Looking again in %.0f s.", left[0])
            await self._sleep(left.pop(0))
        raise DownloadFailed(
            f"The rendered file could not be fetched whole ({'; '.join(reasons)}).",
            next_step="Run the same command again: the render is kept, nothing is charged.",
            render_id=render_id,
        )

    def _absolute(self, url: str) -> str:
        """The link as it stands, or, without a scheme, as one of the API's own."""
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
            return url
        return urljoin(f"{self._transport.settings.api_url}/", url)

    async def _by_the_api(
        self, render_id: str, receiver: Receiver, expected: int | None, progress: Progress | None
    ) -> Received:
        """By the route that takes the token; an anonymous one is renewed once."""
        token = self._transport.token
        url = f"{self._transport.settings.api_url}/api/render/proxy/{quote(render_id, safe='')}/download"
        renewed = False
        while True:
            headers = {**self._transport.attribution(), **await token.headers()}
            used = token.known_token()
            try:
                return await self._resumed(Transfer(url, headers, receiver, expected, progress))
            except Broken as broken:
                if not isinstance(broken.refused, AccessRefused):
                    raise
                is_renewable = isinstance(broken.refused, TokenRefused) and not renewed
                if not is_renewable or not await token.renew(used):
                    raise self._transport.explained(broken.refused) from broken
                renewed = True

    async def _resumed(self, transfer: Transfer) -> Received:
        """Goes on as long as it gets any further."""
        farthest = failures = 0
        with contextlib.closing(transfer):
            while True:
                try:
                    return await transfer.attempt()
                except Broken as broken:
                    if transfer.done > farthest:
                        farthest, failures = transfer.done, 0
                    failures += 1
                    if not broken.again or failures >= numbers.DOWNLOAD_ATTEMPTS:
                        raise
                    pause = (
                        broken.after
                        if broken.after is not None
                        else numbers.FIRST_BACKOFF_SECONDS * 2 ** (failures - 1)
                    )
                    logger.info("The download broke off: %s. Going on in %.1f s.", broken, pause)
                    await self._sleep(min(pause, numbers.MAX_RETRY_AFTER_SECONDS))
