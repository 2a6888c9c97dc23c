"""What an operator runs; reads aloud."""

from prefect_nemovideo.flows.edit_video import edit_video

__all__ = ["edit_video"]
