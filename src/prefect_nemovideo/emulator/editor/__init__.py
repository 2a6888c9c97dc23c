"""The emulator's editor: plain-language instructions change a draft. Pure functions, no I/O.

Example:
    >>> draft = add_upload(new_draft("project"), UploadedFile("file_1", "clip.mp4", "video", 4000, 1280, 720, 30.0))
    >>> answer = respond("upscale this video to 4K and sharpen the details", draft, [])
    >>> answer.reply
    'Done: canvas 3840x2160 (4K); sharpening 0.8.'
"""

from prefect_nemovideo.emulator.editor.agent import Answer, respond
from prefect_nemovideo.emulator.editor.draft import add_upload, new_draft
from prefect_nemovideo.emulator.editor.files import UploadedFile

__all__ = ["Answer", "UploadedFile", "add_upload", "new_draft", "respond"]
