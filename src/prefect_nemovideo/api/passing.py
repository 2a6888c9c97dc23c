"""Footage that lies elsewhere, on its way to the service: through this machine's memory, a piece at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator

import httpx

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.multipart import MultipartBody, Progress
from prefect_nemovideo.api.transfer import BREAKS, pieces_of
from prefect_nemovideo.api.transport import ssl_context


class NotPassed(BadInput):
    """What was to be passed on can't be read to its end. The service has nothing of it: no upload was complete."""


class MultipartPassage(MultipartBody):
    """What lies at an address, as the body of an upload: it touches no disk.

    Where reading breaks off, it goes on there, as long as it is still the same file.

    Args:
        url: Where it lies. It may hold a signature, so that it is in no message.
        size: How many bytes it has.
        name: What to call it.
        content_type: Its media type.
        sha256: Of the content, in hexadecimal digits, where it is known; it is checked.
        progress: Told after each piece.

    Raises:
        NotPassed: While it is sent, when it can't be read.
        BadInput: While it is sent, when it is not what was announced.

    Example:
        ```python
        with closing(MultipartPassage(link, 1_000_000, "clip.mp4", "video/mp4")) as body:
            httpx.post(url, content=body, headers=body.headers)
        ```
    """

    def __init__(
        self,
        url: str,
        size: int,
        name: str,
        content_type: str,
        *,
        sha256: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(size, name, content_type, progress)
        self._url, self._sha256 = url, sha256
        self._tag, self._done = "", 0

    def content(self) -> Generator[bytes, None, None]:
        self._tag, self._done = "", 0
        digest, failures = hashlib.sha256(), 0
        while self._done < self._size:
            before = self._done
            try:
                for piece in self._rest():
                    self._done += len(piece)
                    if self._sha256:
                        digest.update(piece)
                    yield piece
                reason = f"it ended after {self._done} of {self._size} bytes"
            except BREAKS as error:
                self.line.check()
                reason = str(error) or type(error).__name__
            if self._done >= self._size:
                break
            failures = 0 if self._done > before else failures + 1
            # What was sent can't be taken back: without a tag, nothing tells whether the rest would fit it.
            if failures >= numbers.PASSING_ATTEMPTS or (self._done and not self._tag):
                raise self._unread(reason)
            self.line.pause(numbers.FIRST_BACKOFF_SECONDS * 2 ** (failures - 1) if failures else 0)
        if self._sha256 and digest.hexdigest() != self._sha256:
            raise self.changed()

    def _rest(self) -> Generator[bytes, None, None]:
        headers = {"Accept-Encoding": "identity"}
        if self._done:
            headers |= {"Range": f"bytes={self._done}-", "If-Range": self._tag}
        timeout = httpx.Timeout(numbers.DOWNLOAD_READ_SECONDS, connect=numbers.CONNECT_SECONDS)
        with (
            httpx.Client(verify=ssl_context(), timeout=timeout, follow_redirects=True) as client,
            client.stream("GET", self._url, headers=headers, extensions={"trace": self.line.trace}) as response,
        ):
            self._check(response)
            yield from pieces_of(response)

    def _check(self, response: httpx.Response) -> None:
        """Whether what comes is the file, from where it is to go on."""
        status, tag = response.status_code, response.headers.get("etag", "")
        if status in (408, 429) or status >= 500:
            raise httpx.HTTPError(f"HTTP {status}")
        if status >= 400 or response.headers.get("content-encoding", "identity").lower() != "identity":
            raise self._unread(f"HTTP {status}" if status >= 400 else "it came compressed, which was not asked for")
        length = response.headers.get("content-length", "")
        if not self._done and length.isdecimal() and int(length) != self._size:
            raise self._unread(f"it has {length} bytes, and not the {self._size} that were announced")
        ranged = re.fullmatch(r"bytes ([0-9]+)-[0-9]+/([0-9]+|\*)", response.headers.get("content-range", ""))
        if self._done and (status != 206 or not ranged or int(ranged[1]) != self._done or tag != self._tag):
            # The whole of another file, a rest of another, or a server that knows no ranges.
            raise self.changed() if tag != self._tag else self._unread("it broke off, and its server has no ranges")
        # A weak tag can't vouch for bytes.
        self._tag = tag if tag.startswith('"') else ""

    def _unread(self, reason: str) -> NotPassed:
        return NotPassed(f"{self._name} can't be fetched: {reason.rstrip('.')}.", next_step="Check its address.")
