"""The video track cut into pieces that lie on whole frames, gaps included."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from prefect_nemovideo.emulator.renderer.beds import SAMPLE_RATE
from prefect_nemovideo.emulator.renderer.draft import Draft, VideoSegment


@dataclass(frozen=True)
class Piece:
    """A run of output frames from one segment, or from none (a gap: black and silent).

    Attributes:
        segment: where the frames come from.
        first: number of its first frame in the result.
        end: number of the frame behind its last.
        rate: frames a second.
    """

    segment: VideoSegment | None
    first: int
    end: int
    rate: Fraction

    @property
    def frames(self) -> int:
        """How many frames it fills."""
        return self.end - self.first

    @property
    def samples(self) -> int:
        """How many sound samples it fills; rounded so that the pieces together never drift from the picture."""
        return round(self.end / self.rate * SAMPLE_RATE) - round(self.first / self.rate * SAMPLE_RATE)


def pieces(draft: Draft, rate: Fraction) -> list[Piece]:
    """All frames of the result in order. A segment too short for one frame has no piece."""
    found: list[Piece] = []
    at = 0
    for segment in draft.videos:
        first, end = (round(Fraction(edge, 1000) * rate) for edge in (segment.start, segment.end))
        if first > at:
            found.append(Piece(None, at, first, rate))
        if end > first:
            found.append(Piece(segment, first, end, rate))
        at = end
    return found
