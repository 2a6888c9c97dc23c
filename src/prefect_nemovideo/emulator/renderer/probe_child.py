"""The program that opens a stranger's file; `probe.py` runs it by file name, in a process of its own.

It imports nothing of this package, so it starts quickly and holds nothing worth taking over. Arguments: the
file, the allowed formats, the allowed protocols, the most pixels of a frame. It prints one JSON object: either
the fields of `ProbedFile`, or `{"refused": "a sentence for a person"}`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import av
import av.error
from av.stream import Disposition

READABLE = "mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a, aac"
# ISO/IEC 23091-2 code points, by the names FFmpeg's filters take.
MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
# Players stop at the last packet; a header that promises this much more, in seconds, was written for more data.
MISSING_TAIL_SECONDS = 1.0
# Their headers state a length that was measured; elsewhere it is guessed from a bit rate.
STATES_TRUE_LENGTH = ("matroska", "avi", "wav")
# A camera writes 2 to 4 streams; hundreds are an attack on whoever opens them all.
MAX_STREAMS = 64


class Refused(Exception):
    """The file can't be used, and why."""


def probe(path: str, formats: str, protocols: str, max_pixels: int) -> dict[str, Any]:
    """The facts of a file; raises Refused."""
    # PyAV's stubs call these strings; they are dictionaries of options.
    pixels: Any = {"max_pixels": str(max_pixels)}
    try:
        container = av.open(
            path,
            options={"format_whitelist": formats, "protocol_whitelist": protocols},
            stream_options=[pixels] * MAX_STREAMS,
        )
    except (av.error.FFmpegError, ValueError) as broken:
        with open(path, "rb") as file:
            if file.read(8)[4:] == b"ftyp":
                raise Refused(f"The file is an MP4 without its index. {_CUT_OFF}") from broken
        raise Refused(f"The file is not a video, image or sound that can be read. Readable: {READABLE}.") from broken
    with container:
        return _facts(container, path, max_pixels)


def _facts(container: Any, path: str, max_pixels: int) -> dict[str, Any]:
    form = container.format.name
    if form.startswith("mov"):
        _refuse_cut_off_boxes(path)
    if len(container.streams) > MAX_STREAMS:
        raise Refused(f"The file has {len(container.streams)} streams; at most {MAX_STREAMS} are read.")
    pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    picture = pictures[0] if pictures else None
    sound = container.streams.audio[0] if container.streams.audio else None
    if picture is None and sound is None:
        raise Refused("The file holds neither picture nor sound.")
    if picture is not None and picture.width * picture.height > max_pixels:
        raise Refused(
            f"The picture has {picture.width}x{picture.height} pixels; at most {max_pixels / 1e6:g} million are read."
        )
    still = form.endswith("_pipe")
    first, ends, counts = _read_through(container, [s for s in (picture, sound) if s is not None], max_pixels, still)
    start = (container.start_time or 0) / av.time_base
    if form.startswith(STATES_TRUE_LENGTH) and container.duration is not None:
        promised = container.duration / av.time_base
        if promised - (max(ends.values(), default=0.0) - start) > MISSING_TAIL_SECONDS + 0.05 * promised:
            raise Refused(_CUT_OFF)
    has_audio = sound is not None and sound.index in first
    if picture is None:
        if not has_audio or sound is None:
            raise Refused("The sound in the file can't be decoded.")
        return _described("audio", ends[sound.index] - start, None, None, sound)
    frame = first.get(picture.index)
    if frame is None:
        raise Refused(
            "The picture in the file can't be decoded: it is damaged, "
            f"or has more than {max_pixels / 1e6:g} million pixels."
        )
    if still or (counts[picture.index] == 1 and not has_audio):
        return _described("image", 0.0, picture, frame, None)
    return _described("video", ends[picture.index] - start, picture, frame, sound if has_audio else None)


def _described(kind: str, seconds: float, stream: Any, frame: Any, sound: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "file_type": kind,
        "duration": round(max(0.0, seconds), 6),
        "has_audio": sound is not None,
        "audio_channels": sound.codec_context.channels if sound is not None else 0,
    }
    if stream is None:
        return facts | {"width": 0, "height": 0, "fps": 0.0, "video_codec": ""}
    aspect = stream.sample_aspect_ratio or 1
    width, height = round(frame.width * aspect), frame.height
    if frame.rotation % 180:
        width, height = height, width
    rate = stream.average_rate or stream.guessed_rate or 0
    return facts | {
        "width": width,
        "height": height,
        "fps": 0.0 if kind == "image" else round(float(rate), 5),
        "video_codec": stream.codec_context.name,
        "matrix": MATRICES.get(int(frame.colorspace), ""),
        "transfer": HDR_TRANSFERS.get(int(frame.color_trc), ""),
    }


def _read_through(
    container: Any, streams: list[Any], max_pixels: int, strict: bool
) -> tuple[dict[int, Any], dict[int, float], dict[int, int]]:
    """Every packet of the streams: their first frames, their ends in seconds, their numbers of packets."""
    first: dict[int, Any] = {}
    ends: dict[int, float] = {}
    counts: dict[int, int] = {}
    for stream in streams:
        context = stream.codec_context
        context.thread_count = 1
        if stream.type == "video":
            # In a still the first frame is all there is, so damage in it is not forgiven.
            context.options = {"max_pixels": str(max_pixels)} | ({"err_detect": "explode"} if strict else {})
    try:
        for packet in container.demux(streams):
            index = packet.stream.index
            if index not in first:
                frames = _decoded(packet)
                if frames:
                    first[index] = frames[0]
            if packet.size == 0:
                continue
            counts[index] = counts.get(index, 0) + 1
            at = packet.pts if packet.pts is not None else packet.dts
            if at is not None:
                end = float((at + _length(packet)) * packet.time_base)
                ends[index] = max(ends.get(index, 0.0), end)
    except av.error.FFmpegError as broken:
        raise Refused("The file is damaged: it can't be read to its end. Export it again.") from broken
    for stream in streams:
        ends.setdefault(stream.index, 0.0)
        counts.setdefault(stream.index, 0)
    return first, ends, counts


def _decoded(packet: Any) -> list[Any]:
    """The frames of a packet; a damaged one has none, and a later one may be whole."""
    try:
        return list(packet.decode())
    except (av.error.FFmpegError, ValueError):
        return []


def _length(packet: Any) -> int:
    """A packet's duration in its own time base; Matroska often leaves the last one out."""
    if packet.duration:
        return int(packet.duration)
    rate = packet.stream.average_rate if packet.stream.type == "video" else None
    return int(1 / rate / packet.time_base) if rate else 0


_CUT_OFF = "The file ends before its data does: it was cut off on its way here. Upload it again."


def _refuse_cut_off_boxes(path: str) -> None:
    """FFmpeg plays an MP4 that lost its end without a word; the sizes in its top-level boxes tell."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        at = 0
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length == 0:
                return
            if name in (b"mdat", b"moov", b"moof") and at + length > size:
                raise Refused(_CUT_OFF)
            at += max(length, 8)


def main() -> None:
    path, formats, protocols, max_pixels = sys.argv[1:]
    try:
        facts = probe(path, formats, protocols, int(max_pixels))
    except Refused as reason:
        facts = {"refused": str(reason)}
    except MemoryError:
        facts = {"refused": "The file needs too much memory to be decoded. Make it smaller."}
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
