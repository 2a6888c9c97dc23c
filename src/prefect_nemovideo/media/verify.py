"""Proof that a file is complete and decodable from its first to its last frame.

Players, and FFmpeg's own command line, forgive: a file cut in the middle, or with 200 kB of it zeroed, "plays".
Each check here catches damage that all of the others let pass (measured on five kinds of damage).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.frame import VideoFrame

from prefect_nemovideo.media.boxes import walk_boxes
from prefect_nemovideo.media.errors import Corrupt
from prefect_nemovideo.media.opening import DECODER_LIMITS, kind_of, opened
from prefect_nemovideo.media.probe import MediaInfo, as_shown, describe, probe, without_pictures
from prefect_nemovideo.media.reading import Source, name_of, reading, size_of

# Never touch av.logging here: with threaded decoding of a damaged file it dead-locks (9 of 12 runs).
STRICT = {**DECODER_LIMITS, "err_detect": "explode"}
# How far the last picture may end from where the header says the stream ends: two frames, or this.
END_TOLERANCE_SECONDS = 0.1
END_TOLERANCE_FRAMES = 2

Progress = Callable[[float, float], None]
"""Called with (seconds checked, seconds in all). May raise to stop."""


@dataclass(frozen=True)
class Verified:
    """A file that was decoded from beginning to end without one fault."""

    info: MediaInfo
    frames_decoded: int
    audio_frames_decoded: int


@dataclass
class _Count:
    first: VideoFrame | None = None
    packets: int = 0
    discarded: int = 0
    """Packets that the file itself says not to show (outside its edit list)."""
    pictures: int = 0
    sounds: int = 0
    damaged: int = 0
    picture_end_seconds: float = 0.0
    sound_end_seconds: float = 0.0


def verify(source: Source, *, progress: Progress | None = None) -> Verified:
    """Decode a whole file in constant memory. Takes about as long as playing it (4K), on several threads.

    Blocks, with the interpreter lock released while decoding: call it in a thread. A source that is
    no path is read once from beginning to end, but for a few jumps over its index, so it may be far away.

    Args:
        source: a path, or a binary file that can be read and sought (see `Readable`).

    Raises:
        NotMedia: it is no media file at all.
        Corrupt: it is cut off, incomplete or damaged; the reason is a sentence.
        OSError: it can't be read.
    """
    kind = kind_of(source)
    if kind.has_boxes and (problem := walk_boxes(source).problem):
        raise Corrupt(f"{name_of(source)} {problem}")
    with reading(source) as file:
        size = size_of(file)
    count = _Count()
    with opened(source, kind) as container:
        info = replace(describe(source, kind, container), bytes=size)
        promised_seconds = _picture_seconds(container)
        try:
            _decode_all(container, info, count, progress)
        except av.FFmpegError as exc:
            if count.first is None:
                # Says so when not even the first picture can be had, damaged or far too large.
                probe(source)
            raise Corrupt(f"{name_of(source)} is damaged: its content can't be decoded to the end.") from exc
    if info.has_video:
        if count.first is None:
            raise without_pictures(source)
        info = as_shown(info, count.first)
    _judge(source, info, count, promised_seconds)
    return Verified(info, count.pictures, count.sounds)


def _decode_all(container: InputContainer, info: MediaInfo, count: _Count, progress: Progress | None) -> None:
    streams = [*container.streams.video[:1], *container.streams.audio] if info.has_video else [*container.streams.audio]
    for stream in streams:
        stream.codec_context.options = STRICT
        stream.codec_context.thread_type = "AUTO"
    for packet in container.demux(streams):
        is_picture = packet.stream.type == "video"
        # The last packet of each stream is empty: it makes the decoder give out what it still holds.
        if is_picture and packet.size:
            count.packets += 1
            count.discarded += packet.is_discard
            count.damaged += packet.is_corrupt
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                count.pictures += 1
                count.first = count.first or frame
                start = frame.time or 0.0
                count.picture_end_seconds = max(count.picture_end_seconds, start + _shown_seconds(frame, info))
                if progress:
                    progress(min(start, info.duration_seconds), info.duration_seconds)
            elif isinstance(frame, AudioFrame):
                count.sounds += 1
                end = (frame.time or 0.0) + frame.samples / frame.sample_rate
                count.sound_end_seconds = max(count.sound_end_seconds, end)
            else:
                continue
            count.damaged += frame.is_corrupt


def _judge(source: Source, info: MediaInfo, count: _Count, promised_seconds: float) -> None:
    def fail(reason: str) -> None:
        raise Corrupt(f"{name_of(source)} is damaged: {reason}")

    if count.damaged:
        fail(f"{count.damaged} of its frames are marked as damaged by the decoder.")
    if info.has_audio and not count.sounds:
        fail("it has a sound track without any sound in it.")
    if not info.has_video:
        return
    if info.frames is not None and info.frames != count.packets:
        fail(f"its header promises {info.frames} pictures and it holds {count.packets}.")
    if count.pictures != count.packets - count.discarded:
        fail(f"only {count.pictures} of its {count.packets - count.discarded} pictures can be decoded.")
    # The sound of a sound film may go on after its pictures, so that each is compared with its own promise.
    tolerance = max(END_TOLERANCE_SECONDS, END_TOLERANCE_FRAMES / info.fps) if info.fps else END_TOLERANCE_SECONDS
    if count.picture_end_seconds < promised_seconds - tolerance:
        fail(f"its pictures end at {count.picture_end_seconds:.2f} s instead of {promised_seconds:.2f} s.")
    end = max(count.picture_end_seconds, count.sound_end_seconds)
    if end < info.duration_seconds - tolerance:
        fail(f"its content ends at {end:.2f} s instead of {info.duration_seconds:.2f} s.")


def _picture_seconds(container: InputContainer) -> float:
    """How long the header says the pictures last; 0.0 where it does not say (mkv, webm)."""
    video = next(iter(container.streams.video), None)
    if video is None or video.duration is None or video.time_base is None:
        return 0.0
    return float(video.duration * video.time_base)


def _shown_seconds(frame: VideoFrame, info: MediaInfo) -> float:
    if frame.duration and frame.time_base:
        return float(frame.duration * frame.time_base)
    return 1 / info.fps if info.fps else 0.0
