"""CSV, JSON and JSONL as entries, each with the line it begins at. What can't be read is a fault of its line."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from prefect_nemovideo.manifests.rows import COLUMNS, no_such_column

KINDS = ("csv", "json", "jsonl")
#: What programs write between the fields of a “CSV”: Excel takes the semicolon where a comma is in numbers.
DELIMITERS = (",", ";", "\t")
#: Characters of one field. Python's own limit is 131,072; instructions are shorter, and pasted text need not fail.
LONGEST_FIELD = 1 << 20
#: By their first bytes; text without any is UTF-8.
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Fault(Exception):
    """Something at this line can't be read."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


def text_of(data: bytes) -> str:
    """The text of a file: UTF-8, with a mark or without, or UTF-16 with one.

    Raises:
        Fault: It is in another encoding.
    """
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Fault(line, "this is not UTF-8; save it as “CSV UTF-8” or as UTF-8 text") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Fault(line, "there is a NUL character; this is no text, or UTF-16 without its mark: save it as UTF-8")
    return text


def entries(kind: str, text: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    """What stands in a manifest, each with the number of the line where it begins.

    Args:
        kind: One of `KINDS`.
    """
    return {"csv": _csv, "json": _json, "jsonl": _jsonl}[kind](text)


def _csv(text: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    csv.field_size_limit(LONGEST_FIELD)
    # A StringIO with newline="" keeps line ends inside of quotes and knows all three kinds.
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_delimiter(text), skipinitialspace=True, strict=True)
    names: list[str] | None = None
    while True:
        begins = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            ended = "a quotation mark opens here and is never closed"
            yield begins, Fault(begins, ended if "unexpected end" in str(error) else str(error))
            return
        if not any(field.strip() for field in fields):
            continue
        if names is None:
            names = [field.strip().lower() for field in fields]
            yield from ((begins, Fault(begins, what)) for what in _faults_of_header(names))
            continue
        if any(field.strip() for field in fields[len(names) :]):
            yield begins, Fault(begins, f"there are {len(fields)} fields, and {len(names)} in the header")
            continue
        yield begins, {name: field for name, field in zip(names, fields, strict=False) if field.strip() and name}


def _delimiter(text: str) -> str:
    """The one that makes the most known columns of the header."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda mark: sum(name.strip(' "').lower() in COLUMNS for name in header.split(mark)))


def _faults_of_header(names: list[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        if name and name not in COLUMNS:
            yield no_such_column(name)
        elif name and name in names[:number]:
            yield f"the column `{name}` is there twice"
    if "source" not in names:
        yield "the header has no column `source`"


def _jsonl(text: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    # Not splitlines(): it also splits at characters that may stand inside of a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, _row(json.loads(line), number)
        except ValueError as error:
            yield number, Fault(number, f"this is not JSON: {error}")


def _json(text: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        yield error.lineno, Fault(error.lineno, f"this is not JSON: {error.msg}")
        return
    if not isinstance(document, list):
        yield 1, Fault(1, 'this is not a list of rows; use [{"source": …, "instructions": …}, …]')
        return
    decoder = json.JSONDecoder()
    line, position = 1, text.index("[") + 1
    line += text.count("\n", 0, position)
    for _ in document:
        begins = position
        while text[begins] in " \t\r\n,":
            begins += 1
        line += text.count("\n", position, begins)
        entry, position = decoder.raw_decode(text, begins)
        yield line, _row(entry, line)
        line += text.count("\n", begins, position)


def _row(entry: Any, line: int) -> dict[str, Any] | Fault:
    return entry if isinstance(entry, dict) else Fault(line, 'this is not a row; use {"source": …, "instructions": …}')
