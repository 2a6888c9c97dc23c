"""Opening files from strangers: the kind is decided by the first bytes, and pictures have a largest size.

FFmpeg left to itself guesses the kind of a file, and among its guesses are playlists: a text file called
`clip.mp4` may name other files, which are then read instead. So the kind is never guessed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer

from prefect_nemovideo.media.errors import NotMedia
from prefect_nemovideo.media.reading import Source, name_of, reading

# Above 8K (33 million); a small file may claim any size, and its frames would be allocated (measured: 1.4 GB).
MAX_PIXELS = 40_000_000
DECODER_LIMITS = {"max_pixels": str(MAX_PIXELS)}
# Options are given per stream before the streams are known; more than the list has do no harm.
MOST_STREAMS = 16
HEAD_BYTES = 64
# Of a source that is not a path FFmpeg reads this much at once; a call into Python for each 32 kB would be felt.
BUFFER_BYTES = 1 << 20


@dataclass(frozen=True)
class Kind:
    """A container as people call it, and as FFmpeg does."""

    name: str
    demuxer: str
    has_boxes: bool = False
    is_still: bool = False


MP4, MOV, M4A = (Kind(name, "mov", has_boxes=True) for name in ("mp4", "mov", "m4a"))
SUPPORTED = "mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a, aac"
BOXES_THAT_START_A_FILE = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def kind_of(source: Source) -> Kind:
    """What a file is, by its first bytes, whatever its name says.

    Raises:
        NotMedia: it is empty, or it is none of the supported kinds.
        OSError: it can't be read.
    """
    with reading(source) as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise NotMedia(f"{name_of(source)} is empty.")
    kind = _by_magic(head)
    if kind is None:
        what = "text, not a film" if _looks_like_text(head) else "of no kind that is supported"
        raise NotMedia(f"{name_of(source)} is {what}. Supported: {SUPPORTED}.")
    return kind


@contextmanager
def opened(source: Source, kind: Kind) -> Iterator[InputContainer]:
    """The opened container of a file. Raises NotMedia when FFmpeg can't read its header."""
    if isinstance(source, Path):
        # The prefix keeps FFmpeg from reading a protocol or a pattern into the name.
        place: object = f"file:{source.absolute()}"
    else:
        source.seek(0)
        place = source
    try:
        container = av.open(
            place,
            mode="r",
            format=kind.demuxer,
            buffer_size=BUFFER_BYTES,
            container_options={"format_whitelist": kind.demuxer, "protocol_whitelist": "file"},
            # PyAV takes a dictionary per stream here; its annotation says otherwise.
            stream_options=cast(list[str], [DECODER_LIMITS] * MOST_STREAMS),
        )
    except av.FFmpegError as exc:
        raise NotMedia(f"{name_of(source)} starts like {kind.name}, but its header can't be read.") from exc
    with container:
        yield container


def _by_magic(head: bytes) -> Kind | None:
    if head[4:8] in BOXES_THAT_START_A_FILE:
        brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
        return {b"qt  ": MOV, b"M4A ": M4A}.get(brand, MP4)
    match head[:4], head[8:12]:
        case b"\x1a\x45\xdf\xa3", _:
            return Kind("webm" if b"webm" in head else "mkv", "matroska")
        case b"RIFF", b"AVI ":
            return Kind("avi", "avi")
        case b"RIFF", b"WAVE":
            return Kind("wav", "wav")
        case b"RIFF", b"WEBP":
            return Kind("webp", "webp_pipe", is_still=True)
        case b"\x89PNG", _:
            return Kind("png", "png_pipe", is_still=True)
        case b"GIF8", _:
            return Kind("gif", "gif")
    if head.startswith(b"\xff\xd8\xff"):
        return Kind("jpg", "jpeg_pipe", is_still=True)
    if head[0] == 0xFF and len(head) > 1:
        # Eleven set bits start an MPEG sound frame; then two of version and two of layer, where 00 means AAC.
        if head[1] & 0xF6 == 0xF0:
            return Kind("aac", "aac")
        if head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
            return Kind("mp3", "mp3")
    return Kind("mp3", "mp3") if head.startswith(b"ID3") else None


def _looks_like_text(head: bytes) -> bool:
    # The last letter may be cut in two.
    letters = head.decode("utf-8", errors="ignore")
    return len(letters.encode()) > len(head) - 4 and all(c.isprintable() or c.isspace() for c in letters)
