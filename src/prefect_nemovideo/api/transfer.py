"""One file from one address to where it is wanted: in a thread, hashed on the way, going on where it broke off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpcore
import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.envelope import DOWNLOAD, decode
from prefect_nemovideo.api.errors import CallFailed
from prefect_nemovideo.api.line import Line
from prefect_nemovideo.api.multipart import Progress
from prefect_nemovideo.api.reasons import why_broken
from prefect_nemovideo.api.receiving import Digest, Receiver
from prefect_nemovideo.api.transport import retry_after, ssl_context

ENDPOINT = DOWNLOAD
#: What ends one attempt and not the transfer. httpcore's own come from the line that the body is read from.
BREAKS = (
    httpx.HTTPError,
    httpx.StreamError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
)


@dataclass(frozen=True)
class Received:
    """What came, whole: its length in bytes and its SHA-256 in hexadecimal digits."""

    bytes: int
    sha256: str


class Broken(Exception):
    """One attempt broke off.

    Args:
        again: Whether another one is worth it.
        after: Seconds that the service asks to wait before.
        refused: What the API said, where it was the API that refused.
        missing: Whether there is nothing at the address (HTTP 404).
    """

    def __init__(
        self,
        reason: str,
        *,
        again: bool,
        after: float | None = None,
        refused: CallFailed | None = None,
        missing: bool = False,
    ) -> None:
        super().__init__(reason.rstrip("."))
        self.again = again
        self.after = after
        self.refused = refused
        self.missing = missing


class Transfer:
    """The bytes so far are with the receiver, hashed already; the tag tells whether the rest would fit them.

    Args:
        url: The file's address.
        headers: Sent to that host only; httpx takes the token out when it is led to another one.
        receiver: Where the bytes go.
        expected: The length that was announced, in bytes.
        progress: Told bytes so far and bytes in all, from a worker thread.
    """

    def __init__(
        self, url: str, headers: dict[str, str], receiver: Receiver, expected: int | None, progress: Progress | None
    ) -> None:
        self.url, self.headers = url, headers
        self.done = 0
        self._receiver, self._expected, self._progress = receiver, expected, progress
        self._tag: str | None = None
        self._digest = Digest()

    async def attempt(self) -> Received:
        """One attempt, in a thread of its own.

        Raises:
            Broken: It did not get to the end.
            DownloadFailed: The disk can't take it.
        """
        line = Line()
        return await line.run(lambda: self._run(line))

    def close(self) -> None:
        """Ends the thread that hashes."""
        self._digest.close()

    def _run(self, line: Line) -> Received:
        headers = {"Accept-Encoding": "identity", **self.headers}
        if self.done and self._tag:
            headers |= {"Range": f"bytes={self.done}-", "If-Range": self._tag}
        timeout = httpx.Timeout(numbers.DOWNLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS)
        try:
            with (
                httpx.Client(verify=ssl_context(), timeout=timeout, follow_redirects=True) as client,
                client.stream("GET", self.url, headers=headers, extensions={"trace": line.trace}) as response,
            ):
                total = self._begin(response, line)
                self._receive(response, total, line)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Broken("the link is not an address", again=False) from error
        except BREAKS as error:
            raise Broken(why_broken(error), again=True) from error
        return Received(self.done, self._digest.hexdigest())

    def _begin(self, response: httpx.Response, line: Line) -> int | None:
        """Checks the head of the answer and returns the length of the whole file, where it is known."""
        status, headers = response.status_code, response.headers
        if status >= 400:
            if status == 416:
                self._start_over(line)
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
                self._start_over(line)
                raise Broken("the service answered another range than was asked for", again=True)
            total = int(ranged[2]) if ranged[2] != "*" else (total + self.done if total is not None else None)
        else:
            self._start_over(line)
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
            reason, missing = f"HTTP {status}" if status >= 400 else str(error), status == 404
            return Broken(reason, again=again, after=after, refused=error, missing=missing)
        return Broken(f"HTTP {status} with a document instead of the file", again=again, after=after)

    def _start_over(self, line: Line) -> None:
        self.done, self._tag = 0, None
        self._digest.start_over()
        self._receiver.start_over(line.check)

    def _receive(self, response: httpx.Response, total: int | None, line: Line) -> None:
        told = self.done
        for piece in pieces_of(response):
            self._receiver.take(piece, line.check)
            self._digest.take(piece)
            self.done += len(piece)
            if self._progress and self.done - told >= numbers.DOWNLOAD_BATCH_BYTES:
                told = self.done
                self._progress(self.done, total or self._expected or self.done)
            line.check()
        framed = total is not None or "transfer-encoding" in response.headers
        # The announced length comes without a unit in the documentation: it is asked only where nothing else tells
        # an end from a break, and then only whether bytes are missing.
        wanted = total if framed else max(self._expected or 0, self.done)
        if wanted is not None and self.done != wanted:
            reason = f"{self.done} of {wanted} bytes came"
            if self.done > wanted:
                self._start_over(line)
            raise Broken(reason, again=True)
        if self.done == 0:
            raise Broken("the file is empty", again=True)
        if self._progress:
            self._progress(self.done, self.done)


def pieces_of(response: httpx.Response) -> Iterator[bytes]:
    """The body as it comes.

    With the first piece httpx hands out all that it has read of the body. Where the length says how much is to
    follow, the rest is then read from the line itself: that takes half the processor time of having each 64 KiB
    copied and parsed on the way, and over TLS a third.
    """
    pieces = response.iter_raw()
    length = response.headers.get("content-length", "")
    if response.http_version == "HTTP/2" or "transfer-encoding" in response.headers or not length.isdecimal():
        yield from pieces
        return
    left, line = int(length), response.extensions["network_stream"]
    piece = next(pieces, b"")
    while piece:
        left -= len(piece)
        yield piece
        if left <= 0:
            return
        piece = line.read(min(left, numbers.DOWNLOAD_READ_BYTES), timeout=numbers.DOWNLOAD_READ_SECONDS)
