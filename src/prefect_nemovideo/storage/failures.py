"""The border to the disk: what the operating system raises becomes one of our errors, in a sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from prefect_nemovideo.storage.errors import AccessDenied, DiskFull, NotThere, StorageError

DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DENIED_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def explained(action: str, uri: str | None = None) -> Iterator[None]:
    """Run one step against a disk; an OSError leaves as a StorageError.

    Args:
        action: what was tried, as the end of "Could not …", such as "store clip.mp4".
        uri: where; shown in the sentence and kept as `StorageError.uri`.
    """
    try:
        yield
    except OSError as exc:
        raise _from_system(exc, action, uri) from exc


def _from_system(exc: OSError, action: str, uri: str | None) -> StorageError:
    start = f"Could not {action}" + (f" at {uri}" if uri else "")
    name = exc.filename if isinstance(exc.filename, str) else "the file"
    if exc.errno in DISK_FULL_ERRNOS:
        return DiskFull(f"{start}: no room left on the disk. Free some space; nothing was kept.", uri=uri)
    if exc.errno in DENIED_ERRNOS:
        return AccessDenied(f"{start}: the system denies access to {name}. Change its permissions.", uri=uri)
    if exc.errno == errno.ENOENT:
        return NotThere(f"{start}: {name} does not exist. Check the path.", uri=uri)
    if exc.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
        return StorageError(f"{start}: {name} is in the way. Move it, or choose another place.", uri=uri)
    reason = exc.strerror or "the system gives no reason"
    return StorageError(f"{start}: {reason} ({name}). Check the disk.", uri=uri)
