"""Sound: the clips' own, music under it, and their mix."""

from __future__ import annotations

from typing import Final

from prefect_nemovideo.emulator.renderer.beds import SAMPLE_RATE, bed_source
from prefect_nemovideo.emulator.renderer.draft import BED_PREFIX, AudioSegment, Draft, SoundSettings, VideoSegment
from prefect_nemovideo.emulator.renderer.errors import BadDraft
from prefect_nemovideo.emulator.renderer.graph import Graph, Sources, read_from, source_of
from prefect_nemovideo.emulator.renderer.pieces import Piece

FORM: Final = "aformat=sample_fmts=fltp:channel_layouts=stereo"
# The AAC encoder was seen to raise the peaks of a limited mix by 2 %; decoded, they stay below full scale.
CEILING: Final = 0.9
# In dB; what loudnorm may reach between samples.
TRUE_PEAK_DB: Final = -1.5
LOUDNESS_RANGE: Final = 11
# atempo is clean within these factors; more is done in several steps.
CLEAN_TEMPO: Final = (0.5, 2.0)


def silence(graph: Graph, samples: int, target: str) -> str:
    """So many samples of nothing."""
    return graph.chain((), [f"anullsrc=r={SAMPLE_RATE}:cl=stereo", f"atrim=end_sample={samples}", FORM], target)


def sound(graph: Graph, source: str, piece: Piece, lead: float, channels: int, target: str) -> str:
    """Exactly `piece.samples` samples of a clip's own sound, cut where its picture is cut."""
    assert piece.segment is not None
    filters = _filters(piece.segment.settings, lead, piece.samples, channels)
    return graph.chain([source], filters, target)


def music(graph: Graph, segment: AudioSegment, sources: Sources, total: int, target: str) -> str:
    """A segment of an audio track: silence up to its start, then itself, cut off where the picture ends.

    Raises:
        BadDraft: the file has no sound.
    """
    start = segment.start * SAMPLE_RATE // 1000
    samples = min(segment.end * SAMPLE_RATE // 1000, total) - start
    settings = segment.settings
    placed = [f"adelay={start}S:all=1"] if start else []
    if segment.src.startswith(BED_PREFIX):
        bed = graph.chain((), [bed_source(segment.src.removeprefix(BED_PREFIX))], f"{target}s")
        return graph.chain([bed], [*_filters(settings, settings.source_start / 1000, samples, 1), *placed], target)
    path, probed = source_of(segment.src, sources)
    if not probed.has_audio:
        raise BadDraft(f"The draft can't be rendered: {segment.src!r} on an audio track has no sound.")
    used = samples / SAMPLE_RATE * settings.speed
    if settings.loop:
        # Looped inputs can't be entered in the middle, so what is before `in` is read and thrown away.
        lead = settings.source_start / 1000
        options: tuple[str, ...] = ("-stream_loop", "-1", "-t", f"{lead + used + 1:.6f}")
    else:
        lead, options = read_from(settings.source_start / 1000, used)
    number = graph.open(path, "-vn", *options)
    return graph.chain([f"{number}:a:0"], [*_filters(settings, lead, samples, probed.audio_channels), *placed], target)


def mix(graph: Graph, labels: list[str], total: int, loudness: float | None, amplified: bool, target: str) -> str:
    """All sounds together, without clipping, at the wanted loudness, exactly `total` samples long."""
    filters = []
    if len(labels) > 1:
        # Not normalised: 35 % shall mean 35 % whatever else plays.
        filters.append(f"amix=inputs={len(labels)}:duration=first:normalize=0")
    if len(labels) > 1 or amplified:
        filters.append(f"alimiter=limit={CEILING}:level=0:latency=1")
    if loudness is not None:
        # It works at 192 kHz inside.
        filters += [f"loudnorm=I={loudness:g}:TP={TRUE_PEAK_DB}:LRA={LOUDNESS_RANGE}", f"aresample={SAMPLE_RATE}"]
    return graph.chain(labels, [*filters, "apad", f"atrim=end_sample={total}", FORM], target)


def is_audible(segment: VideoSegment | None, sources: Sources) -> bool:
    """Whether a segment of the video track has a sound of its own, and it isn't muted."""
    return segment is not None and segment.settings.volume > 0 and source_of(segment.src, sources)[1].has_audio


def is_heard(draft: Draft, sources: Sources) -> bool:
    """Whether anything on the timeline can be heard at all."""
    return any(is_audible(s, sources) for s in draft.videos) or any(s.settings.volume for s in draft.sounds)


def soundtrack(graph: Graph, draft: Draft, sources: Sources, parts: list[Piece], own: str, target: str) -> str:
    """The clips' own sound, at a label, and all music, as one."""
    total = sum(part.samples for part in parts)
    labels = [own]
    for number, segment in enumerate(draft.sounds):
        if segment.settings.volume and segment.start < draft.length:
            labels.append(music(graph, segment, sources, total, f"m{number}"))
    volumes = [s.settings.volume for s in draft.videos] + [s.settings.volume for s in draft.sounds]
    amplified = any(volume > 100 for volume in volumes)
    return mix(graph, labels, total, draft.canvas.loudness, amplified, target)


def _filters(settings: SoundSettings, lead: float, samples: int, channels: int) -> list[str]:
    seconds = samples / SAMPLE_RATE
    filters = [
        # Fills holes and a late start with silence, so that sound stays with its picture.
        f"aresample={SAMPLE_RATE}:async=1:first_pts=0",
        # FFmpeg's own way from one channel to two takes 3 dB off.
        *(["pan=stereo|c0=c0|c1=c0"] if channels == 1 else []),
        FORM,
        f"atrim=start={lead:.6f}:end={lead + seconds * settings.speed:.6f}",
        "asetpts=PTS-STARTPTS",
        *_tempo(settings.speed),
        f"volume={settings.volume / 100:.4f}",
        "apad",
        f"atrim=end_sample={samples}",
    ]
    if settings.fade_in:
        filters.append(f"afade=t=in:d={min(settings.fade_in / 1000, seconds):.6f}")
    if settings.fade_out:
        length = min(settings.fade_out / 1000, seconds)
        filters.append(f"afade=t=out:st={seconds - length:.6f}:d={length:.6f}")
    return filters


def _tempo(speed: float) -> list[str]:
    """Faster or slower at the same pitch."""
    filters = []
    slowest, fastest = CLEAN_TEMPO
    while speed > fastest:
        filters.append(f"atempo={fastest}")
        speed /= fastest
    while speed < slowest:
        filters.append(f"atempo={slowest}")
        speed /= slowest
    return filters if speed == 1 else [*filters, f"atempo={speed:.6f}"]
