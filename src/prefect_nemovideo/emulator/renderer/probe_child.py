"""The program that opens a stranger's file; `probe.py` runs it by file name, in a process of its own.

It imports nothing of this package, so it starts quickly and holds nothing worth taking over. Arguments: the
file, the allowed formats, the allowed protocols, the most pixels of a frame. It prints one JSON object: either
the fields of `ProbedFile`, or `{"refused": "a sentence for a person"}`.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from fractions import Fraction
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
# What can be copied into a film for any player.
PLAIN_FORMAT = "yuv420p"
# How far, as a share of the time between two pictures, one may be from its even place, and sound from the picture's
# start and end in seconds: containers round.
UNEVENNESS = 0.25
SOUND_OFFSET_SECONDS = 0.1


class Refused(Exception):
    """The file can't be used, and why."""


@dataclass
class Track:
    """What reading a stream to its end told of it; times are seconds."""

    first: Any = None
    """Its first frame, None if none can be decoded."""
    packets: int = 0
    start: float | None = None
    end: float = 0.0
    dates: list[int] = field(default_factory=list)
    """When each picture is shown, in the stream's own time base."""
    is_whole: bool = True
    """Every packet is dated, meant to be shown, and whole; the first can be decoded without others."""


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
    tracks = _read_through(container, [s for s in (picture, sound) if s is not None], max_pixels, still)
    start = (container.start_time or 0) / av.time_base
    if form.startswith(STATES_TRUE_LENGTH) and container.duration is not None:
        promised = container.duration / av.time_base
        end = max(track.end for track in tracks.values())
        if promised - (end - start) > MISSING_TAIL_SECONDS + 0.05 * promised:
            raise Refused(_CUT_OFF)
    heard = tracks[sound.index] if sound is not None else None
    if heard is None or heard.first is None:
        heard = sound = None
    if picture is None:
        if heard is None:
            raise Refused("The sound in the file can't be decoded.")
        return {**_length_and_size("audio", heard.end - start), **_sound(sound, heard, None)}
    seen = tracks[picture.index]
    if seen.first is None:
        raise Refused(
            "The picture in the file can't be decoded: it is damaged, "
            f"or has more than {max_pixels / 1e6:g} million pixels."
        )
    if still or (seen.packets == 1 and sound is None):
        return {**_length_and_size("image", 0.0), **_picture(picture, seen, 0.0, start)}
    rate = picture.average_rate or picture.guessed_rate or Fraction(0)
    return {
        **_length_and_size("video", seen.end - start),
        **_picture(picture, seen, rate, start),
        **(_sound(sound, heard, seen) if heard is not None else {}),
    }


def _length_and_size(kind: str, seconds: float) -> dict[str, Any]:
    """What every file has; the rest comes on top."""
    facts = {"file_type": kind, "duration": round(max(0.0, seconds), 6), "has_audio": False, "video_codec": ""}
    return facts | {"width": 0, "height": 0, "fps": 0.0}


def _sound(stream: Any, track: Track, picture: Track | None) -> dict[str, Any]:
    offset = max(abs((track.start or 0) - (picture.start or 0)), abs(track.end - picture.end)) if picture else 0.0
    return {
        "has_audio": True,
        "audio_channels": stream.codec_context.channels,
        "audio_codec": stream.codec_context.codec.canonical_name,
        "plain_sound": track.is_whole and offset <= SOUND_OFFSET_SECONDS,
    }


def _picture(stream: Any, track: Track, rate: Fraction | float, start: float) -> dict[str, Any]:
    frame = track.first
    aspect = stream.sample_aspect_ratio or 1
    width, height = round(frame.width * aspect), frame.height
    if frame.rotation % 180:
        width, height = height, width
    transfer = HDR_TRANSFERS.get(int(frame.color_trc), "")
    is_square_and_upright = (frame.rotation, aspect, frame.interlaced_frame) == (0, 1, False)
    return {
        "width": width,
        "height": height,
        "fps": round(float(rate), 5),
        "frames": track.packets,
        "video_codec": stream.codec_context.name,
        "matrix": MATRICES.get(int(frame.colorspace), ""),
        "transfer": transfer,
        "plain_picture": track.is_whole
        and is_square_and_upright
        and not transfer
        and stream.pix_fmt == PLAIN_FORMAT
        and _is_even(track.dates, stream.time_base, float(rate), start),
    }


def _is_even(dates: list[int], time_base: Fraction, rate: float, start: float) -> bool:
    """Whether pictures follow each other at one pace from the very start."""
    if not rate:
        return False
    return all(
        abs((date * float(time_base) - start) * rate - number) < UNEVENNESS for number, date in enumerate(sorted(dates))
    )


def _read_through(container: Any, streams: list[Any], max_pixels: int, strict: bool) -> dict[int, Track]:
    """What every packet of the streams, and the first frame of each, tell."""
    tracks = {stream.index: Track() for stream in streams}
    for stream in streams:
        context = stream.codec_context
        context.thread_count = 1
        if stream.type == "video":
            # In a still the first frame is all there is, so damage in it is not forgiven.
            context.options = {"max_pixels": str(max_pixels)} | ({"err_detect": "explode"} if strict else {})
    try:
        for packet in container.demux(streams):
            track = tracks[packet.stream.index]
            if track.first is None:
                track.first = next(iter(_decoded(packet)), None)
            if packet.size:
                _count(track, packet)
    except av.error.FFmpegError as broken:
        raise Refused("The file is damaged: it can't be read to its end. Export it again.") from broken
    return tracks


def _count(track: Track, packet: Any) -> None:
    # AAC opens with a packet that only winds the decoder up; the one of a picture would be seen.
    is_picture = packet.stream.type == "video"
    hidden = packet.pts is None or packet.is_corrupt or (is_picture and packet.is_discard)
    track.is_whole = track.is_whole and not hidden and (track.packets > 0 or packet.is_keyframe)
    track.packets += 1
    at = packet.pts if packet.pts is not None else packet.dts
    if at is None:
        return
    if is_picture:
        track.dates.append(at)
    began = float(at * packet.time_base)
    track.start = began if track.start is None else min(track.start, began)
    track.end = max(track.end, float((at + _length(packet)) * packet.time_base))


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
