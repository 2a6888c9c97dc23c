"""From a draft to one FFmpeg command; pure: it reads and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from prefect_nemovideo.emulator.renderer import audio_graph, video_graph
from prefect_nemovideo.emulator.renderer.check import check_draft, read_draft
from prefect_nemovideo.emulator.renderer.draft import Draft, VideoSegment
from prefect_nemovideo.emulator.renderer.encoding import container, picture_encoding, sound_encoding
from prefect_nemovideo.emulator.renderer.errors import BadDraft
from prefect_nemovideo.emulator.renderer.graph import Graph, Sources, read_from, source_of
from prefect_nemovideo.emulator.renderer.output import QUALITIES, Output, frame_rate
from prefect_nemovideo.emulator.renderer.pieces import Piece, pieces
from prefect_nemovideo.emulator.renderer.probe import ProbedFile
from prefect_nemovideo.emulator.renderer.stills import add_stills
from prefect_nemovideo.emulator.renderer.titles import Title

# A timeline counts whole milliseconds and a file whole frames: this much may be asked for beyond a source's end.
END_TOLERANCE_SECONDS: Final = 0.1
COLOR_TAGS: Final = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


@dataclass(frozen=True)
class Plan:
    """Everything FFmpeg needs for one render.

    Attributes:
        arguments: FFmpeg's arguments from the first input to the last output's name.
        links: names in the work folder, and the source files they stand for.
        titles: names in the work folder, and the texts to draw there.
        result: the output's name in the work folder.
        width: of the result, in pixels.
        height: likewise.
        frames: of the result.
        rate: frames a second.
    """

    arguments: tuple[str, ...]
    links: Mapping[str, Path]
    titles: Mapping[str, Title]
    result: str
    width: int
    height: int
    frames: int
    rate: Fraction

    @property
    def seconds(self) -> float:
        """The length of the result."""
        return float(self.frames / self.rate)


def plan_render(document: dict[str, Any], sources: Sources, output: Output, *, threads: int = 0) -> Plan:
    """Turn a draft into one FFmpeg command.

    Args:
        document: the draft as JSON.
        sources: the files by their id.
        output: what to deliver.
        threads: of the encoder; 0 is every core.

    Raises:
        BadDraft: the draft can't be rendered; the message names the key, value or file.
    """
    check_draft(document, sources)
    draft = read_draft(document)
    rate = frame_rate(output.fps if output.fps is not None else draft.canvas.fps)
    size = output.size(draft.canvas.width, draft.canvas.height)
    frame = video_graph.Frame(*size, draft.canvas.fit, QUALITIES[output.quality].scaler)
    parts = pieces(draft, rate)
    if not parts:
        raise BadDraft(f"The draft can't be rendered: {draft.length} ms is shorter than one frame.")
    graph = Graph()
    audible = audio_graph.is_heard(draft, sources)
    labels: list[str] = []
    for number, part in enumerate(parts):
        labels += _piece(graph, number, part, frame, sources, audible)
    streams = "v=1:a=1[picture][own]" if audible else "v=1:a=0[picture]"
    graph.chains.append("".join(f"[{label}]" for label in labels) + f"concat=n={len(parts)}:{streams}")
    titles, shown = _titles(graph, draft, rate, size)
    graph.chains.append(f"[{shown}]format=yuv420p,{COLOR_TAGS},split=3[video][one][some]")
    stills = add_stills(graph, "one", "some", size, parts[-1].end)
    encoded = ["-map", "[video]", *picture_encoding(output, threads)]
    if audible:
        audio_graph.soundtrack(graph, draft, sources, parts, "own", "audio")
        encoded += ["-map", "[audio]", *sound_encoding(output)]
    result = f"result.{output.format}"
    arguments = [*graph.inputs, "-filter_complex", ";".join(graph.chains), *encoded]
    arguments += [*container(output, float(parts[-1].end / rate)), result, *stills]
    return Plan(tuple(arguments), graph.links, titles, result, *size, parts[-1].end, rate)


def _piece(
    graph: Graph, number: int, piece: Piece, frame: video_graph.Frame, sources: Sources, audible: bool
) -> list[str]:
    """One piece of the video track; the labels of its picture and, if anything is heard at all, its sound."""
    segment, target, sound = piece.segment, f"v{number}", f"a{number}"
    if segment is None:
        video_graph.black(graph, piece, frame, target)
        return [target, audio_graph.silence(graph, piece.samples, sound)] if audible else [target]
    path, probed = source_of(segment.src, sources)
    _refuse_misused(segment, probed)
    lead, options = 0.0, tuple[str, ...]()
    if probed.file_type == "video":
        used = float(piece.frames / piece.rate) * segment.settings.speed
        lead, options = read_from(segment.settings.source_start / 1000, used)
    heard = audio_graph.is_audible(segment, sources)
    opened = graph.open(path, *options, *(() if heard else ("-an",)))
    labels = [video_graph.picture(graph, f"{opened}:v:0", piece, probed, lead, frame, target)]
    if heard:
        labels.append(audio_graph.sound(graph, f"{opened}:a:0", piece, lead, probed.audio_channels, sound))
    elif audible:
        labels.append(audio_graph.silence(graph, piece.samples, sound))
    return labels


def _refuse_misused(segment: VideoSegment, probed: ProbedFile) -> None:
    if probed.file_type == "audio":
        raise BadDraft(f"The draft can't be rendered: {segment.src!r} is sound only and can't be a video segment.")
    wanted = (segment.settings.source_start + segment.length * segment.settings.speed) / 1000
    if probed.file_type == "video" and wanted > probed.duration + END_TOLERANCE_SECONDS:
        raise BadDraft(
            f"The draft can't be rendered: a segment uses {segment.src!r} up to {wanted:.3f} s, "
            f"but the file ends at {probed.duration:.3f} s."
        )


def _titles(graph: Graph, draft: Draft, rate: Fraction, size: tuple[int, int]) -> tuple[dict[str, Title], str]:
    """Overlays each text in its time; the pictures to draw, by name, and the label of the last overlay."""
    titles: dict[str, Title] = {}
    label = "picture"
    for number, segment in enumerate(draft.texts):
        name = f"title{number}.png"
        settings = segment.settings
        titles[name] = Title(settings.text, settings.position, settings.size, *size)
        opened = graph.open_own(name)
        x, y = titles[name].place
        # Half a frame ahead, so that a rounded time can't move it by a whole one.
        start, end = ((round(Fraction(edge, 1000) * rate) - 0.5) / float(rate) for edge in (segment.start, segment.end))
        shown = f"enable='gte(t,{start:.6f})*lt(t,{end:.6f})'"
        label = graph.chain([label, f"{opened}:v:0"], [f"overlay={x}:{y}:{shown}"], f"titled{number}")
    return titles, label
