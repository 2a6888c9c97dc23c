"""What a timeline is made of: tracks, and the segments on them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prefect_nemovideo.api.values import seconds
from prefect_nemovideo.api.volume import Volume


class Kind(StrEnum):
    """What a track holds."""

    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    UNKNOWN = "unknown"


_LABELS = {Kind.VIDEO: "Video", Kind.AUDIO: "BGM", Kind.TEXT: "Title"}


@dataclass(frozen=True, slots=True)
class Segment:
    """One clip, sound or text on a track. Times in whole milliseconds; a volume that is None is not told."""

    kind: Kind
    title: str
    start_ms: int
    duration_ms: int
    volume: Volume | None = None
    id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms


@dataclass(frozen=True, slots=True)
class Track:
    """Segments of one kind, in the order of the draft. `type` is the draft's own `tt`."""

    kind: Kind
    type: str
    title: str
    segments: tuple[Segment, ...]
    volume: Volume | None = None
    id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """As in the timeline's summary: `BGM: Lo-fi (0-10s, 35%)`."""
        label = _LABELS.get(self.kind, f"Type {self.type}" if self.type else "Other")
        if not self.segments:
            return f"{label}: {self.title or 'untitled'} (empty)"
        names = [quoted(segment) for segment in self.segments]
        named = names[0] if len(names) == 1 else f"{names[0]} + {len(names) - 1} more"
        start, end = min(s.start_ms for s in self.segments), max(s.end_ms for s in self.segments)
        volume = self.segments[0].volume if self.kind is Kind.AUDIO else None
        loud = "" if volume is None else f", {volume.in_summary}"
        return f"{label}: {named} ({seconds(start)}-{seconds(end)}s{loud})"


def quoted(segment: Segment) -> str:
    """A segment's name as people read it: texts in quotes, others as they are."""
    if segment.kind is Kind.TEXT and segment.title:
        return json.dumps(segment.title, ensure_ascii=False)
    return segment.title or "untitled"
