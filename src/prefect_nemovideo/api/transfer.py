"""One file from one address to disk: in a thread, hashed on the way, going on where it broke off."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import decode
from prefect_nemovideo.api.errors import CallFailed, DownloadFailed
from prefect_nemovideo.api.multipart import Progress
from prefect_nemovideo.api.transport import retry_after, ssl_context

ENDPOINT = "the download"


@dataclass(frozen=True)
class Downloaded:
    """A file on disk, whole: its length in bytes and its SHA-256 in hexadecimal digits."""

    path: Path
    bytes: int
    sha256: str


class Broken(Exception):
    """One attempt broke off.

    Args:
        again: Whether another one is worth it.
        after: Seconds that the service asks to wait before.
        refused: What the API said, where it was the API that refused.
    """

    def __init__(
        self, reason: str, *, again: bool, after: float | None = None, refused: CallFailed | None = None
    ) -> None:
        super().__init__(reason.rstrip("."))
        self.again = again
        self.after = after
        self.refused = refused


class Transfer:
    """The bytes so far are in `part`, hashed already; the tag tells whether the rest would fit them.

    Args:
        url: The file's address.
        headers: Sent to that host only; httpx takes the token out when it is led to another one.
        target: Where the whole file is to be.
        expected: The length that was announced, in bytes.
        progress: Told bytes so far and bytes in all, from a worker thread.
    """

    def __init__(
        self, url: str, headers: dict[str, str], target: Path, expected: int | None, progress: Progress | None
    ) -> None:
        self.url, self.headers, self.target = url, headers, target
        self.part = part_of(target)
        self.done = 0
        self._expected, self._progress = expected, progress
        self._tag: str | None = None
        self._hash = hashlib.sha256()
        self._stopped = threading.Event()
        self._line: Any = None

    async def attempt(self) -> Downloaded:
        """One attempt, in a worker thread: a synchronous client reads at the speed of curl, an async one at half.

        Raises:
            Broken: It did not get to the end.
            DownloadFailed: The disk can't take it.
        """
        task = asyncio.create_task(asyncio.to_thread(self._run))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._stop()
            await asyncio.wait([task])
            task.exception()
            raise

    def _stop(self) -> None:
        """Ends the thread: what waits for bytes is woken by the end of the connection."""
        self._stopped.set()
        connected = self._line.get_extra_info("socket") if self._line is not None else None
        if connected is not None:
            # The plain socket's own: that of a TLS socket would take its state away under the reading thread.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._line = info["return_value"]
            if self._stopped.is_set():
                raise Broken("it was cancelled", again=False)

    def _run(self) -> Downloaded:
        headers = {"Accept-Encoding": "identity", **self.headers}
        if self.done and self._tag:
            headers |= {"Range": f"bytes={self.done}-", "If-Range": self._tag}
        timeout = httpx.Timeout(numbers.DOWNLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS)
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            with (
                httpx.Client(verify=ssl_context(), timeout=timeout, follow_redirects=True) as client,
                client.stream("GET", self.url, headers=headers, extensions={"trace": self._trace}) as response,
            ):
                total = self._begin(response)
                self._receive(response, total)
            os.replace(self.part, self.target)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Broken(f"the link is not an address ({error})", again=False) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Broken(str(error) or type(error).__name__, again=not self._stopped.is_set()) from error
        except OSError as error:
            raise _disk_error(error, self.target) from error
        return Downloaded(self.target, self.done, self._hash.hexdigest())

    def _begin(self, response: httpx.Response) -> int | None:
        """Checks the head of the answer and returns the length of the whole file, where it is known."""
        status, headers = response.status_code, response.headers
        if status >= 400:
            if status == 416:
                self._start_over()
            raise self._refused(response, again=status in (408, 416, 429) or status >= 500)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith("text/") or kind.endswith(("json", "xml")):
            raise self._refused(response, again=False)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise Broken("it came compressed, which was not asked for", again=False)
        length = headers.get("content-length", "")
        total = int(length) if re.fullmatch("[0-9]+", length) else None
        tag = headers.get("etag", "")
        # A weak tag can't vouch for bytes.
        tag = tag if tag.startswith('"') else headers.get("last-modified", "")
        if status == 206:
            ranged = re.fullmatch(r"bytes ([0-9]+)-[0-9]+/([0-9]+|\*)", headers.get("content-range", ""))
            if not ranged or int(ranged[1]) != self.done or (self.done and tag and tag != self._tag):
                self._start_over()
                raise Broken("the service answered another range than was asked for", again=True)
            total = int(ranged[2]) if ranged[2] != "*" else (total + self.done if total is not None else None)
        else:
            self._start_over()
        self._tag = tag or self._tag
        return total

    def _refused(self, response: httpx.Response, *, again: bool) -> Broken:
        """What is said instead of the file: the API's own words, where they are."""
        status, after = response.status_code, retry_after(response.headers)
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) > numbers.LONGEST_REFUSAL_BYTES:
                break
        try:
            decode(ENDPOINT, status, body)
        except CallFailed as error:
            return Broken(f"HTTP {status}" if status >= 400 else str(error), again=again, after=after, refused=error)
        return Broken(f"HTTP {status} with a document instead of the file", again=again, after=after)

    def _start_over(self) -> None:
        self.done, self._tag, self._hash = 0, None, hashlib.sha256()

    def _receive(self, response: httpx.Response, total: int | None) -> None:
        told = self.done
        with open(self.part, "r+b" if self.done else "wb", buffering=0) as file:
            file.seek(self.done)
            file.truncate()
            for piece in response.iter_raw():
                self._write(file.fileno(), piece)
                if self._progress and self.done - told >= numbers.DOWNLOAD_PROGRESS_BYTES:
                    told = self.done
                    self._progress(self.done, total or self._expected or self.done)
                if self._stopped.is_set():
                    raise Broken("it was cancelled", again=False)
        framed = total is not None or "transfer-encoding" in response.headers
        # The announced length comes without a unit in the documentation: it is asked only where nothing else tells
        # an end from a break, and then only whether bytes are missing.
        wanted = total if framed else max(self._expected or 0, self.done)
        if wanted is not None and self.done != wanted:
            reason = f"{self.done} of {wanted} bytes came"
            if self.done > wanted:
                self._start_over()
            raise Broken(reason, again=True)
        if self.done == 0:
            raise Broken("the file is empty", again=True)
        if self._progress:
            self._progress(self.done, self.done)

    def _write(self, descriptor: int, piece: bytes) -> None:
        self._hash.update(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]
        self.done += len(piece)


def part_of(target: Path) -> Path:
    """Where a file is until it is whole."""
    return target.with_name(target.name + ".part")


def _disk_error(error: OSError, target: Path) -> DownloadFailed:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return DownloadFailed(
        f"The disk is full: {target.name} could not be written to {target.parent}."
        if is_full
        else f"{target.name} could not be written to {target.parent}: {error.strerror}.",
        next_step="Make room (or set TMPDIR to a larger disk) and run the same command again: "
        "the render is kept and nothing is charged again."
        if is_full
        else "Make that folder writable and run the same command again: the render is kept.",
        path=str(target),
    )
