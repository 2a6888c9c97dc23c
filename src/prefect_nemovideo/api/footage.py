"""What can be known of footage before a byte of it is sent: is it there, of a kind and size that the service takes?"""

from __future__ import annotations

from pathlib import Path

from prefect_nemovideo.api import numbers
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.api.profiles import EXTENSIONS

#: By extension. The machine's own table differs from one to the next, and in Python 3.11 knows no webp.
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
}


def check_file(path: Path) -> int:
    """The file's size in bytes, once everything that can be known without sending it is right.

    Raises:
        BadInput: It isn't there, is no file, is empty, is of an unsupported kind, or is too large.
    """
    try:
        if path.is_dir():
            raise BadInput(
                f"{path} is a folder, not a video.",
                next_step="Name one file; for all files of a folder use: prefect-nemovideo batch.",
            )
        if not path.exists():
            raise BadInput(f"There is no file {path}.", next_step="Check the path.")
        if not path.is_file():
            raise BadInput(f"{path} is not a regular file.", next_step="Name a video file.")
        check_extension(path.name)
        size = path.stat().st_size
        if size == 0:
            raise BadInput(f"{path} is empty (0 bytes).", next_step="Name a file with footage in it.")
        check_size(size, path.name)
        path.open("rb").close()
    except OSError as error:
        raise BadInput(
            f"{path} can't be read: {error.strerror}.", next_step="Check the path and its permissions."
        ) from error
    return size


def check_extension(name: str) -> None:
    """Refuses what the service does not take (4001), judged by the name."""
    extension = _extension(name)
    if extension not in CONTENT_TYPES:
        kind = f"“.{extension}” files" if extension else "files without an extension"
        raise BadInput(
            f"{name}: NemoVideo does not take {kind}.",
            next_step=f"Convert it to one of: {', '.join(EXTENSIONS)}.",
        )


def content_type(name: str) -> str:
    """By the extension, which `check_extension` has let pass."""
    return CONTENT_TYPES[_extension(name)]


def check_size(size: int, name: str) -> None:
    """Refuses what is too large for the service (4002)."""
    if size > numbers.MAX_UPLOAD_BYTES:
        raise BadInput(
            f"{name} has {size / 1e6:.0f} MB; NemoVideo takes at most 500 MB.",
            next_step="Compress it, trim it, or split it into parts.",
        )


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
