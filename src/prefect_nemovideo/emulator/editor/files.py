"""What the editor knows of an uploaded file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UploadedFile:
    """One upload, as probed. `width`, `height` (pixels, as displayed) and `fps` are empty for audio."""

    id: str
    name: str
    file_type: str  # "video", "image" or "audio"
    duration_ms: int = 0
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool = False

    @property
    def title(self) -> str:
        """The name without its ending, as people call the clip: `city timelapse.mp4` is "city timelapse"."""
        stem, dot, _ending = self.name.rpartition(".")
        return stem if dot and stem else self.name

    @property
    def is_visual(self) -> bool:
        return self.file_type in ("video", "image")
