"""What the footage is and where it lies: a file, an address on the web, an object in S3."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.footage import check_extension, check_file, check_size
from prefect_nemovideo.api.numbers import CONNECT_SECONDS, DOWNLOAD_READ_SECONDS, MAX_UPLOAD_BYTES
from prefect_nemovideo.api.reasons import why_broken
from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.media.errors import MediaError
from prefect_nemovideo.media.probe import probe
from prefect_nemovideo.progress import Meter
from prefect_nemovideo.storage import open_place
from prefect_nemovideo.storage.places import S3Address, parse_place
from prefect_nemovideo.tasks.addresses import lasting, look_at
from prefect_nemovideo.words import shown_address

#: How long a link to an object in S3 stays good, in seconds: the service fetches it at once.
LINK_SECONDS = 3600
HASH_CHUNK_BYTES = 1 << 20


class Source(BaseModel):
    """One piece of footage.

    Args:
        where: As it was given.
        kind: A file of this machine, an address on the web, or an object in S3.
        name: Its file name.
        bytes: Its length, where it is known.
        identity: Tells its content apart: a digest of a file, an object's tag, an address.
        has_audio: Whether it has sound; None where that is not known yet.
    """

    model_config = ConfigDict(frozen=True)

    where: str
    kind: Literal["file", "web", "s3"]
    name: str
    bytes: int | None
    identity: str
    has_audio: bool | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def sha256(self) -> str | None:
        """Of its content, in hexadecimal digits, where that is what its identity is."""
        scheme, _, digest = self.identity.partition(":")
        return digest if scheme == "sha256" else None


async def inspect_source(where: str) -> Source:
    """Looks at a source before anything is sent or charged.

    Raises:
        BadInput: It isn't there, or the service would not take it.
        StorageError: The object in S3 can't be read.
    """
    scheme = urlsplit(where).scheme.lower() if "://" in where else ""
    if scheme in ("http", "https"):
        return await _inspect_web(where)
    if scheme == "s3":
        return await in_thread(_inspect_s3, where)
    if scheme not in ("", "file"):
        raise BadInput(
            f"{shown_address(where)}: sources with {scheme}:// are not supported.",
            next_step="Use a file's path, http(s)://…, or s3://bucket/key.",
        )
    return await in_thread(_inspect_file, unquote(urlsplit(where).path) if scheme == "file" else where)


def _inspect_file(where: str) -> Source:
    path = Path(where).expanduser()
    size = check_file(path)
    try:
        info = probe(path)
    except MediaError as error:
        raise BadInput(
            f"{path} is not a video that can be edited: {_lower_first(str(error))}",
            next_step="Check the file with a player; export it again if it is damaged.",
        ) from error
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    return Source(
        where=str(path.absolute()),
        kind="file",
        name=path.name,
        bytes=size,
        identity=f"sha256:{digest.hexdigest()}",
        has_audio=info.has_audio,
    )


def _inspect_s3(where: str) -> Source:
    place, key = _object(where)
    held = place.head(key)
    if held is None:
        raise BadInput(f"There is no object {where}.", next_step="Check the bucket and the key.")
    name = key.rpartition("/")[2]
    check_extension(name)
    check_size(held.bytes, name)
    if held.bytes == 0:
        raise BadInput(f"{where} is empty (0 bytes).", next_step="Name an object with footage in it.")
    tag = f"sha256:{held.sha256}" if held.sha256 else f"s3:{where}:{held.version or held.etag}:{held.bytes}"
    return Source(where=where, kind="s3", name=name, bytes=held.bytes, identity=tag)


async def _inspect_web(where: str) -> Source:
    name = unquote(urlsplit(where).path.rpartition("/")[2])
    check_extension(name)
    # Nobody answers, perhaps, and the service reaches it all the same: then only its address tells what it is.
    seen = await look_at(where)
    if seen.status in (404, 410):
        said = f"There is nothing at {shown_address(where)} (HTTP {seen.status})."
        raise BadInput(said, next_step="Check the address.")
    if seen.bytes == 0:
        raise BadInput(f"{shown_address(where)} is empty (0 bytes).", next_step="Name an address with footage at it.")
    if seen.bytes is not None:
        check_size(seen.bytes, name)
    identity = f"web:{lasting(where)}:{seen.tag}:{seen.bytes}"
    return Source(where=where, kind="web", name=name, bytes=seen.bytes, identity=identity)


async def link_to(source: Source) -> str | None:
    """An address from which the service can fetch the source itself, if there is one."""
    if source.kind == "web":
        return source.where
    if source.kind == "s3":
        place, key = await in_thread(_object, source.where)
        return await in_thread(place.presign_get, key, LINK_SECONDS)
    return None


async def fetch_source(source: Source, scratch: Path) -> Path:
    """The source as a file of this machine.

    Raises:
        BadInput: It can't be fetched, or is too large for the service.
    """
    if source.kind == "file":
        return Path(source.where)
    target = scratch / source.name
    if source.kind == "s3":
        place, key = await in_thread(_object, source.where)
        await in_thread(place.download, key, target, progress=Meter("Fetching"))
        return target
    await _fetch_web(source, target)
    return target


async def _fetch_web(source: Source, target: Path) -> None:
    timeout = httpx.Timeout(DOWNLOAD_READ_SECONDS, connect=CONNECT_SECONDS)
    meter = Meter("Fetching")
    try:
        async with (
            httpx.AsyncClient(follow_redirects=True, timeout=timeout) as client,
            client.stream("GET", source.where, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            answer.raise_for_status()
            done = 0
            with target.open("wb") as file:
                async for piece in answer.aiter_raw():
                    await asyncio.to_thread(file.write, piece)
                    done += len(piece)
                    if done > MAX_UPLOAD_BYTES:
                        check_size(done, source.name)
                    meter(done, source.bytes or done)
    except httpx.HTTPError as error:
        raise BadInput(
            f"{shown_address(source.where)} can't be fetched: {why_broken(error)}.", next_step="Check the address."
        ) from error


def _object(where: str) -> tuple[Any, str]:
    address = parse_place(where)
    assert isinstance(address, S3Address)
    if not address.prefix:
        raise BadInput(f"{where} names a bucket, not an object.", next_step="Use s3://bucket/key.")
    return open_place(f"s3://{address.bucket}"), address.prefix


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
