"""The emulator's renderer: a draft and its source files become a real video file.

It stands on its own: no Prefect, no API client, only FFmpeg (as a program of its own), PyAV (in a child
process) and Pillow. One render uses all cores; to run one at a time is the caller's decision.
"""

from prefect_nemovideo.emulator.renderer.check import check_draft
from prefect_nemovideo.emulator.renderer.errors import BadDraft, NotMedia, RenderError
from prefect_nemovideo.emulator.renderer.limits import Limits
from prefect_nemovideo.emulator.renderer.output import Output
from prefect_nemovideo.emulator.renderer.probe import ProbedFile, probe_upload
from prefect_nemovideo.emulator.renderer.render import STILLS, Rendered, render, still_of
from prefect_nemovideo.emulator.renderer.stills import POSTER_NAME, SHEET_NAME

__all__ = [
    "POSTER_NAME",
    "SHEET_NAME",
    "STILLS",
    "BadDraft",
    "Limits",
    "NotMedia",
    "Output",
    "ProbedFile",
    "RenderError",
    "Rendered",
    "check_draft",
    "probe_upload",
    "render",
    "still_of",
]
