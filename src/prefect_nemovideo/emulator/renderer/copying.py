"""A film to whose picture nothing is done: its frames are handed on as they are, and not compressed a second time."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from prefect_nemovideo.emulator.renderer import audio_graph, video_graph
from prefect_nemovideo.emulator.renderer.check import read_draft
from prefect_nemovideo.emulator.renderer.draft import Draft, SoundSettings, VideoSegment, VideoSettings
from prefect_nemovideo.emulator.renderer.encoding import CODECS, container, sound_encoding
from prefect_nemovideo.emulator.renderer.graph import Graph, Sources, source_of
from prefect_nemovideo.emulator.renderer.output import Output, frame_rate
from prefect_nemovideo.emulator.renderer.pieces import Piece, pieces
from prefect_nemovideo.emulator.renderer.plan import Plan
from prefect_nemovideo.emulator.renderer.probe import ProbedFile
from prefect_nemovideo.emulator.renderer.stills import add_stills

# What a segment may say without a trace in its picture.
SAYS_NOTHING_OF_THE_PICTURE: Final = {"title", "volume"}
# The other qualities are asked for to get a smaller file.
QUALITY_THAT_COPIES: Final = "high"


def plan_copy(document: dict[str, Any], sources: Sources, output: Output) -> Plan | None:
    """The command that copies the picture, and the sound too if nothing is done to that; None if it can't be so.

    The picture is decoded once all the same: for the stills, and because a damaged one must not be passed on as a
    result. FFmpeg then fails, and the film is rendered after all.
    """
    draft = read_draft(document)
    if output.quality != QUALITY_THAT_COPIES or len(draft.videos) != 1 or draft.texts:
        return None
    [segment] = draft.videos
    path, probed = source_of(segment.src, sources)
    rate = frame_rate(output.fps if output.fps is not None else draft.canvas.fps)
    size = output.size(draft.canvas.width, draft.canvas.height)
    parts = pieces(draft, rate)
    if not _is_untouched(segment, parts, probed, rate, size) or probed.video_codec != CODECS[output.format][0]:
        return None
    graph = Graph()
    strict = ("-err_detect", "explode")
    picture = graph.open(path, *strict)
    graph.chains.append(f"[{picture}:v:0]{','.join(video_graph.normal(probed))},split=2[one][some]")
    stills = add_stills(graph, "one", "some", size, parts[0].frames)
    maps = ["-map", f"{picture}:v:0", "-c:v", "copy", *_sound(graph, draft, sources, parts, picture, output)]
    result = f"result.{output.format}"
    arguments = ["-xerror", *graph.inputs, "-filter_complex", ";".join(graph.chains), *maps]
    arguments += [*container(output, float(parts[0].frames / rate)), result, *stills]
    return Plan(tuple(arguments), graph.links, {}, result, *size, parts[0].frames, rate)


def _is_untouched(
    segment: VideoSegment, parts: list[Piece], probed: ProbedFile, rate: Fraction, size: tuple[int, int]
) -> bool:
    """Whether every frame of the source, and nothing else, is wanted, as it is."""
    settings = segment.settings.model_dump(exclude=SAYS_NOTHING_OF_THE_PICTURE)
    return (
        probed.plain_picture
        and settings == VideoSettings().model_dump(exclude=SAYS_NOTHING_OF_THE_PICTURE)
        and (probed.width, probed.height) == size
        and frame_rate(probed.fps) == rate
        and len(parts) == 1
        and (parts[0].first, parts[0].frames) == (0, probed.frames)
    )


def _sound(graph: Graph, draft: Draft, sources: Sources, parts: list[Piece], picture: int, output: Output) -> list[str]:
    """The arguments of the sound: none, that of the source as it is, or a mix."""
    [segment] = draft.videos
    probed = source_of(segment.src, sources)[1]
    if not audio_graph.is_heard(draft, sources):
        return ["-an"]
    alone = not any(sound.settings.volume for sound in draft.sounds) and draft.canvas.loudness is None
    wanted = SoundSettings().volume == segment.settings.volume and CODECS[output.format][1] == probed.audio_codec
    if alone and wanted and probed.plain_sound:
        return ["-map", f"{picture}:a:0", "-c:a", "copy"]
    own = f"{picture}:a:0"
    if audio_graph.is_audible(segment, sources):
        audio_graph.sound(graph, own, parts[0], 0.0, probed.audio_channels, "own")
    else:
        audio_graph.silence(graph, parts[0].samples, "own")
    audio_graph.soundtrack(graph, draft, sources, parts, "own", "audio")
    return ["-map", "[audio]", *sound_encoding(output)]
