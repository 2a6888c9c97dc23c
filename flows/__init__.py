"""What an operator runs; reads aloud."""

from prefect_nemovideo.flows.answer_request import answer_request
from prefect_nemovideo.flows.edit_batch import edit_batch
from prefect_nemovideo.flows.edit_video import edit_video
from prefect_nemovideo.flows.refine_session import refine_session

__all__ = ["answer_request", "edit_batch", "edit_video", "refine_session"]
