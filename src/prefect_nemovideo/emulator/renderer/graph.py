"""The pieces of an FFmpeg command while they are put together: inputs, and chains of filters between labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prefect_nemovideo.emulator.renderer.errors import BadDraft
from prefect_nemovideo.emulator.renderer.limits import INPUT_FORMATS, INPUT_PROTOCOLS, MAX_INPUT_PIXELS
from prefect_nemovideo.emulator.renderer.probe import ProbedFile

Sources = Mapping[str, tuple[Path, ProbedFile]]

# Reading starts this much ahead of a cut: the frame on display at the cut may have started before it, and a
# sound decoder needs a few packets to settle.
LEAD_SECONDS = 0.5


@dataclass
class Graph:
    """An FFmpeg command under construction.

    Attributes:
        links: neutral names in the work folder, and the files they stand for.
        inputs: the arguments of all inputs.
        chains: of the filter graph.
    """

    links: dict[str, Path] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    chains: list[str] = field(default_factory=list)
    _opened: int = 0

    def open(self, path: Path, *options: str) -> int:
        """Add a source file as an input under a name of ours; the input's number."""
        name = next((name for name, known in self.links.items() if known == path), f"source{len(self.links)}")
        self.links[name] = path
        return self.open_own(name, *options)

    def open_own(self, name: str, *options: str) -> int:
        """Add a file of the work folder as an input; the input's number."""
        guards = ("-protocol_whitelist", INPUT_PROTOCOLS, "-format_whitelist", INPUT_FORMATS)
        self.inputs += [*options, *guards, "-max_pixels", str(MAX_INPUT_PIXELS), "-i", f"file:{name}"]
        self._opened += 1
        return self._opened - 1

    def chain(self, sources: Iterable[str], filters: Iterable[str], target: str) -> str:
        """Add a chain of filters from labels to a label; the target's label."""
        into = "".join(f"[{label}]" for label in sources)
        self.chains.append(f"{into}{','.join(filters)}[{target}]")
        return target


def source_of(src: str, sources: Sources) -> tuple[Path, ProbedFile]:
    """The file behind a segment's `src`.

    Raises:
        BadDraft: it isn't among the sources.
    """
    try:
        return sources[src]
    except KeyError:
        raise BadDraft(f"The draft can't be rendered: src {src!r} is not a file of this session.") from None


def read_from(start: float, length: float) -> tuple[float, tuple[str, ...]]:
    """The lead before the wanted start in seconds, and the input options that read lead, length and a bit more."""
    lead = min(start, LEAD_SECONDS)
    return lead, ("-ss", f"{start - lead:.6f}", "-t", f"{lead + length + LEAD_SECONDS:.6f}")
