"""An object in S3 as a file that can be read and sought: by ranges, a few of which are kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from prefect_nemovideo.storage import s3_failures
from prefect_nemovideo.storage.errors import NotThere, Unreachable

# One request for about as much 4K video as takes a second to decode: the requests' own time disappears.
BLOCK_BYTES = 4 * 1024 * 1024
# Sound and pictures may lie apart, and the index at the end: each has a block, and none is fetched twice.
BLOCKS_KEPT = 4
# boto3 repeats a request that gets no answer, but not one whose answer breaks off in the middle.
TRIES = 4


class ObjectReader:
    """Reads an object that does not change: when it does, reading fails instead of mixing two objects.

    Args:
        name: What people call it.

    Raises:
        StorageError: It can't be read, or has changed.
    """

    def __init__(self, client: Any, where: Mapping[str, str], uri: str, name: str) -> None:
        self.name, self.uri = name, uri
        self._client, self.where = client, dict(where)
        with s3_failures.explained_s3(f"read {name}", uri):
            held = client.head_object(**self.where)
        self.tag = str(held["ETag"])
        self.size = int(held["ContentLength"])
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def read(self, size: int = -1, /) -> bytes:
        end = self.size if size < 0 else min(self.size, self._position + size)
        pieces = []
        while self._position < end:
            number, offset = divmod(self._position, BLOCK_BYTES)
            piece = self._block(number)[offset : offset + end - self._position]
            pieces.append(piece)
            self._position += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        while len(self._blocks) >= BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        block = self._blocks[number] = self._fetched(number)
        return block

    def _fetched(self, number: int) -> bytes:
        from botocore.exceptions import HTTPClientError, IncompleteReadError, ReadTimeoutError

        start = number * BLOCK_BYTES
        wanted = min(BLOCK_BYTES, self.size - start)
        with s3_failures.explained_s3(f"read {self.name}", self.uri):
            for left in reversed(range(TRIES)):
                try:
                    reply = self._client.get_object(
                        **self.where, Range=f"bytes={start}-{start + wanted - 1}", IfMatch=self.tag
                    )
                    block: bytes = reply["Body"].read()
                except (IncompleteReadError, ReadTimeoutError, HTTPClientError):
                    if not left:
                        raise
                except self._client.exceptions.ClientError as error:
                    if s3_failures.code_of(error) in s3_failures.TAKEN:
                        # The condition was that it is still the same.
                        raise NotThere(f"{self.uri} has changed while it was read. Try again.", uri=self.uri) from error
                    raise
                else:
                    if len(block) == wanted:
                        return block
        raise Unreachable(
            f"{self.uri} can't be read: the server answers another range than was asked for.", uri=self.uri
        )
