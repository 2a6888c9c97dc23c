"""From what people name (a file, a folder, a pattern, a prefix, rows) to a manifest that is right in every row."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.manifests.files import KINDS, Fault, entries, text_of
from prefect_nemovideo.manifests.places import (
    WILD,
    nothing_found,
    videos_of_bucket,
    videos_of_folder,
    videos_of_pattern,
)
from prefect_nemovideo.manifests.rows import DIGEST_CHARACTERS, Row, faults_of

#: A batch with more faulty rows than this names the first ones; all of them are counted.
FAULTS_SHOWN = 50
WHAT_WORKS = (
    f"Use a .{', .'.join(KINDS)} file, a folder, a pattern in quotes such as 'footage/*.mp4', or s3://bucket/prefix/."
)


@dataclass(frozen=True)
class Manifest:
    """What a batch is to do.

    Args:
        name: What to call the batch, the same each time: its file's or folder's name, or a digest of rows given.
        rows: One for each video.
        places: Where each row stands, for people: “line 4”.
    """

    name: str
    rows: list[Row]
    places: list[str]


def read_manifest(where: str, instructions: list[str] | None = None, archive: str | None = None) -> Manifest:
    """The manifest of this name.

    Args:
        where: A CSV, JSON or JSONL file, here or as `s3://bucket/key`; or a folder, a pattern, an `s3://bucket/prefix/`.
        instructions: For rows that have none of their own, and for all videos of a folder, pattern or prefix.
        archive: What is in it already is not edited again.

    Raises:
        BadInput: It can't be read, or has faulty rows: each is named with its line, all at once.
        StorageError: The bucket can't be read.

    Example:
        ```python
        manifest = read_manifest("tonight.csv")
        ```
    """
    kind = where.rpartition(".")[2].lower()
    if where.startswith("s3://"):
        if kind in KINDS and not WILD.search(where):
            return _parsed(where, kind, _object(where), None, instructions)
        return _listed(where, videos_of_bucket(where, archive), instructions)
    path = Path(where).expanduser()
    if path.is_dir():
        return _listed(where, videos_of_folder(path, archive or "nemovideo-archive"), instructions)
    if WILD.search(where) and not path.exists():
        return _listed(where, videos_of_pattern(str(path), archive or "nemovideo-archive"), instructions)
    if kind not in KINDS:
        raise BadInput(f"{where} is no manifest.", next_step=WHAT_WORKS)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{where} can't be read: {error.strerror}.", next_step="Check the path.") from error
    return _parsed(where, kind, data, path.parent, instructions)


def rows_given(given: list[dict[str, Any]], instructions: list[str] | None = None) -> Manifest:
    """Rows as a manifest; a relative source is relative to the working folder.

    Raises:
        BadInput: Some are faulty; each is named, all at once.
    """
    rows, places = _checked(
        "The batch", ((f"row {number}", row) for number, row in enumerate(given, start=1)), Path.cwd(), instructions
    )
    digest = hashlib.sha256("".join(row.digest for row in rows).encode()).hexdigest()[:DIGEST_CHARACTERS]
    return Manifest(f"batch-{digest}", rows, places)


def _parsed(where: str, kind: str, data: bytes, folder: Path | None, instructions: list[str] | None) -> Manifest:
    try:
        found = list(entries(kind, text_of(data)))
    except Fault as fault:
        found = [(fault.line, fault)]
    rows, places = _checked(where, ((f"line {line}", entry) for line, entry in found), folder, instructions)
    return Manifest(name_of(where), rows, places)


def _listed(where: str, videos: Iterator[str], instructions: list[str] | None) -> Manifest:
    if not instructions:
        raise BadInput(
            f"{where} says which videos, and not what to do with them.",
            next_step='Add what to do, as in: -i "make it square".',
        )
    found = list(videos)
    if not found:
        raise nothing_found(where)
    rows, places = _checked(where, ((source, {"source": source}) for source in found), Path.cwd(), instructions)
    return Manifest(name_of(where), rows, places)


def _checked(
    what: str, found: Iterable[tuple[str, Any]], folder: Path | None, instructions: list[str] | None
) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    places: list[str] = []
    faults: list[str] = []
    for place, entry in found:
        if isinstance(entry, Fault):
            faults.append(f"{place}: {entry.what}")
            continue
        if instructions and isinstance(entry, dict) and not entry.get("instructions"):
            entry = {**entry, "instructions": instructions}
        try:
            row = Row.model_validate(entry)
        except ValidationError as error:
            faults += [f"{place}: {fault}" for fault in faults_of(error)]
            continue
        if "://" not in row.source and not Path(row.source).expanduser().is_absolute():
            if folder is None:
                faults.append(f"{place}: `source`: a manifest in a bucket names its sources by s3:// or http(s)://")
                continue
            row = row.model_copy(update={"source": str(folder.absolute() / row.source)})
        rows.append(row)
        places.append(place)
    if faults:
        more = f"\n  … and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:FAULTS_SHOWN])
        raise BadInput(
            f"{what} has {len(faults)} fault{'s' if len(faults) != 1 else ''}. Nothing was sent.{listed}{more}",
            next_step="Correct these rows and run it again.",
        )
    if not rows:
        raise BadInput(f"{what} has no rows.", next_step="Give each video a row with source and instructions.")
    return rows, places


def _object(where: str) -> bytes:
    from prefect_nemovideo.storage import S3Address, open_place, parse_place

    address = parse_place(where)
    assert isinstance(address, S3Address)
    with tempfile.TemporaryDirectory(prefix="nemovideo-") as folder:
        target = Path(folder) / "manifest"
        open_place(f"s3://{address.bucket}").download(address.prefix, target)
        return target.read_bytes()


def name_of(where: str) -> str:
    """A name for the batch out of the manifest's: what can stand in the name of an object everywhere."""
    path = PurePosixPath(where.removeprefix("s3://").rstrip("/"))
    plain = WILD.split(str(path))[0].rstrip("/") if WILD.search(where) else str(path)
    stem = PurePosixPath(plain).stem if plain.rpartition(".")[2].lower() in KINDS else PurePosixPath(plain).name
    return re.sub(r"[^\w.()' &+-]+", "_", stem).strip(". ")[:80] or "batch"
