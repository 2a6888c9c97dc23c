"""Records in Prefect's result storage, read strictly and written so that they outlast the machine.

Prefect's own look takes any trouble for "not there": good enough for what may be done again, not for what costs. Here
only "not found" is not there, and anything else stops the step before it sends.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prefect.filesystems import LocalFileSystem
from prefect.results import aget_default_result_storage, get_result_store

from prefect_nemovideo.storage.errors import StorageError

#: Seconds from writing a claim over another to reading it back, in a folder, on other machines, and where both are
#: slow. The first that is longer than this look and write took: then whoever looked before this claim was there has
#: written its own by now, and it shows.
SETTLES = (0.2, 2.0, 60.0)

#: How the libraries of Google's and Azure's storage call what isn't there, and how S3 does.
NOT_FOUND = {"NotFound", "ResourceNotFoundError", "BlobNotFound"}
NOT_FOUND_CODES = {"404", "NoSuchKey", "NotFound"}


class KeptUnreadable(StorageError):
    """The result storage did not say whether a step was done before. Nothing was sent."""


async def read(name: str) -> Any | None:
    """A record, or None where there certainly is none.

    Raises:
        KeptUnreadable: It can't be told whether there is one, or it is damaged.
    """
    try:
        content = await _call(await _storage(), "read_path", name)
    except Exception as error:
        # Whatever a foreign storage raises.
        if any(_is_not_found(each) for each in _chain(error)):
            return None
        raise KeptUnreadable(
            f"Prefect's result storage can't be read ({_said(error)}), so it is not known what was done before. "
            "Nothing was sent. Check that storage and the right to read and list it, then run the same command again.",
            retryable=True,
        ) from error
    try:
        return json.loads(content)
    except ValueError as error:
        raise KeptUnreadable(
            f"The record {name} in Prefect's result storage is damaged, so it is not known whether that step was "
            "carried out. Nothing was sent. Look at the project in the browser: if the step is missing there, remove "
            "the record and run the same command again."
        ) from error


async def write(name: str, document: Any) -> None:
    """Keeps a record, whole or not at all, over what was there.

    Raises:
        StorageError: It could not be kept.
    """
    await _written(name, json.dumps(document).encode())


async def claim(name: str, document: dict[str, Any], *, over: Any | None, settled: bool = False) -> bool:
    """Keeps a record where there was none; of several who do so at the same time, one gets it.

    A folder takes a name only once. Elsewhere the last writer wins, so a claim is read back after all who looked
    before it was there have written theirs (Fischer's algorithm), and has to carry its own mark still.

    Args:
        document: With a `mark` of its own.
        over: What the caller found there and takes for nothing; None where there was no record.
        settled: Whether to wait for the others; without, two may get it.

    Raises:
        StorageError: It could not be kept, or not be read back.
    """
    content = json.dumps(document).encode()
    folder = _folder(await _storage())
    if folder is not None and over is None:
        return await _written(name, content, exclusive=True)
    started = time.monotonic()
    if await read(name) != over:
        return False
    await _written(name, content)
    if settled:
        took = time.monotonic() - started
        await asyncio.sleep(next((each for each in SETTLES[folder is None :] if took < each), SETTLES[-1]))
    there = await read(name)
    return isinstance(there, dict) and there.get("mark") == document["mark"]


async def _storage() -> Any:
    """The storage of the run that asks, else the one that a run would have."""
    return get_result_store().result_storage or await aget_default_result_storage()


def _folder(storage: Any) -> Path | None:
    """The folder of a result storage, where it is one of this machine."""
    return Path(storage.basepath or ".").expanduser() if isinstance(storage, LocalFileSystem) else None


async def _call(storage: Any, method: str, *arguments: Any) -> Any:
    # Prefect's blocks have an explicit async form beside one that guesses.
    called = (getattr(storage, f"a{method}", None) or getattr(storage, method))(*arguments)
    return await called if inspect.isawaitable(called) else called


async def _written(name: str, content: bytes, *, exclusive: bool = False) -> bool:
    try:
        storage = await _storage()
        if (folder := _folder(storage)) is not None:
            return await asyncio.to_thread(_on_disk, folder / name, content, exclusive)
        await _call(storage, "write_path", name, content)
    except Exception as error:
        raise StorageError(
            f"Prefect's result storage can't be written ({_said(error)}). What was done before is kept. Check that "
            "storage, then run the same command again.",
            retryable=True,
        ) from error
    return True


def _on_disk(path: Path, content: bytes, exclusive: bool) -> bool:
    """Puts a file in its place whole, and on the disk itself before it returns; False if it was to be new and is not.

    Prefect's own way empties the file first and leaves the rest to the system: a crash in between would leave half.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if exclusive:
            try:
                os.link(part, path)
            except FileExistsError:
                return False
        else:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    # The name, too, must outlast a power cut.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _is_not_found(error: BaseException) -> bool:
    """Whether a storage says that there is nothing: Prefect's own, boto3, the clouds' libraries."""
    if isinstance(error, FileNotFoundError) or type(error).__name__ in NOT_FOUND:
        return True
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return response.get("Error", {}).get("Code") in NOT_FOUND_CODES
    # Prefect's folders and S3Archive say so in words; of their other sentences, one is of a folder in the way.
    return type(error) is ValueError and "is not a file" not in str(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _said(error: BaseException) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
