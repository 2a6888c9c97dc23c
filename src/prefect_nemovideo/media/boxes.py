"""The outermost boxes of an MP4 or QuickTime file: is it all there, and does its index come first?

Both start with nested boxes (ISO 14496-12): 4 bytes of size, 4 of kind. Walking the outermost ones reads a few
dozen bytes of a file of any size, and finds what players forgive silently: a file that was cut off.
"""

from __future__ import annotations

from dataclasses import dataclass

from prefect_nemovideo.media.reading import Source, reading, size_of

HEADER_BYTES = 8
# A size of 1 announces a 64-bit size after the kind; 0 means "to the end of the file".
LARGE_SIZE, TO_THE_END = 1, 0
LARGE_HEADER_BYTES = 16
# A fragment takes two boxes and lasts about a second: more than a day of film. Beyond, somebody plays games.
MAX_BOXES = 200_000


@dataclass(frozen=True)
class Boxes:
    """What the outermost boxes say about a file."""

    problem: str | None
    """How a sentence about the file goes on when it is cut off or has no index; None when it is complete."""
    faststart: bool
    """Whether the index (`moov`) comes before the pictures (`mdat`), so that playing can start at once."""
    kinds: tuple[str, ...]
    """The different kinds of box, in order of appearance."""

    @property
    def complete(self) -> bool:
        return self.problem is None


def walk_boxes(source: Source) -> Boxes:
    """Walk the outermost boxes of an MP4 or QuickTime file. Raises OSError when it can't be read.

    Example:
        >>> walk_boxes(Path("clip.mp4"))
        Boxes(problem=None, faststart=True, kinds=('ftyp', 'moov', 'free', 'mdat'))
    """
    starts: dict[str, int] = {}
    problem: str | None = None
    with reading(source) as file:
        total = size_of(file)
        offset = count = 0
        while offset < total and problem is None:
            count += 1
            file.seek(offset)
            head = file.read(LARGE_HEADER_BYTES)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8].decode("latin-1")
            smallest = HEADER_BYTES
            if size == LARGE_SIZE:
                size, smallest = int.from_bytes(head[8:16], "big"), LARGE_HEADER_BYTES
            elif size == TO_THE_END:
                size = total - offset
            if len(head) < smallest:
                problem = f"breaks off after {total} bytes."
            elif count > MAX_BOXES or size < smallest or not (kind.isprintable() and len(kind) == 4):
                problem = f"is damaged: what stands at byte {offset} is no part of a video."
            elif offset + size > total:
                missing = offset + size - total
                problem = f"is cut off: {missing} bytes are missing."
            else:
                starts.setdefault(kind, offset)
                offset += size
    if problem is None and "moov" not in starts:
        problem = "has no index: it was never finished, or its end is missing."
    elif problem is None and "mdat" not in starts:
        problem = "has an index but no pictures or sound."
    faststart = "moov" in starts and starts["moov"] < starts.get("mdat", total)
    return Boxes(problem, faststart, tuple(starts))
