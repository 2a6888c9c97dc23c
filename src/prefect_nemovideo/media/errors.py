"""What can be wrong with a file.

MediaError                `reason` is a sentence
├── NotMedia              not a picture, film or sound that we know, or its header is not there
└── Corrupt               media, but damaged or incomplete
"""

from __future__ import annotations


class MediaError(Exception):
    """A file is not what it should be; `reason` says why, in a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotMedia(MediaError):
    """The file can't be opened as any supported kind of media."""


class Corrupt(MediaError):
    """The file is media, but it is incomplete or its content is damaged."""
