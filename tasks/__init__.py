"""One retryable step of the API each."""

from prefect_nemovideo.tasks.archive import archive_video
from prefect_nemovideo.tasks.downloads import download_video, verify_video
from prefect_nemovideo.tasks.edits import apply_edit
from prefect_nemovideo.tasks.jobs import Job
from prefect_nemovideo.tasks.renders import submit_render, wait_for_render
from prefect_nemovideo.tasks.sessions import check_credits, open_session, read_timeline
from prefect_nemovideo.tasks.uploads import upload_video

__all__ = [
    "Job",
    "apply_edit",
    "archive_video",
    "check_credits",
    "download_video",
    "open_session",
    "read_timeline",
    "submit_render",
    "upload_video",
    "verify_video",
    "wait_for_render",
]
