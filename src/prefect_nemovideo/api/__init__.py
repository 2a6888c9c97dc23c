"""The client of the NemoVideo API. Needs neither Prefect nor S3."""

from prefect_nemovideo.api.client import NemoVideo
from prefect_nemovideo.api.edits import EditResult
from prefect_nemovideo.api.errors import NemoVideoError
from prefect_nemovideo.api.models import OutputSpec, RenderState, Session, SessionState, UploadedFile
from prefect_nemovideo.api.settings import Settings

__all__ = [
    "EditResult",
    "NemoVideo",
    "NemoVideoError",
    "OutputSpec",
    "RenderState",
    "Session",
    "SessionState",
    "Settings",
    "UploadedFile",
]
