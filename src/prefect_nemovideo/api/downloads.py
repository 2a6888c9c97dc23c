"""A rendered file to disk, by its link or else by the API's own route: to `.part` first, renamed when it is whole.

The file comes from a CDN: no header with the token goes there. Only the API's own download route gets it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import AccessRefused, DownloadFailed, TokenRefused
from prefect_nemovideo.api.multipart import Progress
from prefect_nemovideo.api.transfer import Broken, Downloaded, Transfer, part_of

if TYPE_CHECKING:
    from prefect_nemovideo.api.transport import Transport

__all__ = ["Downloaded", "Downloads"]

logger = logging.getLogger("prefect_nemovideo.api")


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
        reasons: list[str] = []
        try:
            if url:
                try:
                    return await self._resumed(Transfer(self._absolute(url), {}, target, expected_bytes, progress))
                except Broken as broken:
                    reasons.append(f"its link: {broken}")
                    logger.warning("The download by the link failed (%s): taking the API's own route.", broken)
            try:
                return await self._by_the_api(render_id, target, expected_bytes, progress)
            except Broken as broken:
                reasons.append(f"the API's own route: {broken}")
        finally:
            with contextlib.suppress(OSError):
                part_of(target).unlink(missing_ok=True)
        raise DownloadFailed(
            f"The rendered file did not arrive whole ({'; '.join(reasons)}).",
            next_step="Run the same command again: the render is kept, nothing is charged.",
            render_id=render_id,
        )

    def _absolute(self, url: str) -> str:
        """The link as it stands, or, without a scheme, as one of the API's own."""
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
            return url
        return urljoin(f"{self._transport.settings.api_url}/", url)

    async def _by_the_api(
        self, render_id: str, target: Path, expected: int | None, progress: Progress | None
    ) -> Downloaded:
        """By the route that takes the token; an anonymous one is renewed once."""
        token = self._transport.token
        url = f"{self._transport.settings.api_url}/api/render/proxy/{quote(render_id, safe='')}/download"
        renewed = False
        while True:
            headers = {**self._transport.attribution(), **await token.headers()}
            used = token.known_token()
            try:
                return await self._resumed(Transfer(url, headers, target, expected, progress))
            except Broken as broken:
                if not isinstance(broken.refused, AccessRefused):
                    raise
                is_renewable = isinstance(broken.refused, TokenRefused) and not renewed
                if not is_renewable or not await token.renew(used):
                    raise self._transport.explained(broken.refused) from broken
                renewed = True

    async def _resumed(self, transfer: Transfer) -> Downloaded:
        """Goes on as long as it gets any further."""
        farthest = failures = 0
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
                    broken.after if broken.after is not None else numbers.FIRST_BACKOFF_SECONDS * 2 ** (failures - 1)
                )
                logger.info("The download broke off: %s. Going on in %.1f s.", broken, pause)
                await self._sleep(min(pause, numbers.MAX_RETRY_AFTER_SECONDS))
