"""What an operator runs; reads aloud."""

from prefect_nemovideo.flows.edit_video import edit_video
from prefect_nemovideo.flows.refine_session import refine_session

__all__ = ["edit_video", "refine_session"]
