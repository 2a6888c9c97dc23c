"""What can go wrong in the renderer, sorted by what the caller can do about it.

Exception
├── NotMedia       the upload is refused: ask for another file
├── BadDraft       the draft or the output wish is refused: change it, then render again
└── RenderError    the draft was right and the rendering failed: see the reason, render again
"""

from __future__ import annotations


class NotMedia(Exception):
    """The file is not a video, image or sound that can be edited; the message is a sentence for a person."""


class BadDraft(Exception):
    """The draft, or the output asked for, holds something that can't be rendered; the message names it."""


class RenderError(Exception):
    """FFmpeg was started and did not finish the job.

    Attributes:
        exit_code: FFmpeg's exit code; negative is the signal that ended it; None when it was stopped by us.
        log: the last lines FFmpeg wrote, for a log file rather than for a person.
    """

    def __init__(self, message: str, *, exit_code: int | None = None, log: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.log = log
