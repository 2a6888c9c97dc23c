"""What a batch is to do: rows of a CSV, JSON or JSONL file, checked whole before anything is spent."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.profiles import PROFILES

KINDS = ("csv", "json", "jsonl")
#: A batch with more faulty rows than this names the first ones; all of them are counted.
FAULTS_SHOWN = 20


class Row(BaseModel):
    """One video of a batch.

    Args:
        source: A path, `http(s)://…` or `s3://bucket/key`. A relative path is relative to the manifest.
        instructions: What to do, one after another; in a CSV, several are separated by `|`.
        name: What to call the result; the source's name by default.
        profile: `video-4k` or `4k-with-session`; the batch's by default.
        resolution: As `OutputSpec.resolution`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    source: str = Field(min_length=1)
    instructions: list[str] = Field(min_length=1)
    name: str | None = None
    profile: str | None = None
    resolution: str | None = Field(None, pattern=r"^(4k|1440p|1080p|720p|[1-9]\d{1,4}x[1-9]\d{1,4})$")

    @field_validator("instructions", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        parts = value.split("|") if isinstance(value, str) else value
        return [part.strip() for part in parts if part.strip()] if isinstance(parts, list) else parts

    @field_validator("name", "profile", "resolution", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str | None) -> str | None:
        if value is not None and value not in PROFILES:
            raise ValueError(f"there is no profile “{value}”; use {' or '.join(PROFILES)}")
        return value


def read_manifest(path: Path) -> list[Row]:
    """The rows of a manifest.

    Raises:
        BadInput: It can't be read, or has faulty rows: each is named with its line, all at once.

    Example:
        ```python
        rows = read_manifest(Path("tonight.csv"))
        ```
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in KINDS:
        raise BadInput(f"{path} is no manifest.", next_step=f"Use a .{', .'.join(KINDS)} file.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}.", next_step="Check the path; text must be UTF-8.") from error
    return check_rows(list(_entries(kind, text, path)), path.parent, str(path))


def check_rows(entries: list[tuple[str, Any]], folder: Path, what: str) -> list[Row]:
    """Entries, each with the place it came from, as rows.

    Raises:
        BadInput: Some are faulty; nothing was sent.
    """
    rows: list[Row] = []
    faults: list[str] = []
    for place, entry in entries:
        try:
            row = Row.model_validate(entry)
        except ValidationError as error:
            faults += [f"{place}: {_sentence(fault)}" for fault in error.errors()]
            continue
        if "://" not in row.source and not Path(row.source).expanduser().is_absolute():
            row = row.model_copy(update={"source": str(folder / row.source)})
        rows.append(row)
    if faults:
        more = f"\n  … and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:FAULTS_SHOWN])
        raise BadInput(
            f"{what} has {len(faults)} fault{'s' if len(faults) != 1 else ''}. Nothing was sent.{listed}{more}",
            next_step="Correct these rows and run it again.",
        )
    if not rows:
        raise BadInput(f"{what} has no rows.", next_step="Give each video a row with source and instructions.")
    return rows


def _entries(kind: str, text: str, path: Path) -> Iterator[tuple[str, Any]]:
    if kind == "csv":
        reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
        for fields in reader:
            # A row that is too long has its rest under None; a row that is too short has None in it.
            entry = {name: value for name, value in fields.items() if name is not None and value not in (None, "")}
            if None in fields:
                entry["(more fields than the header has)"] = "…"
            yield f"line {reader.line_num}", entry
    elif kind == "jsonl":
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield f"line {number}", _parsed(line, f"line {number}", path)
    else:
        document = _parsed(text, "the file", path)
        if not isinstance(document, list):
            raise BadInput(f"{path} is not a list of rows.", next_step='Use [{"source": …, "instructions": …}, …].')
        for number, entry in enumerate(document, start=1):
            yield f"row {number}", entry


def _parsed(text: str, place: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(
            f"{path}, {place}: this is not JSON: {error}.", next_step="Correct it and run it again."
        ) from error


def _sentence(fault: Any) -> str:
    field = ".".join(str(part) for part in fault["loc"]) or "the row"
    if fault["type"] == "missing":
        return f"`{field}` is missing"
    if fault["type"] == "extra_forbidden":
        return f"there is no column `{field}`"
    return f"`{field}`: {fault['msg'].removeprefix('Value error, ')}"
