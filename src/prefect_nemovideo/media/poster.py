"""One picture of a film, to show what it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from prefect_nemovideo.media.errors import Corrupt, NotMedia
from prefect_nemovideo.media.opening import DECODER_LIMITS, kind_of, opened
from prefect_nemovideo.media.probe import PACKETS_TO_FIRST_PICTURE
from prefect_nemovideo.media.reading import Source, name_of

if TYPE_CHECKING:
    from PIL.Image import Image

# Sharp on a page, and some 100 kB; a full 4K poster would be ten times that.
LONGEST_SIDE = 1280
JPEG_QUALITY = 85
# Timestamps are rounded: a picture due within half a millisecond is shown.
TIME_TOLERANCE_SECONDS = 0.0005


def poster(source: Source, at_seconds: float, target: Path, *, longest_side: int = LONGEST_SIDE) -> Path:
    """Save the picture shown at `at_seconds` as a JPEG, upright; returns `target`. Beyond the end, it is the last one.

    What comes between the key picture before it and the moment itself has to be decoded: the earlier, the cheaper.

    Raises:
        NotMedia: the file has no pictures.
        Corrupt: the picture there can't be decoded.
        OSError: a file can't be read or written.
    """
    kind = kind_of(source)
    with opened(source, kind) as container:
        if not container.streams.video:
            raise NotMedia(f"{name_of(source)} has no pictures to make a poster of.")
        try:
            if at_seconds > 0 and not kind.is_still:
                container.seek(int(at_seconds * av.time_base))
            frame = _picture_at(container, container.streams.video[0], 0 if kind.is_still else at_seconds)
        except av.FFmpegError as exc:
            raise Corrupt(f"The picture at {at_seconds:g} s of {name_of(source)} can't be decoded.") from exc
        if frame is None:
            raise Corrupt(f"{name_of(source)} has no picture at {at_seconds:g} s.")
        image = cast("Callable[[], Image]", frame.to_image)().rotate(frame.rotation, expand=True)
    image.thumbnail((longest_side, longest_side))
    part = target.with_name(target.name + ".part")
    try:
        image.save(part, format="JPEG", quality=JPEG_QUALITY)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _picture_at(container: InputContainer, video: VideoStream, seconds: float) -> VideoFrame | None:
    video.codec_context.options = DECODER_LIMITS
    # The moment is near: more threads would only decode beyond it, and keep what they decoded in memory.
    video.codec_context.thread_count = 1
    picture: VideoFrame | None = None
    for number, packet in enumerate(container.demux(video)):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                picture = frame
                if (frame.time or 0.0) + TIME_TOLERANCE_SECONDS >= seconds:
                    return picture
        if picture is None and number > PACKETS_TO_FIRST_PICTURE:
            break
    return picture
