"""One row: one video, and what is to become of it."""

from __future__ import annotations

import difflib
import hashlib
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from prefect_nemovideo.api.profiles import PROFILES
from prefect_nemovideo.words import shown_address

DIGEST_CHARACTERS = 16


class Row(BaseModel):
    """One video of a batch.

    Args:
        source: A path, `http(s)://…` or `s3://bucket/key`. A relative path is relative to the manifest.
        instructions: What to do, one after another; in a CSV, several are separated by `|`.
        name: What to call the result; the source's name by default.
        profile: `video-4k` or `4k-with-session`; the batch's by default.
        resolution: As `OutputSpec.resolution`.
        archive: Where the result goes, as `edit_batch` takes it; the batch's by default.
        language: ISO code of the language in which the editor answers; told from the instructions by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    source: str = Field(min_length=1)
    instructions: list[str] = Field(min_length=1)
    name: str | None = None
    profile: str | None = None
    resolution: str | None = Field(None, pattern=r"^(4k|1440p|1080p|720p|[1-9]\d{1,4}x[1-9]\d{1,4})$")
    archive: str | None = None
    language: str | None = None

    @field_validator("instructions", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        parts = value.split("|") if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            return parts
        return [part.strip() for part in parts if part.strip()]

    @field_validator("name", "profile", "resolution", "archive", "language", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("resolution", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return value.strip().lower().replace("×", "x") if isinstance(value, str) else value

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str | None) -> str | None:
        if value is not None and value not in PROFILES:
            raise ValueError(f"there is no profile “{value}”; use {' or '.join(PROFILES)}")
        return value

    @field_validator("language")
    @classmethod
    def _language_code(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
            raise ValueError(f"“{value}” is no language code; use one like en, de or zh")
        return value

    @property
    def digest(self) -> str:
        """The same for the same row, wherever it stands in its manifest."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:DIGEST_CHARACTERS]

    @property
    def shown_source(self) -> str:
        """The source as it may be shown and kept: a signed link without its signature."""
        return shown_address(self.source)


COLUMNS = tuple(Row.model_fields)


def faults_of(error: ValidationError) -> list[str]:
    """What is wrong with a row, a sentence for each fault."""
    return [_sentence(fault) for fault in error.errors(include_input=False, include_url=False)]


def no_such_column(name: str) -> str:
    """Says that a column is not known, and which one may be meant."""
    meant = difflib.get_close_matches(name.strip().lower(), COLUMNS, n=1)
    return f"there is no column `{name}`" + (f"; did you mean `{meant[0]}`?" if meant else f" ({', '.join(COLUMNS)})")


def _sentence(fault: Any) -> str:
    field = ".".join(str(part) for part in fault["loc"]) or "the row"
    if fault["type"] == "missing" or (fault["loc"] == ("instructions",) and fault["type"] == "too_short"):
        return f"`{field}` is missing"
    if fault["type"] == "extra_forbidden":
        return no_such_column(str(fault["loc"][0]))
    if fault["loc"] == ("resolution",):
        return "`resolution`: use 4k, 1440p, 1080p, 720p or WIDTHxHEIGHT in pixels"
    message = fault["msg"].removeprefix("Value error, ")
    return f"`{field}`: {message[:1].lower()}{message[1:]}"
