"""A folder as a place, by the same rules as a bucket: whole files, verified, never silently replaced."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from prefect_nemovideo.storage.contract import DEFAULT_CONTENT_TYPE, Held, Progress, Stored
from prefect_nemovideo.storage.errors import ChecksumMismatch, Conflict, NotThere, StorageError
from prefect_nemovideo.storage.failures import explained
from prefect_nemovideo.storage.hashing import CHUNK_BYTES, sha256_of
from prefect_nemovideo.storage.places import checked_key

# What file systems without hard links answer (FAT, some network shares and container mounts).
NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

#: Where Linux shows the files that this process has open: the only way to one without a name.
NAMELESS = Path("/proc/self/fd")


class FolderPlace:
    """A folder, made when first written to. See `Place` for the contract.

    A folder keeps no metadata and no content type: put what must be remembered into a document beside the file.
    """

    #: A folder is on the disk.
    staging: None = None

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    def __repr__(self) -> str:
        return f"FolderPlace({str(self.path)!r})"

    @property
    def uri(self) -> str:
        return self.path.as_uri()

    def uri_of(self, key: str) -> str:
        return self._file(key).as_uri()

    def check(self) -> None:
        # A folder that does not exist yet is made by the first write; until then its parent must be writable.
        folder = next(folder for folder in (self.path, *self.path.parents) if folder.exists())
        with explained("write", self.uri), self._temporary(folder / "check") as (file, _):
            file.write(b"?")
            _sync(file)

    def put_file(
        self,
        path: Path,
        key: str,
        *,
        sha256_hex: str | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Stored:
        def copy(target: BinaryIO) -> str:
            digest, done, size = hashlib.sha256(), 0, path.stat().st_size
            with path.open("rb") as source:
                while chunk := source.read(CHUNK_BYTES):
                    target.write(chunk)
                    digest.update(chunk)
                    done += len(chunk)
                    if progress:
                        progress(done, size)
            if sha256_hex and digest.hexdigest() != sha256_hex:
                raise ChecksumMismatch(
                    f"{path.name} has SHA-256 {digest.hexdigest()}, not {sha256_hex} as announced: it changed, "
                    "or was damaged. Nothing was stored; make the file again.",
                    uri=self.uri_of(key),
                )
            return digest.hexdigest()

        return self._put(key, f"store {path.name}", copy, overwrite=overwrite, known=sha256_hex)

    def put_json(self, key: str, document: Any, *, overwrite: bool = False) -> Stored:
        data = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
        try:
            return self._put(key, f"store {key}", _written(data), overwrite=overwrite)
        except Conflict:
            # The same document may be written with other spaces or another order of keys.
            held = self.head(key) if self.read_json(key) == document else None
            if held is None or held.sha256 is None:
                raise
            return Stored(held.uri, held.sha256, held.bytes, already_there=True)

    def put_bytes(self, key: str, data: bytes) -> Stored:
        return self._put(key, f"store {key}", _written(data), overwrite=True)

    def read_bytes(self, key: str) -> bytes | None:
        try:
            with explained(f"read {key}", self.uri_of(key)):
                return self._file(key).read_bytes()
        except NotThere:
            return None

    def read_json(self, key: str) -> Any | None:
        data = self.read_bytes(key)
        try:
            return None if data is None else json.loads(data)
        except ValueError as exc:
            uri = self.uri_of(key)
            raise StorageError(f"{uri} is not a JSON document. Move it away.", uri=uri) from exc

    def head(self, key: str) -> Held | None:
        uri, file = self.uri_of(key), self._file(key)
        try:
            with explained(f"look up {key}", uri):
                return Held(uri, bytes=file.stat().st_size, sha256=sha256_of(file))
        except NotThere:
            return None

    def names(self) -> Iterator[str]:
        with explained("list", self.uri):
            yield from (str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file())

    def download(self, key: str, target: Path, *, progress: Progress | None = None) -> Held:
        uri, file = self.uri_of(key), self._file(key)
        size = done = 0
        digest = hashlib.sha256()
        with explained(f"copy {key}", uri), file.open("rb") as source, self._temporary(target) as (part, name):
            size = os.fstat(source.fileno()).st_size
            while chunk := source.read(CHUNK_BYTES):
                part.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                if progress:
                    progress(done, size)
            part.flush()
            if done != size:
                raise ChecksumMismatch(f"{uri} changed while it was copied. Try again.", uri=uri)
            os.replace(name, target)
        return Held(uri, bytes=size, sha256=digest.hexdigest())

    def presign_get(self, key: str, seconds: int) -> str:
        return self.uri_of(key)

    def _file(self, key: str) -> Path:
        return self.path / checked_key(key)

    def _put(
        self,
        key: str,
        action: str,
        fill: Callable[[BinaryIO], str],
        *,
        overwrite: bool,
        known: str | None = None,
    ) -> Stored:
        """Fill a temporary file, prove it, and give it its name. `known` spares the work if it is there."""
        uri, file = self.uri_of(key), self._file(key)
        if known and file.is_file():
            held = self.head(key)
            if held is not None and held.sha256 == known:
                return Stored(uri, known, held.bytes, already_there=True)
        with explained(action, uri), (self._temporary if overwrite else self._nameless)(file) as (part, name):
            digest = fill(part)
            _sync(part)
            size = name.stat().st_size
            if sha256_of(name) != digest:
                raise ChecksumMismatch(
                    f"{uri} reads back differently from what was written. Nothing was kept: check the disk.",
                    uri=uri,
                )
            if overwrite:
                os.replace(name, file)
            elif not _named_without_overwriting(name, file):
                return self._settled(key, digest, size)
            _sync_folder(file.parent)
        return Stored(uri, digest, size, already_there=False)

    def _settled(self, key: str, digest: str, size: int) -> Stored:
        held = self.head(key)
        if held is None or held.sha256 != digest:
            raise Conflict(
                f"{self.uri_of(key)} already holds something else"
                f"{f' ({held.bytes} bytes, SHA-256 {held.sha256})' if held else ''}. "
                "Nothing was overwritten. Move it away, or use another name or archive.",
                uri=self.uri_of(key),
            )
        return Stored(held.uri, digest, size, already_there=True)

    @contextmanager
    def _nameless(self, beside: Path) -> Iterator[tuple[BinaryIO, Path]]:
        """An open file that is gone with its process, whatever becomes of that, and a path that leads to it.

        Where a file system has no such files, one with a name.
        """
        beside.parent.mkdir(parents=True, exist_ok=True)
        file = _opened_nameless(beside.parent)
        if file is None:
            with self._temporary(beside) as named:
                yield named
        else:
            with file:
                yield file, NAMELESS / str(file.fileno())

    @contextmanager
    def _temporary(self, beside: Path) -> Iterator[tuple[BinaryIO, Path]]:
        """An open file in the same folder, so that naming it later moves no bytes; it never stays behind."""
        beside.parent.mkdir(parents=True, exist_ok=True)
        name = beside.with_name(f".{beside.name[:64]}.{token_hex(6)}.part")
        try:
            with name.open("xb") as file:
                yield file, name
        finally:
            with suppress(OSError):
                name.unlink(missing_ok=True)


def _opened_nameless(folder: Path) -> BinaryIO | None:
    """A file without a name in a folder, or None where the system or the file system has none."""
    if NAMELESS.is_dir():
        with suppress(OSError):
            return open(os.open(folder, os.O_RDWR | os.O_TMPFILE, 0o666), "r+b")
    return None


def _written(data: bytes) -> Callable[[BinaryIO], str]:
    """What writes these bytes and tells their SHA-256."""

    def write(target: BinaryIO) -> str:
        target.write(data)
        return hashlib.sha256(data).hexdigest()

    return write


def _named_without_overwriting(temporary: Path, file: Path) -> bool:
    """Give the temporary file its final name unless that is taken; atomic. False when it is taken."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        # With a folder's descriptor, which an absolute path makes no use of, the link to a nameless file is followed.
        os.link(temporary, file, src_dir_fd=folder)
    except FileExistsError:
        return False
    except OSError as exc:
        if exc.errno not in NO_HARD_LINKS:
            raise
        # There, two writers of one name at the same instant can't be told apart; all others still can.
        if file.exists():
            return False
        if temporary.is_relative_to(NAMELESS):
            temporary = Path(shutil.copyfile(temporary, file.with_name(f".{file.name[:64]}.{token_hex(6)}.part")))
        os.replace(temporary, file)
    finally:
        os.close(folder)
    return True


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Without this a power cut may forget the new name. Some network file systems can't; their server does it.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
