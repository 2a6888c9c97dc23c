"""All the videos of a folder, of a pattern, or below a prefix of a bucket."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.profiles import VIDEO_EXTENSIONS

WILD = re.compile(r"[*?\[]")


def videos_of_folder(folder: Path, archive: str | None) -> Iterator[str]:
    """The videos that lie in a folder itself, by name."""
    return _outside(archive, (str(path) for path in sorted(folder.iterdir()) if path.is_file()))


def videos_of_pattern(pattern: str, archive: str | None) -> Iterator[str]:
    """The videos that a pattern names; `**` stands for any folders."""
    return _outside(archive, (path for path in sorted(glob.glob(pattern, recursive=True)) if Path(path).is_file()))


def videos_of_bucket(where: str, archive: str | None) -> Iterator[str]:
    """The videos below `s3://bucket/prefix/`, or those that a pattern of keys names.

    Raises:
        StorageError: The bucket can't be listed.
    """
    from prefect_nemovideo.storage import S3Address, open_place, parse_place

    wild = WILD.search(where)
    # Listed from the last slash before the first wildcard on.
    base = where[: wild.start()].rpartition("/")[0] if wild else where.rstrip("/")
    address = parse_place(base)
    assert isinstance(address, S3Address)
    wanted = re.compile(_as_expression(where.removeprefix(f"s3://{address.bucket}/"))) if wild else None
    prefix = f"{address.prefix}/" if address.prefix else ""
    # What is hidden is on its way to a name of its own.
    names = (name for name in open_place(base).names() if not name.startswith(".") and "/." not in name)
    keys = sorted(prefix + name for name in names)
    found = (f"s3://{address.bucket}/{key}" for key in keys if wanted is None or wanted.fullmatch(key))
    return _outside(_archive_address(archive), found)


def _archive_address(archive: str | None) -> str | None:
    """The archive as the same words that sources are in."""
    return archive.rstrip("/") if archive and archive.startswith("s3://") else None


def _outside(archive: str | None, found: Iterator[str]) -> Iterator[str]:
    """Without what was delivered there before: else each night would edit the results of the last one."""
    if archive is not None and "://" not in archive:
        inside = Path(archive).expanduser().absolute()
        found = (where for where in found if not Path(where).absolute().is_relative_to(inside))
    elif archive is not None:
        found = (where for where in found if not where.startswith(f"{archive.rstrip('/')}/"))
    return (where for where in found if _is_video(where))


def _is_video(where: str) -> bool:
    name = where.rpartition("/")[2]
    return not name.startswith(".") and name.rpartition(".")[2].lower() in VIDEO_EXTENSIONS and "." in name


def _as_expression(pattern: str) -> str:
    """As in a shell: `*` stays within a folder, `**` does not."""
    parts = re.split(r"(\*\*/?|\*|\?|\[[^]]+\])", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meaning.get(part, part if part.startswith("[") else re.escape(part)) for part in parts)


def nothing_found(where: str) -> BadInput:
    """There is no video to edit."""
    return BadInput(
        f"There are no videos in {where}.",
        next_step=f"Videos end in {', '.join(VIDEO_EXTENSIONS)}. For those of folders within it: '{where}/**/*'.",
    )
