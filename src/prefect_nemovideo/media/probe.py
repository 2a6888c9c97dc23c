"""What a media file is: its size, rate, length and codecs, from its header and first picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from prefect_nemovideo.media.boxes import walk_boxes
from prefect_nemovideo.media.errors import NotMedia
from prefect_nemovideo.media.opening import DECODER_LIMITS, Kind, kind_of, opened
from prefect_nemovideo.media.reading import Source, name_of, reading, size_of

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


def probe(source: Source) -> MediaInfo:
    """Read what a media file is. Blocks for about 30 ms with 4K; call it in a thread.

    Example:
        >>> info = probe(Path("clip.mp4"))
        >>> info.width, info.height, info.video_codec
        (1920, 1080, 'h264')

    Raises:
        NotMedia: it is empty, text, or unfinished, or a picture of it would be larger than `MAX_PIXELS`.
        OSError: it can't be read.
    """
    kind = kind_of(source)
    if kind.has_boxes:
        # Only whether it can be opened at all matters here; `verify` is strict.
        boxes = walk_boxes(source)
        if "moov" not in boxes.kinds:
            raise NotMedia(f"{name_of(source)} can't be opened: it {boxes.problem}")
    with opened(source, kind) as container:
        info = describe(source, kind, container)
        if info.has_video:
            try:
                frame = first_picture(container, container.streams.video[0])
            except av.FFmpegError as exc:
                raise NotMedia(f"{name_of(source)} has pictures that can't be decoded, or too large ones.") from exc
            if frame is None:
                raise without_pictures(source)
            info = as_shown(info, frame)
    with reading(source) as file:
        return replace(info, bytes=size_of(file))


def describe(source: Source, kind: Kind, container: InputContainer) -> MediaInfo:
    """What the header of an opened container says; its `bytes` are 0, its size is that before any rotation."""
    video = container.streams.video[0] if container.streams.video else None
    audio = container.streams.audio[0] if container.streams.audio else None
    if video is None and audio is None:
        raise NotMedia(f"{name_of(source)} is {kind.name}, but has neither pictures nor sound.")
    # The picture in a sound file is its cover.
    shown = None if kind.name in ("mp3", "m4a", "aac", "wav") else video
    return MediaInfo(
        container=kind.name,
        duration_seconds=0.0 if kind.is_still else _duration_seconds(container),
        width=shown.width if shown else 0,
        height=shown.height if shown else 0,
        fps=_frames_a_second(shown) if shown and not kind.is_still else 0.0,
        video_codec=shown.codec_context.codec.canonical_name if shown else None,
        audio_codec=audio.codec_context.codec.canonical_name if audio else None,
        # Only MP4 and QuickTime count their pictures; AVI's number is a duration, often one too many.
        frames=(shown.frames or None) if shown and kind.has_boxes else None,
        bytes=0,
        pixel_format=shown.pix_fmt if shown else None,
    )


def as_shown(info: MediaInfo, picture: VideoFrame) -> MediaInfo:
    """With the size of a picture as people see it: only a decoded one knows whether it lies on its side."""
    size = (picture.height, picture.width) if is_sideways(picture) else (picture.width, picture.height)
    return replace(info, width=size[0], height=size[1])


def without_pictures(source: Source) -> NotMedia:
    """It has a stream of pictures, without any."""
    return NotMedia(f"{name_of(source)} promises pictures, but its beginning holds none.")


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


def _frames_a_second(video: VideoStream) -> float:
    # Without an index, the average is an estimate from the first second, and off by as much as a per cent.
    rate = video.average_rate if video.frames else video.guessed_rate
    return round(float(rate or 0), RATE_DIGITS)


def _duration_seconds(container: InputContainer) -> float:
    if container.duration:
        return float(container.duration) / av.time_base
    lengths = [float(s.duration * s.time_base) for s in container.streams if s.duration and s.time_base]
    return max(lengths, default=0.0)
