"""A rendered file to disk: to `.part` first, hashed on the way, resumed where it broke off, then renamed.

The file comes from a CDN: no header with the token goes there. Only the API's own download route gets it.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import os
import re
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import BadInput, DownloadFailed
from prefect_nemovideo.api.multipart import Progress
from prefect_nemovideo.api.transport import retry_after, ssl_context

if TYPE_CHECKING:
    from prefect_nemovideo.api.transport import Transport

logger = logging.getLogger("prefect_nemovideo.api")


@dataclass(frozen=True)
class Downloaded:
    """A file on disk, whole: its length in bytes and its SHA-256 in hexadecimal digits."""

    path: Path
    bytes: int
    sha256: str


class Broken(Exception):
    """One attempt broke off; `again` tells whether another one is worth it."""

    def __init__(self, reason: str, *, again: bool, after: float | None = None) -> None:
        super().__init__(reason)
        self.again = again
        self.after = after


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

        Args:
            url: The CDN's link, where the service gave one.
            target: Where the whole file is to be; until then it is `<target>.part`.
            expected_bytes: The length that the service announced.
            progress: Told bytes so far and bytes in all.

        Raises:
            DownloadFailed: Neither way gave the whole file.
            BadInput: The disk can't take it. Nothing is left behind.
        """
        api = self._transport.settings.api_url
        ways: list[tuple[str, dict[str, str]]] = []
        if url:
            absolute = url if urlsplit(url).scheme else f"{api}/{url.lstrip('/')}"
            ways.append((absolute, {}))
        headers = {**self._transport.profile.headers(), **await self._transport.token.headers()}
        ways.append((f"{api}/api/render/proxy/{render_id}/download", headers))
        reason = ""
        for place, extra in ways:
            try:
                return await self._fetch_from(place, extra, target, expected_bytes, progress)
            except Broken as broken:
                reason = str(broken)
                logger.warning("The download from %s failed: %s.", urlsplit(place).hostname, reason)
                _part(target).unlink(missing_ok=True)
        raise DownloadFailed(
            f"The rendered file did not arrive whole: {reason}.",
            next_step="Run the same command again: the render is kept, nothing is charged.",
            render_id=render_id,
        )

    async def _fetch_from(
        self, url: str, headers: dict[str, str], target: Path, expected: int | None, progress: Progress | None
    ) -> Downloaded:
        attempt = _Attempts(url, headers, target, expected, progress)
        for number in range(1, numbers.DOWNLOAD_ATTEMPTS + 1):
            try:
                return await _in_thread(attempt)
            except Broken as broken:
                if not broken.again or number == numbers.DOWNLOAD_ATTEMPTS:
                    raise
                pause = broken.after if broken.after is not None else numbers.FIRST_BACKOFF_SECONDS * 2 ** (number - 1)
                logger.info("The download broke off: %s. Going on in %.1f s.", broken, pause)
                await self._sleep(min(pause, numbers.MAX_RETRY_AFTER_SECONDS))
        raise AssertionError("the loop above returns or raises")


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


async def _in_thread(attempt: _Attempts) -> Downloaded:
    """Runs one attempt in a worker thread: a synchronous client reads at the speed of curl, an async one at half."""
    task = asyncio.create_task(asyncio.to_thread(attempt.run))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        attempt.stop.set()
        await asyncio.wait([task])
        raise


class _Attempts:
    """Goes on where the last attempt ended: what is on disk is hashed already, its tag is known."""

    def __init__(
        self, url: str, headers: dict[str, str], target: Path, expected: int | None, progress: Progress | None
    ) -> None:
        self.url, self.headers, self.target = url, headers, target
        self.expected, self.progress = expected, progress
        self.stop = threading.Event()
        self.done = 0
        self.tag: str | None = None
        self.hash = hashlib.sha256()

    def run(self) -> Downloaded:
        """One attempt.

        Raises:
            Broken: It did not get to the end.
            BadInput: The disk can't take it.
        """
        self.target.parent.mkdir(parents=True, exist_ok=True)
        headers = {"Accept-Encoding": "identity", **self.headers}
        if self.done and self.tag:
            headers |= {"Range": f"bytes={self.done}-", "If-Range": self.tag}
        timeout = httpx.Timeout(numbers.DOWNLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS)
        try:
            with (
                httpx.Client(verify=ssl_context(), timeout=timeout, follow_redirects=True) as client,
                client.stream("GET", self.url, headers=headers) as response,
            ):
                total = self._begin(response)
                self._receive(response, total)
        except httpx.HTTPError as error:
            raise Broken(str(error) or type(error).__name__, again=True) from error
        except httpx.InvalidURL as error:
            raise Broken(f"the link is not an address ({error})", again=False) from error
        except OSError as error:
            _part(self.target).unlink(missing_ok=True)
            raise _disk_error(error, self.target) from error
        os.replace(_part(self.target), self.target)
        return Downloaded(self.target, self.done, self.hash.hexdigest())

    def _begin(self, response: httpx.Response) -> int | None:
        """Checks the head of the answer and returns the length of the whole file, where it is known."""
        status = response.status_code
        if status >= 400:
            again = status in (408, 416, 429) or status >= 500
            if status == 416:
                self._start_over()
            raise Broken(f"HTTP {status}", again=again, after=retry_after(response.headers))
        length = response.headers.get("content-length", "")
        total = int(length) if length.isdigit() else None
        if status == 206:
            ranged = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
            if not ranged or int(ranged[1]) != self.done:
                self._start_over()
                raise Broken("the service answered another range than was asked for", again=True)
            total = int(ranged[2]) if ranged[2] != "*" else (total + self.done if total is not None else None)
        else:
            self._start_over()
        tag = response.headers.get("etag", "")
        self.tag = tag if tag.startswith('"') else response.headers.get("last-modified")
        return total

    def _start_over(self) -> None:
        self.done, self.tag, self.hash = 0, None, hashlib.sha256()

    def _receive(self, response: httpx.Response, total: int | None) -> None:
        mode = "r+b" if self.done else "wb"
        with open(_part(self.target), mode, buffering=0) as file:
            file.seek(self.done)
            file.truncate()
            batch: list[bytes] = []
            size = 0
            try:
                for piece in response.iter_raw():
                    batch.append(piece)
                    size += len(piece)
                    if size >= numbers.DOWNLOAD_BATCH_BYTES:
                        self._write(file.fileno(), batch, total)
                        batch, size = [], 0
                    if self.stop.is_set():
                        raise Broken("cancelled", again=False)
            finally:
                self._write(file.fileno(), batch, total)
        # The announced length comes without a unit in the documentation: the answer's own goes before it.
        wanted = total if total is not None else self.expected
        if wanted is not None and self.done != wanted:
            reason = f"{self.done} of {wanted} bytes came"
            if self.done > wanted:
                self._start_over()
            raise Broken(reason, again=True)
        if self.done == 0:
            raise Broken("the file is empty", again=True)

    def _write(self, descriptor: int, batch: list[bytes], total: int | None) -> None:
        for piece in batch:
            self.hash.update(piece)
            view = memoryview(piece)
            while view:
                written = os.write(descriptor, view)
                view = view[written:]
            self.done += len(piece)
        if batch and self.progress:
            self.progress(self.done, total or self.expected or self.done)


def _disk_error(error: OSError, target: Path) -> BadInput:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return BadInput(
        f"The disk is full: {target.name} could not be written to {target.parent}."
        if full
        else f"{target.name} could not be written to {target.parent}: {error.strerror}.",
        next_step="Make room (or set TMPDIR to a larger disk) and run the same command again: "
        "the render is kept and nothing is charged again.",
        path=str(target),
    )
