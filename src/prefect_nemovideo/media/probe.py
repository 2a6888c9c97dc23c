"""What a media file is: its size, rate, length and codecs, from its header and first picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from prefect_nemovideo.media.boxes import walk_boxes
from prefect_nemovideo.media.errors import NotMedia
from prefect_nemovideo.media.opening import DECODER_LIMITS, Kind, kind_of, opened

# A decoder may need some packets before its first picture; a healthy one needs fewer than its longest group.
PACKETS_TO_FIRST_PICTURE = 300
RATE_DIGITS = 3


@dataclass(frozen=True)
class MediaInfo:
    """The facts of a media file."""

    container: str
    """mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a or aac; from the content, not the name."""
    duration_seconds: float
    """0.0 for a still picture."""
    width: int
    """In pixels, as displayed: rotation is applied. 0 for sound without a picture."""
    height: int
    fps: float
    """Frames a second, on average. 0.0 without a moving picture."""
    video_codec: str | None
    audio_codec: str | None
    frames: int | None
    """As many pictures as the header promises; None where it does not say (all but mp4 and mov)."""
    bytes: int
    pixel_format: str | None

    @property
    def has_audio(self) -> bool:
        return self.audio_codec is not None

    @property
    def has_video(self) -> bool:
        return self.video_codec is not None


def probe(path: Path) -> MediaInfo:
    """Read what a media file is. Blocks for about 30 ms with 4K; use `asyncio.to_thread`.

    Example:
        >>> info = probe(Path("clip.mp4"))
        >>> info.width, info.height, info.video_codec
        (1920, 1080, 'h264')

    Raises:
        NotMedia: it is empty, text, or unfinished, or a picture of it would be larger than `MAX_PIXELS`.
        OSError: it can't be read.
    """
    kind = kind_of(path)
    if kind.has_boxes:
        # Only whether it can be opened at all matters here; `verify` is strict.
        boxes = walk_boxes(path)
        if "moov" not in boxes.kinds:
            raise NotMedia(f"{path.name} can't be opened. {boxes.problem}")
    with opened(path, kind) as container:
        return describe(path, kind, container)


def describe(path: Path, kind: Kind, container: InputContainer) -> MediaInfo:
    """The facts of an opened container; decodes its first picture, since only that knows its rotation."""
    video = container.streams.video[0] if container.streams.video else None
    audio = container.streams.audio[0] if container.streams.audio else None
    if video is None and audio is None:
        raise NotMedia(f"{path.name} is {kind.name}, but has neither pictures nor sound.")
    if video is not None and kind.name not in ("mp3", "m4a", "aac", "wav"):
        width, height = _displayed_size(path, container, video)
        rate = 0.0 if kind.is_still else _frames_a_second(video)
        video_codec, pixel_format = video.codec_context.codec.canonical_name, video.pix_fmt
        # Only MP4 and QuickTime count their pictures; AVI's number is a duration, often one too many.
        frames = (video.frames or None) if kind.has_boxes else None
    else:
        # The picture in a sound file is its cover.
        width = height = 0
        rate, video_codec, pixel_format, frames = 0.0, None, None, None
    return MediaInfo(
        container=kind.name,
        duration_seconds=0.0 if kind.is_still else _duration_seconds(container),
        width=width,
        height=height,
        fps=rate,
        video_codec=video_codec,
        audio_codec=audio.codec_context.codec.canonical_name if audio else None,
        frames=frames,
        bytes=path.stat().st_size,
        pixel_format=pixel_format,
    )


def first_picture(container: InputContainer, video: VideoStream) -> VideoFrame | None:
    """The next picture of an opened container, or None when its next packets hold none."""
    video.codec_context.options = DECODER_LIMITS
    # One picture is wanted: more threads would only decode ahead, and keep what they decoded in memory.
    video.codec_context.thread_count = 1
    for packet in islice(container.demux(video), PACKETS_TO_FIRST_PICTURE):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                return frame
    return None


def is_sideways(frame: VideoFrame) -> bool:
    """Whether a frame is stored lying on its side, as telephones do."""
    return frame.rotation % 180 == 90


def _displayed_size(path: Path, container: InputContainer, video: VideoStream) -> tuple[int, int]:
    try:
        frame = first_picture(container, video)
    except av.FFmpegError as exc:
        raise NotMedia(f"{path.name} has pictures that can't be decoded, or too large ones.") from exc
    if frame is None:
        raise NotMedia(f"{path.name} promises pictures, but its beginning holds none.")
    return (frame.height, frame.width) if is_sideways(frame) else (frame.width, frame.height)


def _frames_a_second(video: VideoStream) -> float:
    # Without an index, the average is an estimate from the first second, and off by as much as a per cent.
    rate = video.average_rate if video.frames else video.guessed_rate
    return round(float(rate or 0), RATE_DIGITS)


def _duration_seconds(container: InputContainer) -> float:
    if container.duration:
        return float(container.duration) / av.time_base
    lengths = [float(s.duration * s.time_base) for s in container.streams if s.duration and s.time_base]
    return max(lengths, default=0.0)
